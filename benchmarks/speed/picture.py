"""Bars as SVG: readable by a screen reader, distinguished by words, not by hue."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from benchmarks.speed.figures import Spread

OURS, PEER, INK = "#0072b2", "#e69f00", "#222222"
"""Blue and orange of Okabe and Ito, distinct under every common colour blindness."""

_WIDTH: Final = 720
_LEFT: Final = 230
_RIGHT: Final = 170
_ROW: Final = 34
_TOP: Final = 40


@dataclass(frozen=True)
class Bar:
    """One side: its name and its times."""

    name: str
    spread: Spread


def bars(title: str, sides: Sequence[Bar]) -> str:
    """Draw horizontal bars with their spread, the first one ours."""
    longest = max(side.spread.most for side in sides)
    scale = (_WIDTH - _LEFT - _RIGHT) / longest
    height = _TOP + _ROW * len(sides) + 10
    description = "; ".join(f"{side.name} {side.spread}" for side in sides)
    drawn = _begun(title, description, height)
    for place, side in enumerate(sides):
        drawn += _bar(side, _TOP + _ROW * place, scale, PEER if place else OURS)
    return "\n".join([*drawn, "</svg>", ""])


def _begun(title: str, description: str, height: float) -> list[str]:
    """Begin a picture with its size, title and description."""
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        'aria-labelledby="title desc" font-family="sans-serif" font-size="14">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="desc">{escape(description)}</desc>',
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="10" y="22" fill="{INK}">{escape(title)}</text>',
    ]


def _bar(side: Bar, top: int, scale: float, colour: str) -> list[str]:
    middle = top + _ROW / 2
    width, least, most = (
        value * scale for value in (side.spread.median, side.spread.least, side.spread.most)
    )
    return [
        f'<text x="{_LEFT - 10}" y="{middle + 5:.0f}" text-anchor="end" fill="{INK}">'
        f"{escape(side.name)}</text>",
        f'<rect x="{_LEFT}" y="{top + 5}" width="{width:.1f}" height="{_ROW - 10}" '
        f'fill="{colour}"/>',
        f'<path d="M{_LEFT + least:.1f} {middle:.0f}H{_LEFT + most:.1f}" stroke="{INK}" '
        'stroke-width="2"/>',
        f'<text x="{_LEFT + most + 8:.1f}" y="{middle + 5:.0f}" fill="{INK}">'
        f"{escape(str(side.spread))}</text>",
    ]
