"""Which next reads the model learns from."""

import numpy as np

from training.config import Config
from training.ranking import thinned
from training.readers import Transitions
from training.records import DAY, HOUR

START = 20_000 * DAY


def reads(times: list[int]) -> Transitions:
    rows = np.arange(len(times), dtype=np.int32)
    time = np.array(times, np.int64)
    return Transitions(rows, rows, time, time + 1, rows.astype(np.int64))


def test_few_reads_are_all_kept_in_the_order_of_their_source() -> None:
    kept = thinned(reads([START + 3, START + 1, START + 2]), Config())
    assert kept.source_time.tolist() == [START + 1, START + 2, START + 3]


def test_hours_count_alike_and_a_day_halves_them() -> None:
    """Ten times the traffic a day ago: a read of now is twenty times as likely."""
    config = Config(ranking={"max_transitions": 300})
    before = [START + HOUR // 2 + i for i in range(50_000)]
    now = [START + DAY + i for i in range(5_000)]
    drawn = thinned(reads(before + now), config).source_time
    assert len(drawn) == len(set(drawn.tolist())) == 300
    assert (np.diff(drawn) > 0).all()
    share = (drawn >= START + DAY).mean()
    assert abs(share - 2 / 3) < 0.1
    assert (thinned(reads(before + now), config).source_time == drawn).all()
    assert drawn[0] < START + HOUR < START + DAY <= drawn[-1]
