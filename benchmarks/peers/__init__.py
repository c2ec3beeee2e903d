"""Alternatives that a user might pick: one script each, run as a process.

In the folder `workers` are those that a replay asks again and again.
"""
