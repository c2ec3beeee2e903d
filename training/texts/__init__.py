"""Texts: what an article is about, as a vector, and which articles are alike."""

from training.texts.clean import clean
from training.texts.neighbours import cosines, neighbours, twins
from training.texts.terms import Texts, learn, terms_of

__all__ = ["Texts", "clean", "cosines", "learn", "neighbours", "terms_of", "twins"]
