"""Our side of the comparisons: one script each, run as a whole process like those of the peers."""
