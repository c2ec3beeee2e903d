"""What docs/errors.md says: the exit codes, the errors behind them, and every bad input."""

from inspect import getmembers, isclass

from tests.bad_inputs.case import Case, Elsewhere
from tests.bad_inputs.cases import GROUPS, MACHINE
from training import errors

MEANING = {
    "EXIT_OK": "done",
    "EXIT_FAILURE": "a fault of ymal itself: please report it",
    "EXIT_USAGE": "the command line asks for something that cannot be",
    "EXIT_CONFIG": "the config file has an unknown key, a wrong type or a value out of range",
    "EXIT_DATA": "an input file breaks the contract",
    "EXIT_ARTIFACT": "the artifact is missing, damaged or of another format",
    "EXIT_OUTPUT": "a directory or file cannot be written",
    "EXIT_REFUSED": "a version was written and is not served: the gate refused it",
    "EXIT_BUSY": "another run is at work in the directory, or has just published there",
    "EXIT_WORSE": "`ymal compare --fail-if-worse`: the second run is worse in that metric",
    "EXIT_INTERRUPTED": "interrupted; what was published before stays",
}

HEAD = """# Errors

Generated from `training/errors.py` and `tests/bad_inputs/` by `make docs`.

Whatever is wrong with a site's input, a command ends with one line on stderr, which begins with
`ymal: ` and says where, what was found and what to do, and with one of these codes. What was
published before stays as it is and is served; no temporary file is left.

| code | name | class | meaning |
|---|---|---|---|
"""

BELOW = """
Below is every bad input that a test brings about, with what `ymal train` says, as it stands there
on one line; `…` stands for what differs from case to case. `ymal check` ends with the same code.
Where no code is given training goes on, with what it keeps and leaves out: rows that are left out
stand in `quarantine.jsonl`, and more of them than `data.max_bad_share` stop the run.
"""


def exit_codes() -> list[tuple[int, str, str]]:
    """List the exit codes with what each means."""
    names = [name for name in vars(errors) if name.startswith("EXIT_")]
    return [(getattr(errors, name), name, MEANING[name]) for name in names]


def errors_reference() -> str:
    """Write the reference of errors: codes, classes, and the catalogue of bad inputs."""
    classes = {
        error.exit_code: name
        for name, error in getmembers(errors, isclass)
        if issubclass(error, errors.YmalError) and error is not errors.YmalError
    }
    lines = [
        f"| {code} | `{name}` | {f'`{classes[code]}`' if code in classes else ''} | {meaning} |"
        for code, name, meaning in exit_codes()
    ]
    parts = [HEAD + "\n".join(lines) + "\n" + BELOW]
    for title, cases in (*GROUPS.items(), ("Machine", MACHINE)):
        rows = [f"| {_cell(case.what)} | {_said(case)} | {case.code or ''} |" for case in cases]
        parts.append(
            f"\n## {title}\n\n| what is wrong | what ymal says or does | code |\n|---|---|---|\n"
        )
        parts.append("\n".join(rows) + "\n")
    return "".join(parts)


def _said(case: Case | Elsewhere) -> str:
    """Give the line that is said, what is kept, and what else there is to know."""
    line = f"`{_cell(case.says)}`" if case.says else ""
    kept = _kept(case) if isinstance(case, Case) and not case.code else ""
    return "; ".join(part for part in (line, kept, case.note) if part)


def _kept(case: Case) -> str:
    articles, views = case.kept
    left = [f"{count:,} (`{reason}`)" for reason, count in case.left_out.items()]
    kept = f"trains on {_of(articles, 'article')} and {_of(views, 'view')}"
    return f"{kept}; left out: {', '.join(left)}" if left else kept


def _of(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
