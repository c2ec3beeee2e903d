"""The newswire texts' nearest, rows in ascending order of id."""

from benchmarks.ours.texts import sides
from benchmarks.speed.side import main

if __name__ == "__main__":
    main(*sides("newswire"))
