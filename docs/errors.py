"""Generate docs/errors.md: the exit codes, their exceptions, and every bad input."""

from inspect import getmembers, isclass

from tests.bad_inputs.case import Case, Elsewhere
from tests.bad_inputs.cases import GROUPS, MACHINE
from training import errors

MEANING = {
    "EXIT_OK": "done",
    "EXIT_FAILURE": "a bug in ymal: please report it",
    "EXIT_USAGE": "the command line is wrong",
    "EXIT_CONFIG": "the config file has an unknown key, a wrong type or a value out of range",
    "EXIT_DATA": "an input file breaks the contract",
    "EXIT_ARTIFACT": "the artifact is missing, damaged or has another format",
    "EXIT_OUTPUT": "a directory or file cannot be written",
    "EXIT_REFUSED": "the gate refused the new version: it was written and is not served",
    "EXIT_BUSY": "another run is using the directory, or has just published there",
    "EXIT_WORSE": "`ymal compare --fail-if-worse`: the second run is worse in that metric",
    "EXIT_UNKNOWN_WITHDRAWAL": "a value in `withdrawn` means neither yes nor no: nothing new is "
    "published; the withdrawals that were understood are in force",
    "EXIT_INTERRUPTED": "interrupted; nothing is half written",
}

HEAD = """# Errors

Generated from `training/errors.py` and `tests/bad_inputs/` by `make docs`.

After bad input a command ends with one line on stderr and one of these codes. The line begins with
`ymal: ` and says where, what was found and what to do. The version published before is unchanged
and stays served. No temporary file is left.

| code | name | class | meaning |
|---|---|---|---|
"""

BELOW = """
Below is every bad input that the tests try, with the line of `ymal train`; `…` stands for text that
differs from case to case. `ymal check` ends with the same code. Without a code, training continues,
with the rows named here kept and left out. Rows that are left out are in `quarantine.jsonl`. If
their share exceeds `data.max_bad_share`, the run stops.
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
        rows = [f"| {_cell(case.what)} | {_effect(case)} | {case.code or ''} |" for case in cases]
        parts.append(
            f"\n## {title}\n\n| what is wrong | message or effect | code |\n|---|---|---|\n"
        )
        parts.append("\n".join(rows) + "\n")
    return "".join(parts)


def _effect(case: Case | Elsewhere) -> str:
    """Write the error line, the rows kept, and the note."""
    line = f"`{_cell(case.says)}`" if case.says else ""
    kept = _kept(case) if isinstance(case, Case) and not case.code else ""
    return "; ".join(part for part in (line, kept, case.note) if part)


def _kept(case: Case) -> str:
    articles, views = case.kept
    left = [f"{count:,} (`{reason}`)" for reason, count in case.left_out.items()]
    kept = f"trains on {_count(articles, 'article')} and {_count(views, 'view')}"
    return f"{kept}; left out: {', '.join(left)}" if left else kept


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
