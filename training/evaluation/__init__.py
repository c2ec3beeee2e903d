"""Evaluation: production replayed over past days, and what it is worth."""
