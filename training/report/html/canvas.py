"""The canvas: Matplotlib's figures as SVG that takes its colours and letters from the page."""

import io
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from typing import Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

WIDTH: Final = 5.0
"""Inches, of 72 units of the drawing each: about a phone's width, so that letters stay legible."""

LINE: Final = 0.24
"""Inches from one line of labels to the next."""

INK, QUIET, RULE, PAPER, OURS, RIVAL = (f"#00000{digit}" for digit in range(1, 7))
"""Colours by what they are for; the page says which they are, by day and by night."""

COLOURS: Final = {
    INK: "var(--ink)",
    QUIET: "var(--quiet)",
    RULE: "var(--rule)",
    PAPER: "var(--paper)",
    OURS: "var(--ours)",
    RIVAL: "var(--rival)",
}

LONGEST: Final = 20
"""Letters of a label."""

MARKS: Final = ("o", "s", "^", "D", "v", "P", "X", "p")
"""Shapes, so that no colour need be told from another."""

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
def styled() -> Iterator[None]:
    """Make the context in which a canvas is made, drawn on and turned into SVG."""
    with mpl.rc_context(STYLE), warnings.catch_warnings():  # type: ignore[arg-type]
        # The page has letters that Matplotlib's own font lacks; it measures a box in their place.
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        yield


class Canvas:
    """A figure being drawn: its `axes`, one below the other, each of a height in inches."""

    def __init__(self, *heights: float) -> None:
        self._figure = Figure(figsize=(WIDTH, sum(heights)), layout="constrained")
        found = self._figure.subplots(
            len(heights), 1, squeeze=False, gridspec_kw={"height_ratios": heights}
        )
        self.axes: list[Axes] = list(found[:, 0])

    def svg(self, name: str, title: str, said: str) -> str:
        """Give the drawing as an SVG element.

        Parameters
        ----------
        name : str
            Letters and hyphens: begins every id of the element, so that several fit on a page.
        title, said : str
            What it is, and what it shows, for those who cannot see it.
        """
        file = io.StringIO()
        self._figure.savefig(file, format="svg", transparent=True)
        return themed(file.getvalue(), name, title, said)


def themed(drawn: str, name: str, title: str, said: str) -> str:
    """Turn a file of Matplotlib's into an element of a page; see `Canvas.svg`."""
    box = re.search(r'viewBox="([^"]+)"', drawn)
    inner = drawn[drawn.index(">", drawn.index("<svg")) + 1 :]
    inner = re.sub(r"<metadata>.*?</metadata>", "", inner, flags=re.DOTALL)
    inner = re.sub(r"<style.*?</style>", "", inner, flags=re.DOTALL)
    inner = re.sub(r"<!--.*?-->\s*", "", inner, flags=re.DOTALL)
    inner = re.sub(r'<g id="[^"]*"', "<g", inner)
    inner = re.sub(r'\bid="', f'id="{name}-', inner)
    inner = re.sub(r'(href="|url\()#', rf"\1#{name}-", inner).replace("xlink:href", "href")
    inner = re.sub(r"font(-family)?: [^;\"]*'DejaVu Sans'[^;\"]*", _letters, inner)
    inner = re.sub(r' (d|x|y|transform)="[^"]*"', _coarser, inner)
    for colour, variable in COLOURS.items():
        inner = inner.replace(colour, variable)
    return (
        f'<svg viewBox="{box[1] if box else ""}" role="img" '
        f'aria-labelledby="{name}-title {name}-said">\n'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-said">{escape(said)}</desc>{inner}'
    )


def _coarser(attribute: re.Match[str]) -> str:
    """Drop the digits of coordinates that nobody can see."""
    return re.sub(r"(\.\d\d)\d+", r"\1", attribute[0])


def _letters(style: re.Match[str]) -> str:
    """Keep the size of letters, and leave their family to the page."""
    size = re.search(r"([\d.]+)px", style[0])
    return f"font-size: {size[1]}px" if size else "font-style: normal"


def spread(wanted: Sequence[float], apart: float) -> list[float]:
    """Move positions as little as needs be for labels to stand apart; their order stays.

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
    """Shorten a label to what fits beside a plot.

    Examples
    --------
    >>> brief("politics"), brief("letters to the editor, and answers")
    ('politics', 'letters to the edit…')
    """
    return label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…"


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
