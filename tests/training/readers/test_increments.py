"""Views to increments: the SQL against a plain loop, and windows against their parts."""

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import floor

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thorough import scaled
from training.config import ReadersConfig, SessionsConfig
from training.data.views import ViewTable
from training.readers import Increments, OpenSessions, advance, count, empty_sums, reader_stats
from training.records import BUCKET, DAY, HOUR, Window

MINUTE = HOUR // 60
START = 20_000 * DAY
LIMITS = SessionsConfig(gap="30m", max_views=6, max_day_views=9)
PLAIN = ReadersConfig()
View = tuple[int, ...]
"""Time, reader (0: none), session, article (-1: none); seconds if known; 1 if a block led to it."""


def distinct(views: Sequence[View]) -> list[View]:
    """Order views as `training.data` does: no exact duplicates of a reader, the longest read time.

    Each ends with its place among the rows.
    """
    kept = defaultdict(lambda: (-1, 0))
    places: dict[tuple[int, ...], int] = {}
    for place, view in enumerate(views):
        key = (*view[:4], 0 if view[1] else place)
        places.setdefault(key, place)
        kept[key] = tuple(map(max, kept[key], (*view[4:], *(-1, 0)[len(view) - 4 :])))
    found = [(*key[:4], *more, places[key]) for key, more in kept.items()]
    return sorted(found, key=lambda view: (view[0], view[-1]))


def table(views: Sequence[View]) -> ViewTable:
    """Return a table of views as `training.data` makes it."""
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE views_ (time BIGINT, reader BIGINT, session BIGINT, article INTEGER, "
        "read_time INTEGER, block INTEGER, place BIGINT)"
    )
    connection.execute("CREATE TABLE others (time BIGINT, reader BIGINT, session BIGINT)")
    rows = [view for view in distinct(views) if view[3] >= 0]
    others = [view[:3] for view in distinct(views) if view[3] < 0 and view[1]]
    if rows:
        connection.executemany(
            "INSERT INTO views_ VALUES (?, nullif(?, 0), ?, ?, ?, ? - 1, ?)", rows
        )
    if others:
        connection.executemany("INSERT INTO others VALUES (?, ?, ?)", others)
    first, last = (rows[0][0], rows[-1][0]) if rows else (START, -1)
    return ViewTable(connection, "views_", len(rows), first, last, navigation="others")


def counted(
    views: Sequence[View],
    cuts: list[int],
    config: SessionsConfig,
    readers: ReadersConfig = PLAIN,
) -> tuple[list[Increments], OpenSessions]:
    site, still_open, parts = table(views), OpenSessions.empty(), []
    for start, end in pairwise(cuts):
        part, still_open = count(Window(start, end, site), still_open, config, readers)
        parts.append(part)
    return parts, still_open


def pairs_of(parts: list[Increments]) -> dict[tuple[int, int, int], tuple[int, int]]:
    total: dict[tuple[int, int, int], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for part in parts:
        columns = part.pairs.arrays().values()
        for bucket, source, target, weight, direct in zip(
            *(c.tolist() for c in columns), strict=True
        ):
            before = total[bucket, source, target]
            total[bucket, source, target] = (before[0] + weight, before[1] + direct)
    return dict(total)


def naive(
    views: Sequence[View], config: SessionsConfig, kept: int = 2520
) -> tuple[
    dict[tuple[int, int, int], tuple[int, int]],
    dict[tuple[int, int], tuple[int, ...]],
    list[tuple[int, ...]],
]:
    """Walk over each reader's views by the rules as the documents state them.

    A view that is our own is worth `kept` 2520ths.
    """
    pairs = defaultdict(lambda: [0, 0])
    reads = defaultdict(list)
    transitions = []
    by_reader = defaultdict(list)
    for view in distinct(views):
        by_reader[view[1]].append(view)
    for time, _, _, article, seconds, caused, _ in by_reader.pop(0, []):
        reads[time - time % BUCKET, article].append((time, seconds, (2520 - kept) * caused))
    reads = defaultdict(list, {key: found for key, found in reads.items() if key[1] >= 0})
    for reader, own in by_reader.items():
        sessions = sessions_of(own, config.gap)
        histories: dict[object, list[tuple[int, int, bool]]] = defaultdict(list)
        day_views = defaultdict(int)
        for time, _, _, article, seconds, caused, place in own:
            worth = kept if caused else 2520
            session = histories[sessions[place]]
            if article < 0 or (session and session[-1][0] == article):
                continue  # a front page, or a reload
            day_views[time // DAY] += 1
            counts = (
                len(session) < config.max_views and day_views[time // DAY] <= config.max_day_views
            )
            session.append((article, time, counts))
            if not counts:
                continue
            bucket = time - time % BUCKET
            reads[bucket, article].append((time, seconds, 2520 - worth))
            for distance in range(1, min(10, len(session) - 1) + 1):
                source, source_time, source_counts = session[-1 - distance]
                if source_counts and source != article and worth >= distance:
                    entry = pairs[bucket, source, article]
                    entry[0] += floor(Fraction(worth, distance))
                    entry[1] += worth * (distance == 1)
                if source_counts and distance == 1:
                    transitions.append((source_time, time, source, article, reader, caused))
    kept = {key: summed(of_bucket) for key, of_bucket in reads.items()}
    return {k: tuple(v) for k, v in pairs.items()}, kept, sorted(transitions)


def sessions_of(views: Sequence[View], gap: int) -> dict[int, tuple[int, int]]:
    """Walk over a reader's views, and return the session of each by its place.

    A view without an id is in the session of the last one with an id, or else of the next.
    """
    names: dict[int, int] = {}
    waiting: list[int] = []
    last_time, name = None, 0
    for time, _, own_name, _, _, _, place in sorted(
        views, key=lambda v: (v[0], v[2] == 0, v[2], v[6])
    ):
        if last_time is not None and time - last_time > gap:
            name, waiting = 0, []
        last_time, name = time, own_name or name
        names[place] = name
        if name:
            names.update(dict.fromkeys(waiting, name))
            waiting = []
        else:
            waiting.append(place)
    sessions, ends, numbers = {}, {}, defaultdict(int)
    for time, *_, place in views:
        name = names[place]
        if name in ends and time - ends[name] > gap:
            numbers[name] += 1
        ends[name] = time
        sessions[place] = (name, numbers[name])
    return sessions


def summed(reads: list[tuple[int, int, int]]) -> tuple[int, ...]:
    """Number, first and last of some reads; how many tell their seconds, and the sum of these.

    Last comes what they count less.
    """
    times = [time for time, _, _ in reads]
    stays = [seconds for _, seconds, _ in reads if seconds >= 0]
    less = sum(less for _, _, less in reads)
    return len(times), min(times), max(times), len(stays), sum(stays), less


views_strategy = st.lists(
    st.tuples(
        st.integers(0, 40).map(lambda steps: START + DAY - 4 * HOUR + steps * 11 * MINUTE),
        st.sampled_from([1, 1, 2, 2, 3, 3, 0]),
        st.sampled_from([0, 0, 0, 7, 8]),
        st.sampled_from([0, 1, 2, 3, 4, -1]),
        st.sampled_from([-1, -1, 0, 7, 3600]),
        st.sampled_from([0, 0, 1]),
    ),
    max_size=60,
)


@settings(max_examples=scaled(60))
@given(views_strategy, st.sampled_from([2520, 1764, 7, 0]))
def test_sql_counts_what_a_plain_loop_counts(views: Sequence[View], kept: int) -> None:
    readers = ReadersConfig(block_discount=1 - kept / 2520)
    (part,), _ = counted(views, [START, START + 2 * DAY], LIMITS, readers)
    pairs, reads, transitions = naive(views, LIMITS, kept)
    assert pairs_of([part]) == pairs
    columns = [c.tolist() for c in part.views.arrays().values()]
    assert {(b, a): tuple(n) for b, a, *n in zip(*columns, strict=True)} == reads
    moves = part.transitions
    found = zip(
        moves.source_time.tolist(), moves.target_time.tolist(), moves.source.tolist(),
        moves.target.tolist(), moves.reader.tolist(), moves.own.tolist(), strict=True,
    )  # fmt: skip
    assert sorted(found) == transitions


@settings(max_examples=scaled(60))
@given(views_strategy, st.lists(st.integers(1, 2 * DAY - 1), max_size=4))
def test_steps_compose_exactly(views: Sequence[View], inner: list[int]) -> None:
    config = ReadersConfig(keep_pairs=10, block_discount=0.3)
    whole = [START, START + 2 * DAY]
    pieces = sorted({*whole, *(START + at for at in inner)})
    states = []
    for cuts in (whole, pieces):
        site, still_open, sums = table(views), OpenSessions.empty(), empty_sums(START, 5, config)
        for start, end in pairwise(cuts):
            part, still_open = count(Window(start, end, site), still_open, LIMITS, config)
            sums = advance(sums, part, end, config)
        states.append((sums, still_open))
    for left, right in zip(*map(flat, states), strict=True):
        np.testing.assert_array_equal(left, right)


def flat(value: object) -> list[object]:
    """Every array of nested tables, in order."""
    if hasattr(value, "__dataclass_fields__"):
        return [x for name in value.__dataclass_fields__ for x in flat(getattr(value, name))]
    if isinstance(value, tuple):
        return [x for part in value for x in flat(part)]
    return [value]


def test_weight_is_one_over_the_distance() -> None:
    views = [(START + i * MINUTE, 1, 0, article) for i, article in enumerate([3, 4, 5])]
    (part,), _ = counted(views, [START, START + DAY], LIMITS)
    pairs = {key[1:]: value for key, value in pairs_of([part]).items()}
    assert pairs == {(3, 4): (2520, 2520), (4, 5): (2520, 2520), (3, 5): (2520 // 2, 0)}


def test_devices_of_one_reader_are_sessions_of_their_own() -> None:
    views = [
        (START + i * MINUTE, 1, session, article)
        for i, (session, article) in enumerate([(7, 0), (8, 3), (7, 1), (0, 2), (8, 4)])
    ]
    (part,), _ = counted(views, [START, START + DAY], LIMITS)
    assert part.sessions == 2
    pairs = {key[1:]: value for key, value in pairs_of([part]).items()}
    assert pairs == {
        (0, 1): (2520, 2520),
        (1, 2): (2520, 2520),
        (0, 2): (1260, 0),
        (3, 4): (2520, 2520),
    }


def test_views_of_one_moment_are_in_the_order_of_the_file() -> None:
    views = [(START, 1, 0, article) for article in (3, 1, 2)]
    (part,), _ = counted(views, [START, START + DAY], LIMITS)
    moves = zip(part.transitions.source, part.transitions.target, strict=True)
    assert {*moves} == {(3, 1), (1, 2)}


def test_a_front_page_keeps_a_session_open_and_is_no_step() -> None:
    views = [(START, 1, 0, 0), (START + 20 * MINUTE, 1, 0, -1), (START + 40 * MINUTE, 1, 0, 1)]
    for cuts in ([START, START + DAY], [START, START + 30 * MINUTE, START + DAY]):
        parts, _ = counted(views, cuts, LIMITS)
        assert [key[1:] for key in pairs_of(parts)] == [(0, 1)]
        assert sum(part.sessions for part in parts) == 1


def test_views_without_a_reader_count_each_and_connect_nothing() -> None:
    views = [(START, 0, 0, 0), (START, 0, 0, 0), (START + MINUTE, 0, 0, 1)]
    (part,), still_open = counted(views, [START, START + 2 * MINUTE], LIMITS)
    assert part.views.views.tolist() == [2, 1]
    assert (part.sessions, len(part.pairs.bucket), len(still_open.views.reader)) == (0, 0, 0)


def test_a_pause_longer_than_the_gap_ends_the_session_and_one_as_long_does_not() -> None:
    def follows(pause: int) -> bool:
        views = [(START, 1, 0, 0), (START + pause, 1, 0, 1)]
        return bool(pairs_of(counted(views, [START, START + DAY], LIMITS)[0]))

    assert follows(30 * MINUTE)
    assert not follows(30 * MINUTE + 1)


def test_no_session_is_open_when_the_gap_has_passed() -> None:
    views = [(START, 1, 0, 0), (START + MINUTE, 1, 0, 1)]
    _, still_open = counted(views, [START, START + 31 * MINUTE + 1], LIMITS)
    assert not len(still_open.views.reader)
    assert still_open.days.views.tolist() == [2]


def test_day_counts_are_dropped_when_the_day_ends() -> None:
    _, still_open = counted([(START, 1, 0, 0)], [START, START + DAY], LIMITS)
    assert not len(still_open.days.reader)


def test_decay_halves_a_sum_in_a_half_life() -> None:
    config = ReadersConfig(pair_half_lives=[1, 24], view_half_lives=[1])
    views = [(START, 1, 0, 0), (START + MINUTE, 1, 0, 1)]
    (part,), _ = counted(views, [START, START + DAY], LIMITS)
    for hours in (0, 1, 5, 23, 24, 30):
        end = START + BUCKET + hours * HOUR
        readers = reader_stats(advance(empty_sums(START, 2, config), part, end, config), config)
        sums = readers.lookup(np.array([0]), np.array([1]))[0]
        np.testing.assert_allclose(sums, [2.0**-hours, 2 ** (-hours / 24), 2 ** (-hours / 24)])
        np.testing.assert_allclose(readers.views, [[2.0**-hours], [2.0**-hours]])
        np.testing.assert_allclose(readers.outflow[0], sums)
        np.testing.assert_allclose(readers.inflow[1], sums)


def test_the_open_bucket_counts_in_full() -> None:
    config = ReadersConfig()
    views = [(START, 1, 0, 0), (START + 2 * MINUTE, 1, 0, 1)]
    (part,), _ = counted(views, [START, START + 3 * MINUTE], LIMITS)
    sums = advance(empty_sums(START, 2, config), part, START + 3 * MINUTE, config)
    readers = reader_stats(sums, config)
    assert len(sums.today.keys) == 0
    np.testing.assert_allclose(readers.lookup(np.array([0]), np.array([1])), 1.0)
    index, target, values = readers.targets(np.array([0, 1], np.int32))
    assert (index.tolist(), target.tolist()) == ([0], [1])
    np.testing.assert_allclose(values, 1.0)
    assert readers.total.tolist() == [1, 1]
    assert readers.first_view.tolist() == [START, START + 2 * MINUTE]


def test_read_times_add_up_over_the_views_that_have_one() -> None:
    config = ReadersConfig()
    views = [(START, 1, 0, 0, 40), (START, 2, 0, 0, 0), (START, 3, 0, 0), (START, 4, 0, 1)]
    views += [(START + 6 * MINUTE, 5, 0, 0, 3)]
    for end, timed, seconds in ((5, [2, 0], [40, 0]), (7, [3, 0], [43, 0]), (10, [3, 0], [43, 0])):
        until = START + end * MINUTE
        (part,), _ = counted(views, [START, until], LIMITS)
        readers = reader_stats(advance(empty_sums(START, 2, config), part, until, config), config)
        assert readers.timed.tolist() == timed
        assert readers.read_time.tolist() == seconds


def test_a_view_that_a_block_of_ours_led_to_counts_less() -> None:
    config = ReadersConfig(block_discount=0.3)
    kept = round(0.7 * 2520)
    # Readers 1 and 2 go from 0 to 1, the second by our own list, and on to 2 by themselves.
    views = [(START + i * MINUTE, reader, 0, i, -1, 1 * (reader == 2 and i == 1))
             for reader in (1, 2) for i in range(3)]  # fmt: skip
    (part,), _ = counted(views, [START, START + BUCKET], LIMITS, config)
    pairs = {key[1:]: value for key, value in pairs_of([part]).items()}
    assert pairs == {
        (0, 1): (2520 + kept, 2520 + kept),
        (1, 2): (2 * 2520, 2 * 2520),
        (0, 2): (2520, 0),
    }
    for end in (START + BUCKET - 1, START + BUCKET):  # the bucket open, then closed
        readers = reader_stats(advance(empty_sums(START, 3, config), part, end, config), config)
        assert readers.total.tolist() == [2, 2, 2]
        np.testing.assert_allclose(readers.weighed, [2, 1.7, 2])
        np.testing.assert_allclose(readers.views[1] / readers.views[0], 1.7 / 2)
        assert readers.last_view[1] == START + MINUTE


def test_a_view_of_weight_zero_makes_no_pair() -> None:
    config = ReadersConfig(block_discount=1)
    views = [(START, 1, 0, 0), (START + MINUTE, 1, 0, 1, -1, 1), (START + 2 * MINUTE, 1, 0, 2)]
    (part,), _ = counted(views, [START, START + HOUR], LIMITS, config)
    assert {key[1:] for key in pairs_of([part])} == {(0, 2), (1, 2)}
    readers = reader_stats(
        advance(empty_sums(START, 3, config), part, START + HOUR, config), config
    )
    assert (readers.views[:, 0] > 0).tolist() == [True, False, True]
    assert readers.last_view[1] == START + MINUTE, "it was read all the same"


def test_midnight_keeps_the_strongest_pairs_of_a_source() -> None:
    config = ReadersConfig(keep_pairs=10)
    limits = SessionsConfig()
    views = [
        (START + (visit * 15 + target) * HOUR // 20, visit * 100 + target, 0, article)
        for target in range(1, 15)
        for visit in range(2 if target > 4 else 1)
        for article in (0, target)
    ]
    views = [(t + (a > 0) * MINUTE, r, s, a) for t, r, s, a in views]
    (part,), _ = counted(views, [START, START + DAY], limits)
    before = advance(empty_sums(START, 15, config), part, START + DAY - 1, config)
    after = advance(empty_sums(START, 15, config), part, START + DAY, config)
    assert len(before.today.keys) == 14
    assert (after.base.keys & 0xFFFFFFFF).tolist() == list(range(5, 15))


def test_the_clock_only_moves_forward() -> None:
    config = ReadersConfig()
    (part,), _ = counted([], [START, START + DAY], LIMITS)
    with pytest.raises(ValueError, match="only moves forward"):
        advance(empty_sums(START, 1, config), part, START - 1, config)


def test_midnight_drops_the_pairs_of_articles_that_nobody_reads_any_more() -> None:
    config = ReadersConfig(keep_days=2)
    views = [(START, 1, 0, 0), (START + MINUTE, 1, 0, 1), (START + 2 * MINUTE, 1, 0, 2)]
    views += [(START + DAY + HOUR, 2, 0, article) for article in (0, 2)]
    ends = [START + day * DAY for day in range(5)]
    parts, _ = counted(views, ends, LIMITS)
    sums = empty_sums(START, 3, config)
    left = []
    for part, end in zip(parts, ends[1:], strict=True):
        sums = advance(sums, part, end, config)
        left.append([(int(key >> 32), int(key & 0xFFFFFFFF)) for key in sums.base.keys])
    assert left[1] == [(0, 1), (0, 2), (1, 2)]
    assert left[2] == [(0, 2)], "1 has not been read for two days"
    assert left[3] == []
