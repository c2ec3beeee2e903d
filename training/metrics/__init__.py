"""Metrics of a replay and of served lists, with bootstrap intervals over readers."""
