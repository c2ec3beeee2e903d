"""Lists and pages of the served version as one file, for sites without Python."""

from training.export.answers import Answers
from training.export.lines import json_lines, write_lines
from training.export.tables import write_tables

__all__ = ["Answers", "json_lines", "write_lines", "write_tables"]
