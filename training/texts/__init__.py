"""Texts: what an article is about, as a vector, and which articles are alike."""

from training.texts.clean import clean
from training.texts.loading import loading
from training.texts.neighbours import Index, cosines, linked, near_duplicates, neighbours
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
    "near_duplicates",
    "neighbours",
    "terms_of",
]
