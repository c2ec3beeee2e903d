"""Ranking: candidates, features, model, score."""

from training.ranking.candidates import Candidates, find, ordered
from training.ranking.cut import Cut, by_section, known_at, take_cut
from training.ranking.features import GROUPS, feature_names, log_lifts
from training.ranking.learning import observe, thinned
from training.ranking.model import Choices, Observed, draw, fit, join, log_loss, prior
from training.ranking.score import CONNECTED_COSINE, CONNECTED_LIFT, Scored, contributions, score

__all__ = [
    "CONNECTED_COSINE",
    "CONNECTED_LIFT",
    "GROUPS",
    "Candidates",
    "Choices",
    "Cut",
    "Observed",
    "Scored",
    "by_section",
    "contributions",
    "draw",
    "feature_names",
    "find",
    "fit",
    "join",
    "known_at",
    "log_lifts",
    "log_loss",
    "observe",
    "ordered",
    "prior",
    "score",
    "take_cut",
    "thinned",
]
