// What the page does once it is there: draws its figures, keeps them in the reader's colours, prints, saves tables.
'use strict';

const CONFIG = {displayModeBar: false, responsive: true};  // plotly's tool bar would lie over legends
const AT_NIGHT = new Map(Object.entries(SETTINGS.at_night));
const AT_DAY = new Map(Object.entries(SETTINGS.at_night).map(([day, night]) => [night, day]));
const night = matchMedia('(prefers-color-scheme: dark)');
const phone = matchMedia('(max-width: 760px)');
const PAPER_WIDTH = 690, PAPER_HEIGHT = 920;  // pixels of a sheet of A4 between its margins

const figures = [...document.querySelectorAll('.plot')];
const recoloured = (part, colours) => JSON.parse(JSON.stringify(part), (_, value) => colours.get(value) ?? value);

// --- figures

function draw(plot) {
  const drawing = recoloured(JSON.parse(plot.nextElementSibling.textContent), night.matches ? AT_NIGHT : new Map());
  if (phone.matches) {  // there is no room beside the lines, and the legend tells the names too
    drawing.layout.margin.r = Math.min(drawing.layout.margin.r, 12);
    drawing.data.forEach(trace => { if (trace.meta == 'name') trace.visible = false; });
  }
  Plotly.newPlot(plot, drawing.data, drawing.layout, CONFIG);
  offerBands(plot);
  if (plot.data.some(trace => trace.meta?.quantity)) offer(plot.parentElement, () => curveRows(plot), plot.id);
}

// Plotly takes the colours anew, and what the reader has zoomed or switched stays.
function recolour(plot, colours, size = {}) {
  const layout = recoloured(plot.layout, colours);
  return Plotly.react(plot, recoloured(plot.data, colours), Object.assign(layout, size), CONFIG);
}

// Buttons, which a keyboard reaches: the bands of two arms at a time, since more cannot be told apart.
function offerBands(plot) {
  const arms = new Map();
  plot.data.forEach((trace, index) => { if (trace.meta?.band) arms.set(trace.meta.band, index); });
  if (!arms.size) return;
  const shown = [...arms.keys()].filter(name => plot.data[arms.get(name)].fill != 'none');
  const row = plot.parentElement.querySelector('.bands');
  row.hidden = false;
  for (const name of arms.keys()) {
    const button = document.createElement('button');
    button.textContent = name;
    button.setAttribute('aria-pressed', shown.includes(name));
    button.onclick = () => {
      const place = shown.indexOf(name);
      if (place >= 0) shown.splice(place, 1); else shown.push(name);
      if (shown.length > 2) shown.shift();
      const fills = [...arms.keys()].map(arm => shown.includes(arm) ? 'tonexty' : 'none');
      Plotly.restyle(plot, {fill: fills}, [...arms.values()]);
      for (const each of row.querySelectorAll('button')) {
        each.setAttribute('aria-pressed', shown.includes(each.textContent));
      }
    };
    row.append(button);
  }
}

// --- numbers to take away

function curveRows(plot) {
  const lines = plot.data.filter(trace => trace.meta?.quantity);
  const values = lines.flatMap(trace => trace.y.map((value, index) => [trace, index + 1, value]));
  const rows = values.filter(([, , value]) => value !== null);
  return [SETTINGS.curve_columns, ...rows.map(([trace, epoch, value]) => [
    unescaped(trace.meta.quantity), unescaped(trace.name), epoch, value])];
}

// Names are escaped for plotly, which takes them for HTML.
const unescaped = text => new DOMParser().parseFromString(text, 'text/html').documentElement.textContent;

const tableRows = table => [...table.rows].map(row => [...row.cells].map(cell => cell.textContent));

function offer(place, rows, name) {
  const button = document.createElement('button');
  button.className = 'save';
  button.textContent = SETTINGS.save;
  button.onclick = () => {
    const quoted = rows().map(cells => cells.map(cell => `"${String(cell).replaceAll('"', '""')}"`).join(','));
    const link = document.createElement('a');
    // The mark at the beginning tells a spreadsheet that this is UTF-8.
    link.href = URL.createObjectURL(new Blob(['\ufeff' + quoted.join('\r\n') + '\r\n'], {type: 'text/csv'}));
    link.download = `${name}.csv`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  place.append(button);
}

for (const table of document.querySelectorAll('table')) {
  const headings = [...table.tHead.rows[0].cells].map(cell => cell.textContent);
  for (const row of table.tBodies[0].rows) {  // on a phone, where a row is a list, each number needs its heading
    [...row.cells].forEach((cell, column) => { cell.dataset.heading = headings[column]; });
  }
  offer(table.closest('.table'), () => tableRows(table), headings[0].replace(/[^\p{L}\p{N}]+/gu, '-'));
}

// --- paper

addEventListener('beforeprint', () => {
  document.querySelectorAll('details').forEach(part => { part.dataset.was = part.open; part.open = true; });
  for (const plot of figures) {
    plot.dataset.height = plot.layout.height;
    const height = Math.min(plot.layout.height, PAPER_HEIGHT);
    recolour(plot, AT_DAY, {width: PAPER_WIDTH, height, autosize: false});
  }
});
addEventListener('afterprint', () => {
  document.querySelectorAll('details').forEach(part => { part.open = part.dataset.was == 'true'; });
  for (const plot of figures) {
    const size = {width: undefined, height: Number(plot.dataset.height), autosize: true};
    recolour(plot, night.matches ? AT_NIGHT : new Map(), size);
  }
});
night.addEventListener('change', () => figures.forEach(plot => recolour(plot, night.matches ? AT_NIGHT : AT_DAY)));

figures.forEach(draw);
