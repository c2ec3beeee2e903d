"""Bars and curves as SVG: readable by a screen reader, distinguished by words, not by hue."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10
from typing import Final

from benchmarks.speed.figures import Spread

OURS, PEER, INK, GRID = "#0072b2", "#e69f00", "#222222", "#cccccc"
"""Blue and orange of Okabe and Ito, whom no common colour blindness keeps from telling apart."""

_WIDTH: Final = 720
_LEFT: Final = 230
_RIGHT: Final = 170
_ROW: Final = 34
_TOP: Final = 40
_SQUARE: Final = 240


@dataclass(frozen=True)
class Bar:
    """One side: its name, and what it took."""

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


@dataclass(frozen=True)
class Curve:
    """Points of (x, y), both above 0, x ascending; and what y is."""

    name: str
    points: Sequence[tuple[float, float]]


def curves(title: str, sides: Sequence[Curve]) -> str:
    """Draw curves side by side, a power of ten as long on either axis of each."""
    description = "; ".join(
        f"{side.name}: {', '.join(f'{y:,.4g} at {x:,.0f}' for x, y in side.points)}"
        for side in sides
    )
    drawn = _begun(title, description, _TOP + _SQUARE + 60)
    for place, side in enumerate(sides):
        drawn += _curve(side, 70 + place * (_WIDTH // len(sides)), _TOP + 30)
    return "\n".join([*drawn, "</svg>", ""])


def _curve(side: Curve, left: float, top: float) -> list[str]:
    bounds = [(floor(log10(min(v))), ceil(log10(max(v)))) for v in zip(*side.points, strict=True)]
    (first, last), (low, high) = ((a, max(b, a + 1)) for a, b in bounds)
    decade = _SQUARE / max(last - first, high - low)
    bottom = top + decade * (high - low)
    drawn = [f'<text x="{left}" y="{top - 10}" fill="{INK}">{escape(side.name)}</text>']
    for power in range(first, last + 1):
        x = left + decade * (power - first)
        drawn.append(f'<path d="M{x:.1f} {top}V{bottom:.1f}" stroke="{GRID}"/>')
        drawn.append(
            f'<text x="{x:.1f}" y="{bottom + 18:.1f}" text-anchor="middle" fill="{INK}">'
            f"{10**power:,}</text>"
        )
    for power in range(low, high + 1):
        y = bottom - decade * (power - low)
        drawn.append(
            f'<path d="M{left} {y:.1f}H{left + decade * (last - first):.1f}" stroke="{GRID}"/>'
        )
        drawn.append(
            f'<text x="{left - 8}" y="{y + 5:.1f}" text-anchor="end" fill="{INK}">'
            f"{10.0**power:,g}</text>"
        )
    places = [
        (left + decade * (log10(x) - first), bottom - decade * (log10(y) - low))
        for x, y in side.points
    ]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    drawn.append(f'<path d="M{path}" fill="none" stroke="{OURS}" stroke-width="2"/>')
    for place, ((x, y), (_, value)) in enumerate(zip(places, side.points, strict=True)):
        label = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
        at, under, anchor = (x - 8, y - 8, "end") if place else (x + 8, y + 18, "start")
        drawn.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{OURS}"/>')
        drawn.append(
            f'<text x="{at:.1f}" y="{under:.1f}" text-anchor="{anchor}" fill="{INK}">{label}</text>'
        )
    return drawn


def _begun(title: str, description: str, height: float) -> list[str]:
    """Begin a picture: its size, what it is called, and what it shows in words."""
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
