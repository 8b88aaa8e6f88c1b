"""The form of the report: its frame, its style, and small pieces of HTML. Nothing here knows what is compared.

Whatever is called `text` is escaped here, once; whatever is called `markup` is HTML already.
"""

from __future__ import annotations

import base64
import html
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from suite.files import write_text
from suite.report.language import Say
from suite.report.page.plotly import AT_NIGHT

THUMBNAIL = 128
"""Pixels a side at most: every picture is part of the page."""

OWN = Path(__file__).parent
"""Where `page.css` and `page.js` are."""


def write_page(
    path: Path, title: str, about: Sequence[str], body: Iterable[str], say: Say, refresh: int | None
) -> Path:
    """Write a page that needs nothing but itself; atomically, since a browser may be reading the one before."""
    from plotly.offline import get_plotlyjs  # slow to import

    settings = {
        "at_night": AT_NIGHT,
        "save": say("Save as CSV"),
        "curve_columns": [say("quantity"), say("line"), say("epoch"), say("value")],
    }
    page = PAGE.substitute(
        lang=say.tag,
        refresh=f'<meta http-equiv="refresh" content="{refresh}">' if refresh else "",
        title=html.escape(title),
        about=html.escape(" · ".join(about)),
        style=(OWN / "page.css").read_text(encoding="utf-8") + _swatches_at_night(),
        plotly=get_plotlyjs(),
        settings=_as_json(settings),
        script=(OWN / "page.js").read_text(encoding="utf-8"),
        body="\n".join(body),
    )
    write_text(path, page)
    return path


def _swatches_at_night() -> str:
    """The colours of arms beside their names become those of the figures."""
    rules = [f'.swatch[style*="{day}"] {{ background: {night} !important; }}' for day, night in AT_NIGHT.items()]
    return f"@media screen and (prefers-color-scheme: dark) {{ {' '.join(rules)} }}\n"


def _as_json(value: Any) -> str:
    """For a script, which would end where a text in it says so."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


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
    head = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in header)
    lines = ""
    for row in rows:
        usual = None if yardstick is None else row[yardstick]
        marks = ["" if usual in (None, cell) else "differs" for cell in row]
        cells = "".join(element("td", cell, mark) for cell, mark in zip(row[1:], marks[1:], strict=True))
        lines += f'<tr><th scope="row">{html.escape(row[0])}</th>{cells}</tr>'
    inner = f"<table{_classes(classes)}><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"
    # A keyboard scrolls what it can reach.
    scrolled = f'<div class="wide" tabindex="0" role="region" aria-label="{html.escape(header[0])}">{inner}</div>'
    return box(scrolled, classes="table")


def figure(drawing: dict[str, Any], name: str, text: str, numbers: str, say: Say) -> str:
    """A figure of plotly.js and, folded, its numbers for those who cannot see it; `name` is unique on the page."""
    plot = f'<div class="plot" id="{html.escape(name)}" role="img" aria-label="{html.escape(text)}"></div>'
    data = f'<script type="application/json">{_as_json(drawing)}</script>'
    bands = f'<p class="bands" hidden>{html.escape(say("Range over the seeds, of two at most:"))} </p>'
    caption = f"<figcaption>{folded(say('The numbers of this figure'), numbers)}</figcaption>"
    return f'<figure class="figure">{plot}{data}{bands}{caption}</figure>'


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
<script>const SETTINGS = $settings;
$script</script>
</body>
</html>
""")
