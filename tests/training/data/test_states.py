"""What columns say of their rows: published or not."""

import pytest

from training.data.states import recognise

ACCEPTED = [
    # WordPress
    ("post_status", {"publish": 9, "draft": 2, "inherit": 5}, ["publish"]),
    ("wp:post_type", {"post": 9, "page": 2, "acf-field": 1}, ["post"]),
    ("post_password", {"": 9, "s3cret": 1}, [""]),
    # databases: booleans in any spelling, yes or no in the positive or in the negative
    ("is_live", {"t": 9, "f": 2}, ["t"]),
    ("published", {"1": 9, "0": 2, "": 1}, ["1"]),
    ("IsPublished", {"TRUE": 3, "FALSE": 1}, ["TRUE"]),
    ("is_draft", {"f": 9, "t": 2}, ["f"]),
    ("draft", {"": 9, "true": 2}, ["false"]),
    ("trashed_at", {"\\N": 9, "2026-05-01 10:00:00": 2}, [""]),
    ("hidden", {"0": 9, "1": 2}, ["0"]),
    # Drupal, Joomla
    ("status", {"1": 9, "0": 2}, ["1"]),
    ("state", {"1": 9, "0": 1, "-2": 1, "2": 3}, ["1"]),
    ("moderation_state", {"published": 9, "needs_review": 1}, ["published"]),
    ("type", {"node--article": 9, "node--page": 1}, ["node--article"]),
    ("attributes.status", {"true": 9, "false": 1}, ["true"]),
    ("content.protected", {"false": 9, "true": 1}, ["false"]),
    # Ghost
    ("visibility", {"public": 9, "members": 2, "tiers": 1}, ["public"]),
    ("email_only", {"false": 9, "true": 1}, ["false"]),
    ("type", {"post": 9, "page": 1, "video": 2}, ["post", "video"]),
    # other words, other names
    ("Status", {"Veröffentlicht": 9, "Entwurf": 2}, ["Veröffentlicht"]),
    ("estado", {"publicado": 9, "borrador": 2}, ["publicado"]),
    ("phase", {"Published": 9, "Draft": 1, "In review": 1}, ["Published"]),
    ("статус", {"черновик": 2, "опубликовано": 9}, ["опубликовано"]),
    # all rows alike
    ("post_status", {"publish": 9}, ["publish"]),
]


@pytest.mark.parametrize(("name", "counts", "accepted"), ACCEPTED)
def test_columns_of_states(name: str, counts: dict[str, int], accepted: list[str]) -> None:
    state = recognise(name, counts)
    assert state is not None
    assert list(state.accepted) == accepted
    assert state.differs == (len(counts) > 1)


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("post_status", {"draft": 4}),
        ("is_live", {"f": 4}),
        ("deleted_at", {"2026-05-01": 4}),
        ("type", {"page": 4}),
    ],
)
def test_rows_that_are_all_unpublished(name: str, counts: dict[str, int]) -> None:
    state = recognise(name, counts)
    assert state is not None
    assert state.differs


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("comment_status", {"open": 9, "closed": 2}),
        ("promote", {"1": 2, "0": 9}),
        ("featured", {"t": 2, "f": 9}),
        ("state", {"ca": 9, "ny": 2}),
        ("status", {"200": 9, "404": 1}),
        ("type", {"video": 9, "gallery": 2}),
        ("type", {"article": 9, "video": 2}),
        ("published", {"2026-05-01": 1, "2026-05-02": 1}),
        ("topic", {"draft": 2, "nba": 9, "nfl": 9}),
        ("live", {"": 9}),
        ("state", {f"s{n}": 1 for n in range(50)}),
    ],
)
def test_columns_that_are_no_states(name: str, counts: dict[str, int]) -> None:
    assert recognise(name, counts) is None


def test_numbers_of_an_own_list_are_left_to_a_person() -> None:
    """Movable Type: 1 is a draft, 2 is published."""
    state = recognise("entry_status", {"2": 9, "1": 3})
    assert state is not None
    assert (state.accepted, state.differs) == ([], True)
