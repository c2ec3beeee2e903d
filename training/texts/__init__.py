"""Texts: articles as TF-IDF vectors, and which articles are similar."""

from training.texts.clean import clean
from training.texts.neighbours import Index, cosines, near_duplicates, neighbours, similar_pairs
from training.texts.preload import preload
from training.texts.terms import terms_of
from training.texts.vectorizer import TextVectorizer
from training.texts.vectors import Texts, extend, learn

__all__ = [
    "Index",
    "TextVectorizer",
    "Texts",
    "clean",
    "cosines",
    "extend",
    "learn",
    "near_duplicates",
    "neighbours",
    "preload",
    "similar_pairs",
    "terms_of",
]
