"""Texts: what an article is about, as a vector, and which articles are alike."""

from training.texts.clean import clean
from training.texts.loading import loading
from training.texts.neighbours import Index, cosines, linked, neighbours, twins
from training.texts.terms import terms_of
from training.texts.vectors import Texts, extend, learn

__all__ = [
    "Index",
    "Texts",
    "clean",
    "cosines",
    "extend",
    "learn",
    "linked",
    "loading",
    "neighbours",
    "terms_of",
    "twins",
]
