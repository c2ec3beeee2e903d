"""Fault injection: each module is one kind of fault."""
