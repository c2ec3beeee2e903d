"""Reasons: the codes of why a story stands somewhere, as a version's arrays index them."""

from typing import Final

from recommender.blocks import BLOCKS
from training.ranking import GROUPS

OWN_REASONS: Final = (*GROUPS, "event")
"""Reasons of a list's items."""

REASONS: Final = (
    *OWN_REASONS,
    *(
        reason.code
        for block in BLOCKS.values()
        if block.ranking and block.ranking.reasons
        for reason in block.reasons
    ),
)
"""Those that arrays of a version hold: of own items, and of rankings with several reasons."""

EVENT: Final = REASONS.index("event")
