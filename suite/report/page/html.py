"""The form of the report: its frame, its style, and small pieces of HTML. Nothing here knows what is compared.

Whatever is called `text` is escaped here, once; whatever is called `markup` is HTML already.
"""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from suite.files import write_text

THUMBNAIL = 128
"""Pixels a side at most: every picture is part of the page."""

NO_TOOLS = {"displayModeBar": False}
"""Plotly's tool bar would lie over legends, and holds links to the outside; a double click zooms out without it."""


def write_page(
    path: Path, title: str, about: Sequence[str], body: Iterable[str], lang: str, refresh: int | None
) -> Path:
    """Write a page that needs nothing but itself; atomically, since a browser may be reading the one before."""
    from plotly.offline import get_plotlyjs  # slow to import

    page = PAGE.substitute(
        lang=lang,
        refresh=f'<meta http-equiv="refresh" content="{refresh}">' if refresh else "",
        title=html.escape(title),
        about=html.escape(" · ".join(about)),
        style=STYLE,
        plotly=get_plotlyjs(),
        body="\n".join(body),
    )
    write_text(path, page)
    return path


def element(tag: str, text: str, classes: str = "") -> str:
    return f"<{tag}{_classes(classes)}>{html.escape(text)}</{tag}>"


def box(*markup: str, classes: str = "") -> str:
    return f"<div{_classes(classes)}>{''.join(markup)}</div>"


def _classes(names: str) -> str:
    return f' class="{names}"' if names else ""


def link(text: str, target: str) -> str:
    return f'<a href="#{html.escape(target)}">{html.escape(text)}</a>'


def section(text: str, *markup: str, name: str = "", level: int = 3) -> str:
    """A heading and what stands below it; `name` is where a link leads."""
    target = f' id="{html.escape(name)}"' if name else ""
    return f"<section{target}><h{level}>{html.escape(text)}</h{level}>{''.join(markup)}</section>"


def folded(text: str, *markup: str) -> str:
    return f"<details><summary>{html.escape(text)}</summary>{''.join(markup)}</details>"


def code(lines: Iterable[str]) -> str:
    return f"<pre>{html.escape(chr(10).join(lines))}</pre>"


def items(texts: Iterable[str]) -> str:
    return f"<ul>{''.join(element('li', text) for text in texts)}</ul>"


def table(header: Sequence[str], rows: Iterable[Sequence[str]], classes: str = "", yardstick: int | None = None) -> str:
    """Cells of text, marked where they differ from column `yardstick`; wider than the page, it scrolls by itself."""
    head = "".join(element("th", cell) for cell in header)
    lines = ""
    for row in rows:
        usual = None if yardstick is None else row[yardstick]
        marks = ["" if usual in (None, cell) else "differs" for cell in row]
        cells = "".join(element("td", cell, mark) for cell, mark in zip(row[1:], marks[1:], strict=True))
        lines += f"<tr>{element('th', row[0])}{cells}</tr>"
    inner = f"<table{_classes(classes)}><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"
    return box(inner, classes="wide")


def figure(drawing: dict[str, Any], name: str) -> str:
    """A figure of plotly.js; `name` is unique on the page."""
    from plotly.io import to_html

    # Not validated: that takes longer than all the rest, and the tests do it.
    inner: str = to_html(drawing, NO_TOOLS, include_plotlyjs=False, full_html=False, div_id=name, validate=False)
    return box(inner, classes="figure")


def picture(images: NDArray[np.uint8], text: str) -> str:
    """Images [N, S, S, 3] in a row."""
    gap = max(1, images.shape[1] // 24)
    framed = np.pad(images, ((0, 0), (0, 0), (0, gap), (0, 0)), constant_values=255)
    strip = Image.fromarray(np.concatenate(list(framed), axis=1)[:, :-gap])
    strip.thumbnail((len(images) * THUMBNAIL, THUMBNAIL))
    stream = io.BytesIO()
    strip.save(stream, "JPEG", quality=88)
    data = base64.b64encode(stream.getvalue()).decode()
    return f'<img src="data:image/jpeg;base64,{data}" alt="{html.escape(text)}">'


# The policy forbids the browser to load anything at all from anywhere; `blob:` is plotly's own picture for saving.
PAGE = Template("""\
<!DOCTYPE html>
<html lang="$lang">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; \
style-src 'unsafe-inline'; img-src data: blob:">
$refresh
<title>$title</title>
<style>$style</style>
<script>$plotly</script>
</head>
<body>
<header><h1>$title</h1><p class="quiet">$about</p></header>
<main>
$body
</main>
</body>
</html>
""")

# On a touch screen a finger that moves over a figure scrolls the page: on a phone there is no way around a figure.
STYLE = """
:root {
  color-scheme: light; --ink: #24292f; --quiet: #5f6875; --line: #e3e6ea; --paper: #ffffff; --ground: #f6f7f9;
  --better: #1a7f4b; --worse: #b3261e; --open: #5f6875; --few: #9a6700; --base: #3b5b8c;
  --code: ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace;
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 1160px; padding: 28px 24px 80px; background: var(--ground); color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei",
    "Noto Sans CJK SC", sans-serif;
}
h1 { font-size: 27px; line-height: 1.25; margin: 0 0 4px; letter-spacing: -0.01em; }
h2 { font-size: 21px; line-height: 1.3; margin: 52px 0 4px; overflow-wrap: anywhere; }
h3 { font-size: 16px; margin: 34px 0 4px; }
p { margin: 4px 0 10px; max-width: 92ch; overflow-wrap: anywhere; }
a { color: var(--base); }
.quiet { color: var(--quiet); font-size: 13.5px; }
nav { margin: 18px 0 0; display: flex; flex-direction: column; gap: 4px; }
.cards { display: grid; gap: 8px; margin: 16px 0; }
.card {
  background: var(--paper); border: 1px solid var(--line); border-left: 5px solid var(--mark); border-radius: 8px;
  padding: 12px 18px; display: grid; grid-template-columns: 250px 190px 1fr; gap: 4px 20px; align-items: start;
}
.card h4 { margin: 0 0 6px; font-size: 15px; display: flex; gap: 8px; align-items: center; overflow-wrap: anywhere; }
.number { font-size: 25px; font-weight: 650; line-height: 1.1; font-variant-numeric: tabular-nums; }
.number small { display: block; font-size: 13px; font-weight: 400; color: var(--quiet); margin-top: 4px; }
.card p { font-size: 13.5px; margin: 0 0 4px; }
.captions { display: grid; grid-auto-flow: column; grid-auto-columns: 1fr; font-size: 11.5px; color: var(--quiet); }
.captions div { overflow-wrap: anywhere; padding-right: 4px; }
.unproven { color: var(--quiet); } .change { font-variant-numeric: tabular-nums; font-weight: 600; }
.answer { background: var(--paper); border: 2px solid var(--base); border-radius: 8px; margin: 16px 0; }
.answer { padding: 12px 18px; } .answer > p { font-size: 17px; margin: 4px 0; }
.swatch { flex: none; width: 12px; height: 12px; border-radius: 3px; }
.badges { display: flex; flex-wrap: wrap; gap: 6px; }
.badge { border-radius: 99px; padding: 1px 10px; font-weight: 600; font-size: 12.5px; }
.badge { background: var(--mark); color: #fff; } .warning { background: #fff3cd; color: #6b4e00; }
.better { --mark: var(--better); } .worse { --mark: var(--worse); } .no-evidence { --mark: var(--open); }
.too-few-seeds, .one-seed, .unpaired, .so-far { --mark: var(--few); } .baseline, .unfinished { --mark: var(--base); }
.figure, .wide, pre { background: var(--paper); border: 1px solid var(--line); border-radius: 8px; }
.figure { padding: 8px; margin: 8px 0; overflow: hidden; }
.wide, pre { overflow-x: auto; margin: 8px 0; }
table { border-collapse: collapse; font-size: 13.5px; font-variant-numeric: tabular-nums; width: 100%; }
th, td { padding: 6px 12px; border-bottom: 1px solid var(--line); white-space: nowrap; text-align: right; }
tbody tr:last-child > * { border-bottom: 0; }
thead th { color: var(--quiet); font-weight: 500; }
th:first-child { text-align: left; position: sticky; left: 0; background: var(--paper); }
.words td { text-align: left; font: 12.5px var(--code); }
.words thead th { text-align: left; }
td.differs { background: #fff3cd; }
pre { padding: 10px 14px; font: 12.5px/1.6 var(--code); }
details { margin: 6px 0; } summary { cursor: pointer; overflow-wrap: anywhere; }
ul { padding-left: 20px; } li { overflow-wrap: anywhere; font-size: 13.5px; }
.strips { min-width: 560px; padding: 10px 14px 14px; }
.strips p { margin: 10px 0 4px; font-size: 13.5px; } .strips img { display: block; width: 100%; height: auto; }
@media (max-width: 760px) {
  body { padding: 18px 12px 60px; } h1 { font-size: 23px; } .figure { padding: 4px; }
  .card { grid-template-columns: 1fr; gap: 10px; }
}
@media (hover: none) { .draglayer .drag { pointer-events: none; } }
"""
