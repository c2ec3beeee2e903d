"""How well a column's values fit a field, from 0 to 1, and what of them to tell a person."""

import re
from statistics import median

from recommender.blocks import BLOCKS
from training.data.names import words_of
from training.data.sample import Column
from training.records import quantity


def is_key(column: Column) -> bool:
    """Return whether values name one row each, as ids do."""
    return (
        column.distinct >= 0.99
        and column.filled >= 0.99
        and column.spaced == 0
        and column.length <= 500
        and column.dated < 0.5
    )


def filled_fit(column: Column) -> float:
    """Return the share of filled rows, four fifths of them being as good as all."""
    return min(1.0, column.filled / 0.8)


def words_fit(column: Column) -> float:
    """Fit of words: no numbers, times or addresses."""
    other = max(column.numbers, column.dated, column.addresses)
    return 0.0 if other > 0.5 else filled_fit(column)


def title_fit(column: Column) -> float:
    """Fit of a headline: words, seldom repeated, not long."""
    repeated = column.rows >= 50 and column.distinct < 0.2
    return 0.0 if repeated else words_fit(column) * (1.0 if column.length <= 300 else 0.5)


def body_fit(column: Column) -> float:
    """Fit of a text: words, not short."""
    return words_fit(column) * (1.0 if column.length >= 40 else 0.5)


def section_fit(column: Column) -> float:
    """Fit of a section: short, repeated, neither time nor address, nor numbers of categories."""
    if column.dated > 0.5 or column.addresses > 0.5 or column.number_lists > 0.5:
        return 0.0
    scattered = column.rows >= 50 and column.distinct > 0.5
    return filled_fit(column) * (0.4 if scattered or column.length > 25 else 1.0)


def language_fit(column: Column) -> float:
    """Fit of a language: few, short values, as `da` and `en-GB` are."""
    other = max(column.numbers, column.dated, column.addresses)
    many = column.different > 100 or (column.rows >= 50 and column.distinct > 0.5)
    return 0.0 if other > 0.5 or column.length > 20 or many else 1.0


def user_fit(column: Column) -> float:
    """Fit of a reader: filled, not the same in all rows, and more than yes or no."""
    same = column.rows >= 50 and column.different == 1
    return 0.0 if same or _is_flag(column) else column.filled


def article_fit(column: Column) -> float:
    """Fit of an article of views: filled, and more than yes or no."""
    return 0.0 if _is_flag(column) else column.filled


def session_fit(column: Column) -> float:
    """Fit of a session: filled in at least half of the rows, and more than yes or no."""
    return column.filled if column.filled >= 0.5 and not _is_flag(column) else 0.0


def _is_flag(column: Column) -> bool:
    """Return whether yes and no is all that many rows say."""
    return column.rows >= 20 and column.different <= 2 and column.truths == 1


def seconds_fit(column: Column) -> float:
    """Fit of seconds on the page: numbers, mostly below an hour."""
    in_thousandths = re.search(r"(ms|msec|millis|milliseconds)$", "".join(words_of(column.name)))
    if column.numbers < 0.9 or in_thousandths:
        return 0.0
    return 1.0 if median(float(value) for value in _numbers(column)) <= 3600 else 0.0


def _numbers(column: Column) -> list[str]:
    return [value for value in column.tested if re.fullmatch(r"[+-]?\d+(\.\d+)?", value)]


def block_fit(column: Column) -> float:
    """Fit of a block: most values are keys of the page's blocks."""
    named = sum(value.strip().lower() in BLOCKS for value in column.tested)
    return 1.0 if named > len(column.tested) / 2 else 0.0


def slot_fit(column: Column) -> float:
    """Fit of a slot: few different numbers."""
    return 1.0 if column.numbers >= 0.9 and column.different <= 100 else 0.0


def version_fit(column: Column) -> float:
    """Fit of a version's name: neither time, nor number, nor several words."""
    return 1.0 if column.dated < 0.5 and column.numbers < 0.5 and column.spaced == 0 else 0.0


def flag_fit(column: Column) -> float:
    """Fit of a flag: yes, no or nothing in every row."""
    return 1.0 if column.truths == 1 or not column.values else 0.0


def withdrawn_fit(column: Column) -> float:
    """Fit of a flag of withdrawals, which may be the time of one.

    Never 0: a column of this name must not be left out because a value is not known. The training
    then stops, and says which one.
    """
    known = column.truths + column.dated
    return 1.0 if known > 0.999 or not column.values else 0.3


def percent(share: float) -> str:
    """Return a share as a percentage; only the whole is 100 %, only nothing is 0 %."""
    inside = 0 < share < 1
    return f"{min(99, max(1, round(100 * share))) if inside else round(100 * share)} %"


def describe_distinct(column: Column) -> str:
    """Say how many different values there are."""
    return f"{quantity(column.different, 'different value')} in {quantity(column.rows, 'row')}"


def describe_length(column: Column) -> str:
    """Say how long the values are, and how many rows are empty."""
    full = "" if column.filled == 1 else f", {percent(1 - column.filled)} empty"
    return f"{quantity(round(column.length), 'letter')} on average{full}"


def describe_addresses(column: Column) -> str:
    """Say how many values look like URLs."""
    return f"{percent(column.addresses)} look like URLs"


def describe_times(column: Column) -> str:
    """Say how many values can be read as times, and how many rows are empty."""
    empty = "" if column.filled == 1 else f", {percent(1 - column.filled)} of the rows empty"
    return f"{percent(column.dated)} can be read as times{empty}"


def describe_filled(column: Column) -> str:
    """Say how many rows are filled."""
    return f"{percent(column.filled)} of {quantity(column.rows, 'row')} filled"


def is_text_of_times(column: Column) -> bool:
    """Return whether the values are times, written as text."""
    return column.dated >= 0.95 and column.numbers == 0
