"""Monitor the served model: score it on the transitions since its training."""

from collections.abc import Mapping
from typing import Final

from training.production.served import ServedVersion
from training.records import HOUR
from training.run import Run

HALF_LIFE: Final = 6 * HOUR
"""Half-life of a figure."""

MIN_TRANSITIONS: Final = 50
"""Minimum number of transitions to check the model."""


def merge_monitored(served: ServedVersion, run: Run) -> dict[str, float]:
    """Merge a refresh's figures into the earlier ones, which are decayed to the run's time.

    Returns
    -------
    dict
        `reads`, the decayed number of transitions; `log_loss` and `log_loss_prior`, the means over
        them. Empty if there were none.
    """
    now, before = run.monitoring, served.monitored
    decay = 2.0 ** (-(run.state.time - served.state.time) / HALF_LIFE)
    reads = now.get("reads", 0.0) + decay * before.get("reads", 0.0)
    if not reads:
        return {}
    merged = {"reads": reads}
    for name in ("log_loss", "log_loss_prior"):
        fresh = now.get("reads", 0.0) * now.get(name, 0.0)
        merged[name] = (fresh + decay * before.get("reads", 0.0) * before.get(name, 0.0)) / reads
    return merged


def needs_retraining(run: Run, monitored: Mapping[str, float]) -> bool:
    """Whether the model's gain over the prior has fallen below `ranking.retrain_below`."""
    learned = run.state.model.validation
    if monitored.get("reads", 0) < MIN_TRANSITIONS or not learned:
        return False
    gain = 1 - monitored["log_loss"] / monitored["log_loss_prior"]
    gain_then = 1 - learned["log_loss"] / learned["log_loss_prior"]
    return gain < run.config.ranking.retrain_below * gain_then
