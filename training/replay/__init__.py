"""Replay: production run again over past days, beside other systems."""
