"""Recommenders of others that a replay asks: long-lived processes, each in its own environment.

They import the standard library, numpy, scipy and their own package, and nothing of ours but what
stands in this folder.
"""
