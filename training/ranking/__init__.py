"""Ranking: candidates, features, model, score."""

from training.ranking.candidates import Candidates, find, sort_by_source
from training.ranking.choice_sets import (
    ChoiceSets,
    ObservedChoices,
    downsample,
    observe_choices,
    sample_alternatives,
)
from training.ranking.classifier import fit_classifier
from training.ranking.conditional_logit import ConditionalLogit
from training.ranking.features import GROUPS, feature_names, log_lifts
from training.ranking.inputs import RankingInputs, by_section, known_at, ranking_inputs
from training.ranking.model import fit, log_loss, prior
from training.ranking.score import CONNECTED_COSINE, CONNECTED_LIFT, Scored, contributions, score

__all__ = [
    "CONNECTED_COSINE",
    "CONNECTED_LIFT",
    "GROUPS",
    "Candidates",
    "ChoiceSets",
    "ConditionalLogit",
    "ObservedChoices",
    "RankingInputs",
    "Scored",
    "by_section",
    "contributions",
    "downsample",
    "feature_names",
    "find",
    "fit",
    "fit_classifier",
    "known_at",
    "log_lifts",
    "log_loss",
    "observe_choices",
    "prior",
    "ranking_inputs",
    "sample_alternatives",
    "score",
    "sort_by_source",
]
