"""Reasons: the codes of why a story stands somewhere, as a version's arrays index them."""

from typing import Final

from training.ranking import GROUPS

OWN_REASONS: Final = (*GROUPS, "event")
"""Those of own items."""

REASONS: Final = (*OWN_REASONS, "finished", "widely_opened")
"""The last two are those of must-reads."""

EVENT: Final = REASONS.index("event")
FINISHED: Final = REASONS.index("finished")
WIDELY_OPENED: Final = REASONS.index("widely_opened")
