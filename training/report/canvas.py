"""The canvas: Matplotlib figures as SVG with the colours and fonts of the page."""

import io
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final
from xml.etree import ElementTree as ET

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from recommender.html import render_template
from training.report.plot import Plot

_SVG: Final = "{http://www.w3.org/2000/svg}"
_XLINK: Final = "{http://www.w3.org/1999/xlink}"
_LEFT_OUT: Final = {f"{_SVG}metadata", f"{_SVG}style"}
_NO_XML: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

WIDTH: Final = 5.0
"""Inches of 72 units each: about a phone's width, so that text stays legible."""

LINE: Final = 0.24
"""Distance between lines of labels, in inches."""

INK, QUIET, RULE, PAPER, OURS, RIVAL = (f"#00000{digit}" for digit in range(1, 7))
"""Placeholder colours; the page's stylesheet defines the real ones, light and dark."""

COLOURS: Final = {
    INK: "var(--ink)",
    QUIET: "var(--quiet)",
    RULE: "var(--rule)",
    PAPER: "var(--paper)",
    OURS: "var(--ours)",
    RIVAL: "var(--rival)",
}

MAX_LABEL_CHARACTERS: Final = 20
"""Characters of a label."""

MARKS: Final = ("o", "s", "^", "D", "v", "P", "X", "p")
"""Marker shapes, so that series differ without colour."""

STYLE: Final = {
    "svg.fonttype": "none",
    "svg.hashsalt": "ymal",
    "font.size": 10.0,
    "text.color": INK,
    "text.parse_math": False,
    "axes.edgecolor": RULE,
    "axes.labelcolor": QUIET,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "xtick.color": RULE,
    "ytick.color": RULE,
    "xtick.labelcolor": QUIET,
    "ytick.labelcolor": INK,
    "ytick.major.size": 0.0,
    "legend.frameon": False,
    "legend.fontsize": 10.0,
    "lines.markersize": 5.5,
    "lines.linewidth": 1.5,
}


@contextmanager
def svg_style() -> Iterator[None]:
    """Context in which a canvas is created, drawn on and saved as SVG."""
    with mpl.rc_context(STYLE), warnings.catch_warnings():  # type: ignore[arg-type]
        # Matplotlib's font lacks letters that the page's font has; only their width is estimated.
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        yield


class Canvas:
    """A figure with `axes` one below the other, each of a height in inches."""

    def __init__(self, *heights: float) -> None:
        self._figure = Figure(figsize=(WIDTH, sum(heights)), layout="constrained")
        found = self._figure.subplots(
            len(heights), 1, squeeze=False, gridspec_kw={"height_ratios": heights}
        )
        self.axes: list[Axes] = list(found[:, 0])

    def plot(
        self,
        name: str,
        title: str,
        note: str,
        description: str,
        head: Sequence[str],
        rows: Sequence[Sequence[str]],
    ) -> Plot:
        """Return the drawing as a `Plot`, whose fields the parameters are."""
        file = io.StringIO()
        self._figure.savefig(file, format="svg", transparent=True)
        view_box, content = apply_theme(file.getvalue(), name)
        svg = render_template(
            "svg.html",
            name=name,
            title=title,
            description=description,
            view_box=view_box,
            content=Markup(content),  # noqa: S704 - ElementTree has escaped it
        )
        return Plot(name, title, note, description, head, rows, Markup(svg))  # noqa: S704 - likewise


def apply_theme(drawn: str, name: str) -> tuple[str, str]:
    """Return the view box and the content of an SVG file of Matplotlib's.

    Its colours become variables of the page, its ids begin with `name`, its letters are of the
    page's font, and digits of coordinates that nobody can see are dropped.
    """
    # Matplotlib writes control characters of a label as they are, which XML does not allow.
    root = ET.fromstring(_NO_XML.sub("\ufffd", drawn))  # noqa: S314 - our own drawing
    for parent in root.iter():
        for child in [child for child in parent if child.tag in _LEFT_OUT]:
            parent.remove(child)
    for element in root.iter():
        element.tag = element.tag.removeprefix(_SVG)
        if element.tag == "g":
            element.attrib.pop("id", None)
        element.attrib = {
            (short := key.removeprefix(_XLINK)): _apply_theme_to_value(short, value, name)
            for key, value in element.attrib.items()
        }
    content = "".join(ET.tostring(child, encoding="unicode") for child in root)
    return root.attrib["viewBox"], content


def _apply_theme_to_value(key: str, value: str, name: str) -> str:
    """Return the value of an attribute in the page's colours and fonts."""
    if key in {"id", "href"}:
        return re.sub("^#?", rf"\g<0>{name}-", value)
    if key in {"d", "x", "y", "transform"}:
        return re.sub(r"(\.\d\d)\d+", r"\1", value)
    value = value.replace("url(#", f"url(#{name}-")
    value = re.sub(r"font(-family)?: [^;]*'DejaVu Sans'[^;]*", _font_size, value)
    for colour, variable in COLOURS.items():
        value = value.replace(colour, variable)
    return value


def _font_size(style: re.Match[str]) -> str:
    """Keep the font size and drop the font family, which is the page's."""
    size = re.search(r"([\d.]+)px", style[0])
    return f"font-size: {size[1]}px" if size else "font-style: normal"


def spread(wanted: Sequence[float], apart: float) -> list[float]:
    """Move positions as little as possible so that labels do not overlap; keep their order.

    Examples
    --------
    >>> spread([0.0, 0.1, 5.0], 1.0)
    [-0.45, 0.55, 5.0]
    """
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    groups: list[tuple[float, list[int]]] = []
    for at in order:
        middle, members = wanted[at], [at]
        while groups and middle - groups[-1][0] < apart * (len(members) + len(groups[-1][1])) / 2:
            before = groups.pop()
            size = len(members) + len(before[1])
            middle = (middle * len(members) + before[0] * len(before[1])) / size
            members = [*before[1], *members]
        groups.append((middle, members))
    placed = list(wanted)
    for middle, members in groups:
        for step, at in enumerate(members):
            placed[at] = middle + apart * (step - (len(members) - 1) / 2)
    return placed


def brief(label: str) -> str:
    """Shorten a label to fit beside a plot.

    Examples
    --------
    >>> brief("politics"), brief("letters to the editor, and answers")
    ('politics', 'letters to the edit…')
    """
    return label if len(label) <= MAX_LABEL_CHARACTERS else f"{label[: MAX_LABEL_CHARACTERS - 1]}…"


def name_lines(axes: Axes, labels: Sequence[str]) -> None:
    """Name the lines of a plot, the first at the top."""
    axes.set_yticks(range(len(labels)), [brief(label) for label in labels])
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")


def legend(axes: Axes, columns: int, above: float = 1.0) -> None:
    """Put the legend above the plot."""
    axes.legend(
        loc="lower right",
        bbox_to_anchor=(1.0, above),
        ncols=min(columns, 3),
        borderaxespad=0.2,
        handletextpad=0.4,
        columnspacing=1.2,
    )
