"""Production: publish a run as the served version, and start the next run from it."""

from training.production.forget import forget
from training.production.monitor import merge_monitored, needs_retraining
from training.production.publication import block_plan, describe_publication, publication
from training.production.served import ServedVersion, explain_served, load_served

__all__ = [
    "ServedVersion",
    "block_plan",
    "describe_publication",
    "explain_served",
    "forget",
    "load_served",
    "merge_monitored",
    "needs_retraining",
    "publication",
]
