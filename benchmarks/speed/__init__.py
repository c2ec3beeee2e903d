"""How fast our side is beside what a user would pick instead, in turn, each result checked."""
