"""Checking: what training would see of a site's files, and what to do about it."""
