"""Ranking: candidates, features, model, score."""

from training.ranking.candidates import Candidates, find
from training.ranking.cut import Cut, by_section, known_at, take_cut
from training.ranking.features import GROUPS
from training.ranking.learning import observe, thinned
from training.ranking.model import fit, join, prior
from training.ranking.score import Scored, score

__all__ = [
    "GROUPS",
    "Candidates",
    "Cut",
    "Scored",
    "by_section",
    "find",
    "fit",
    "join",
    "known_at",
    "observe",
    "prior",
    "score",
    "take_cut",
    "thinned",
]
