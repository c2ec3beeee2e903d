"""Drawings take their colours from the page, and fit beside one another."""

import re

import numpy as np
import pytest

from training.report.canvas import INK, OURS, Canvas, spread, svg_style


def drawing(name: str) -> str:
    with svg_style():
        canvas = Canvas(1.0)
        canvas.axes[0].plot([0, 1], [0, 2], "o-", color=OURS)
        canvas.axes[0].set_xlabel("a < b\x01")
        return canvas.plot(name, "Title & more", "", 'as "told"', [], []).svg


def test_no_colour_letter_or_id_is_of_the_drawing_itself() -> None:
    one, other = drawing("one"), drawing("two")
    assert INK not in one
    assert not re.search(r"#[0-9a-f]{6}", one)
    assert "stroke: var(--ours)" in one
    assert "DejaVu" not in one
    assert "<metadata" not in one
    assert "<style" not in one
    assert "Title &amp; more</title>" in one
    assert "a &lt; b\ufffd</text>" in one
    ids = [re.findall(r'\bid="([^"]+)"', svg) for svg in (one, other)]
    assert not set(ids[0]) & set(ids[1])
    assert len(set(ids[0])) == len(ids[0])
    for target in re.findall(r'(?:href="|url\()#([^")]+)', one):
        assert target in ids[0]


def test_a_drawing_is_the_same_each_time() -> None:
    assert drawing("one") == drawing("one")


def test_labels_stand_apart_and_keep_their_order() -> None:
    wanted = [0.3, 0.31, 0.29, 0.9, 0.305]
    placed = spread(wanted, 0.1)
    assert np.argsort(placed).tolist() == np.argsort(wanted).tolist()
    assert np.diff(np.sort(placed)).min() >= 0.1 - 1e-12
    assert placed[3] == 0.9
    assert sum(placed) == pytest.approx(sum(wanted)), "a crowd moves about its middle"
