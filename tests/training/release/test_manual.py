"""Serving by hand: publish, rollback, hold, release."""

import json
import shutil
from pathlib import Path

import pytest

from recommender import ArtifactError
from tests.training.release.worlds import NOW, publish, titles
from training import release
from training.errors import OutputError, UsageError
from training.records import HOUR
from training.release import GateDecision, audit

BAD = {"traffic": {"newest_view": NOW - 9 * HOUR, "repeated": 0.0, "unknown": 0.0}}


def what(artifacts: Path) -> list[str]:
    return [entry["what"] for entry in audit.entries(artifacts)]


def test_rollback_goes_back_and_holds(tmp_path: Path) -> None:
    first, second = publish(tmp_path).name, publish(tmp_path, "second").name
    assert release.roll_back(tmp_path, "typo everywhere") == (second, first, [])
    assert titles(tmp_path) == ["first", "first"]
    held = publish(tmp_path, "third", base=first)
    assert held.decision.held is not None
    assert "typo everywhere" in held.decision.held
    assert titles(tmp_path) == ["first", "first"]
    assert release.list_versions(tmp_path)[-1].status == "held"
    assert release.lift_hold(tmp_path) is not None
    assert release.lift_hold(tmp_path) is None
    publish(tmp_path, "fourth", base=first)
    assert titles(tmp_path) == ["fourth", "fourth"]
    assert what(tmp_path) == ["train", "train", "rollback", "train", "release", "train"]


def test_a_second_rollback_goes_further_back(tmp_path: Path) -> None:
    names = [publish(tmp_path, title).name for title in ("first", "second", "third")]
    assert release.roll_back(tmp_path, "")[1] == names[1]
    assert release.roll_back(tmp_path, "")[1] == names[0]
    with pytest.raises(UsageError, match=f"no version before {names[0]} to roll back to"):
        release.roll_back(tmp_path, "")
    assert titles(tmp_path) == ["first", "first"]


def test_rollback_passes_over_what_was_refused_held_gone_or_damaged(tmp_path: Path) -> None:
    good = publish(tmp_path, "good").name
    damaged = publish(tmp_path, "damaged")
    gone = publish(tmp_path, "gone")
    refused = publish(tmp_path, "refused", fields=BAD)
    served = publish(tmp_path, "served").name
    shutil.rmtree(gone.version_dir)
    (damaged.version_dir / "ids.npy").write_bytes(b"")
    assert refused.decision.refused
    before, now, passed = release.roll_back(tmp_path, "")
    assert (before, now) == (served, good)
    assert len(passed) == 1
    assert "damaged" not in titles(tmp_path)


def test_publish_serves_any_version_and_lifts_the_hold(tmp_path: Path) -> None:
    first = publish(tmp_path).name
    refused = publish(tmp_path, "second", fields=BAD).name
    release.set_hold(tmp_path, "wait")
    assert release.serve_version(tmp_path, refused, "it is right") == first
    assert titles(tmp_path) == ["second", "second"]
    assert release.read_hold(tmp_path) is None
    assert audit.entries(tmp_path)[-1]["why"] == "it is right"
    good = {"traffic": {"newest_view": NOW}}
    assert publish(tmp_path, "third", base=refused, fields=good).decision.may_serve


def test_publish_wants_a_whole_version(tmp_path: Path) -> None:
    first, second = publish(tmp_path), publish(tmp_path, "second")
    data = (first.version_dir / "titles.npy").read_bytes()
    (first.version_dir / "titles.npy").write_bytes(data[:-1] + b"\1")
    with pytest.raises(ArtifactError, match=r"titles\.npy"):
        release.serve_version(tmp_path, first.name, "")
    for name in ("20230601T070000Z-009", "../versions", ""):
        with pytest.raises(UsageError, match="no version"):
            release.serve_version(tmp_path, name, "")
    assert release.served_name(tmp_path) == second.name


def test_a_refused_version_is_no_base(tmp_path: Path) -> None:
    first = publish(tmp_path).name
    refused = publish(tmp_path, "second", fields=BAD).name
    assert release.served_name(tmp_path) == first
    third = publish(tmp_path, "third", base=first)
    assert third.decision.follows == first
    assert refused < third.name


def test_a_hold_that_cannot_be_read_holds(tmp_path: Path) -> None:
    publish(tmp_path)
    (tmp_path / "hold.json").write_text("{")
    held = publish(tmp_path, "second")
    assert held.decision.held is not None
    assert "cannot be read" in held.decision.held
    assert titles(tmp_path) == ["first", "first"]


def test_nothing_can_be_held_where_nothing_is_served(tmp_path: Path) -> None:
    for call in (release.set_hold, release.roll_back):
        with pytest.raises(ArtifactError, match="run ymal train"):
            call(tmp_path, "")
    with pytest.raises(ArtifactError, match="run ymal train"):
        release.lift_hold(tmp_path)


def test_the_audit_says_what_was_found(tmp_path: Path) -> None:
    first, second = publish(tmp_path).name, publish(tmp_path, "second").name
    (tmp_path / "current").write_text(f"{first}\n")  # by hand
    publish(tmp_path, "third")
    entries = audit.entries(tmp_path)
    assert [entry["what"] for entry in entries] == ["train", "train", "found", "train"]
    assert entries[2]["served"] == first
    assert entries[3]["follows"] == first
    assert second not in (entries[2]["served"], entries[3]["follows"])


def test_a_torn_line_stays_a_line_of_its_own(tmp_path: Path) -> None:
    publish(tmp_path)
    path = tmp_path / audit.FILE
    path.write_bytes(path.read_bytes() + b'{"when": "2023')
    second = publish(tmp_path, "second").name
    lines = path.read_text().splitlines()
    assert len(lines) == 3
    assert json.loads(lines[2])["version"] == second
    assert audit.last_served(tmp_path) == second
    assert len(audit.entries(tmp_path)) == 2


def test_an_entry_says_who_what_and_from_which_files(tmp_path: Path) -> None:
    publish(tmp_path)
    (entry,) = audit.entries(tmp_path)
    assert entry.keys() == {"when", "what", "who", "version", "served", "inputs"}
    assert entry["when"].endswith("Z")
    assert entry["inputs"]["files"] == 0


def changed(manifest: Path, **fields: object) -> None:
    """Change fields of a manifest by hand."""
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | fields))


@pytest.mark.parametrize(
    "odd", [[], {}, {"outside": ["bad"]}, GateDecision().as_dict() | {"figures": {"overlap": "x"}}]
)
def test_a_standing_that_cannot_be_read_is_served_only_by_hand(tmp_path: Path, odd: object) -> None:
    first, odd_one = publish(tmp_path), publish(tmp_path, "odd")
    publish(tmp_path, "third", base=odd_one.name)
    served = publish(tmp_path, "fourth")
    changed(odd_one.version_dir / "manifest.json", standing=odd)
    shutil.rmtree(tmp_path / "versions" / release.list_versions(tmp_path)[2].name)
    assert [version.status for version in release.list_versions(tmp_path)] == ["", "held", "served"]
    assert release.roll_back(tmp_path, "")[:2] == (served.name, first.name)
    release.serve_version(tmp_path, odd_one.name, "it is right")
    assert titles(tmp_path) == ["odd", "odd"]


def test_a_refused_version_stays_refused_where_its_state_is_damaged(tmp_path: Path) -> None:
    first = publish(tmp_path).name
    refused = publish(tmp_path, "refused", fields=BAD)
    gone = publish(tmp_path, "gone")
    publish(tmp_path, "served")
    shutil.rmtree(gone.version_dir)
    refused.state_dir.mkdir(exist_ok=True)
    (refused.state_dir / "manifest.json").write_text("{")
    statuses = {version.name: version.status for version in release.list_versions(tmp_path)}
    assert statuses[refused.name] == "refused"
    assert release.roll_back(tmp_path, "")[1] == first


def test_any_words_are_a_reason_on_one_line(tmp_path: Path) -> None:
    publish(tmp_path)
    publish(tmp_path, "second")
    release.roll_back(tmp_path, "feil p\udce5\nforsiden")  # as a Latin-1 terminal gives it
    assert str(release.read_hold(tmp_path)).endswith(": feil p\udce5 forsiden")
    assert audit.entries(tmp_path)[-1]["why"] == "feil p\udce5\nforsiden"
    publish(tmp_path, "third")
    assert titles(tmp_path) == ["first", "first"]


def test_an_audit_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    publish(tmp_path)
    (tmp_path / audit.FILE).unlink()
    (tmp_path / audit.FILE).mkdir()
    for call in (release.roll_back, release.set_hold):
        with pytest.raises(OutputError, match=r"audit\.jsonl: cannot be read \(Is a directory\)"):
            call(tmp_path, "")
    assert release.read_hold(tmp_path) is None
