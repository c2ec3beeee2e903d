"""Export lists and pages of the served version to one file, for sites without Python."""

from training.export.json_lines import json_lines, write_lines
from training.export.pages import ArticlePages
from training.export.sqlite import write_tables

__all__ = ["ArticlePages", "json_lines", "write_lines", "write_tables"]
