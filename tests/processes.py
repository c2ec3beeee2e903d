"""Running a program to its end."""

import subprocess
from collections.abc import Sequence
from typing import Any

PATIENCE = 300
"""Seconds after which a program counts as hung."""


def run_program(command: Sequence[object], **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a program, and catch what it prints."""
    options = {"capture_output": True, "text": True, "timeout": PATIENCE, "check": False} | options
    return subprocess.run([*map(str, command)], **options)
