"""Which transitions the model learns from."""

import numpy as np

from training.config import Config
from training.ranking import downsample
from training.readers import Transitions
from training.records import DAY, HOUR

START = 20_000 * DAY


def reads(times: list[int], own: int = 0) -> Transitions:
    rows = np.arange(len(times), dtype=np.int32)
    time = np.array(times, np.int64)
    caused = np.full(len(rows), own, np.int32)
    return Transitions(rows, rows, time, time + 1, rows.astype(np.int64), caused)


def test_few_transitions_are_all_kept_in_time_order() -> None:
    kept = downsample(reads([START + 3, START + 1, START + 2]), Config())
    assert kept.source_time.tolist() == [START + 1, START + 2, START + 3]


def test_hours_have_equal_weight_which_halves_each_day() -> None:
    """Ten times the traffic a day ago: a read of now is twenty times as likely."""
    config = Config(ranking={"max_transitions": 300})
    before = [START + HOUR // 2 + i for i in range(50_000)]
    now = [START + DAY + i for i in range(5_000)]
    drawn = downsample(reads(before + now), config).source_time
    assert len(drawn) == len(set(drawn.tolist())) == 300
    assert (np.diff(drawn) > 0).all()
    share = (drawn >= START + DAY).mean()
    assert abs(share - 2 / 3) < 0.1
    assert (downsample(reads(before + now), config).source_time == drawn).all()
    assert drawn[0] < START + HOUR < START + DAY <= drawn[-1]


def test_the_discount_is_left_out_of_transitions_by_our_own_blocks() -> None:
    times = [START + i for i in range(2000)]
    for discount, left in ((0.0, 1.0), (0.25, 0.75), (1.0, 0.0)):
        config = Config(readers={"block_discount": discount})
        assert len(downsample(reads(times), config).own) == 2000
        share = len(downsample(reads(times, own=1), config).own) / 2000
        # Four standard deviations of a share of 2000 draws; at 0 and at 1 it is exact.
        assert abs(share - left) <= 4 * np.sqrt(left * (1 - left) / 2000)
