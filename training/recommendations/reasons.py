"""Reasons: the codes of why a story is shown, in the order in which arrays index them."""

from typing import Final

from recommender.blocks import BLOCKS
from training.ranking import GROUPS

LIST_REASONS: Final = (*GROUPS, "event")
"""Reasons of a list's items."""

REASONS: Final = (
    *LIST_REASONS,
    *(
        reason.code
        for block in BLOCKS.values()
        if block.ranking and block.ranking.reasons
        for reason in block.reasons
    ),
)
"""Reasons in the arrays of a version: those of lists, and of rankings with several reasons."""

EVENT: Final = REASONS.index("event")
