"""What the articles withdraw is gone at once, whatever becomes of the run that reads it."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender import ArtifactError, Recommender, lookup
from recommender.overrides import ARTICLES
from tests.recommender.worlds import TOY
from tests.thorough import scaled
from tests.training.cli.commands import failure, ymal
from training.errors import EXIT_DATA, EXIT_REFUSED, EXIT_UNKNOWN_WITHDRAWAL, EXIT_USAGE
from training.release import served_name, set_withdrawals

NOW = "2026-05-02T00:00:00Z"
GONE = "n3"


def write_articles(site: Path, but: tuple[str, ...] = (), **withdrawn: str) -> None:
    """Write 24 articles on one subject; `withdrawn` has the values that are not `f`."""
    rows = [
        f"n{at},Storm floods harbour {at},2026-05-01T{at:02}:00:00Z,{withdrawn.get(f'n{at}', 'f')}"
        for at in range(24)
        if f"n{at}" not in but
    ]
    (site / "articles.csv").write_text("\n".join(["id,title,published_at,withdrawn", *rows, ""]))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    write_articles(folder)
    (folder / "ymal.toml").write_text('[paths]\narticles = "articles.csv"\n')
    ymal("train", "--now", NOW, "--quiet", cwd=folder)
    return folder


@pytest.fixture
def site(trained: Path, tmp_path: Path) -> Path:
    return shutil.copytree(trained, tmp_path / "site")


def refresh(site: Path, code: int = 0) -> str:
    return ymal("refresh", "--now", NOW, "--quiet", cwd=site, code=code).stderr


def shown(site: Path) -> set[str]:
    """Return the ids in all lists, pages, blocks and lines of an export."""
    snapshot = Recommender.open(site / "artifacts").snapshot()
    found = set(snapshot.ids())
    for source in ("n0", "n5", GONE, "unknown"):
        found |= {story.id for story in snapshot.related(source, 20)}
        found |= {story.id for block in snapshot.page(source).blocks for story in block.items}
        found |= {story.id for story in snapshot.next_for([source], 20)}
    found |= {story.id for story in snapshot.block("latest", n=20).items}
    for line in ymal("export", "--quiet", cwd=site).stdout.splitlines():
        row = json.loads(line)
        found |= {row["id"], *(story["id"] for story in row["related"])}
    return found


@pytest.fixture(autouse=True)
def _look_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "CHECK_SECONDS", 0.0)


def test_it_is_gone_under_a_hold(site: Path) -> None:
    before = Recommender.open(site / "artifacts")
    assert GONE in before
    ymal("hold", "--why", "election", cwd=site)
    write_articles(site, **{GONE: "t"})
    name = served_name(site / "artifacts")
    refresh(site)
    assert served_name(site / "artifacts") == name
    assert GONE not in shown(site)
    assert GONE not in before, "a server that runs follows"
    write_articles(site)
    refresh(site)
    assert GONE in shown(site)


def test_it_is_gone_though_the_gate_refuses_the_version(site: Path) -> None:
    gone = {f"n{at}" for at in range(12)}
    write_articles(site, **dict.fromkeys(gone, "t"))
    name = served_name(site / "artifacts")
    refresh(site, EXIT_REFUSED)
    assert served_name(site / "artifacts") == name
    assert shown(site).isdisjoint(gone)


def test_it_stays_gone_after_a_rollback_and_in_what_follows(site: Path) -> None:
    write_articles(site, **{GONE: "t"})
    refresh(site)
    ymal("rollback", "--why", "bad lists", cwd=site)
    assert GONE not in shown(site)
    ymal("release", cwd=site)
    write_articles(site, but=(GONE,), n0="yes")
    refresh(site)
    assert shown(site).isdisjoint({GONE, "n0"}), "an absent row says nothing"


def test_it_is_gone_though_another_value_is_unknown(site: Path) -> None:
    write_articles(site, n4="perhaps", **{GONE: "t"})
    before = served_name(site / "artifacts")
    assert "'perhaps' in withdrawn means neither" in refresh(site, EXIT_UNKNOWN_WITHDRAWAL)
    assert "'perhaps' in withdrawn" in failure(
        "train", "--now", NOW, cwd=site, code=EXIT_UNKNOWN_WITHDRAWAL
    )
    assert served_name(site / "artifacts") == before
    assert GONE not in shown(site)
    assert "n4" in shown(site), "what is not understood changes nothing"
    write_articles(site, n4="t", **{GONE: "perhaps"})
    refresh(site, EXIT_UNKNOWN_WITHDRAWAL)
    assert shown(site).isdisjoint({GONE, "n4"}), "nor does it lift"


def test_it_is_gone_though_the_views_cannot_be_read(site: Path) -> None:
    write_articles(site, **{GONE: "t"})
    (site / "views.csv").write_text("user,article\n")
    ymal("refresh", "--now", NOW, "--views", "views.csv", cwd=site, code=EXIT_DATA)
    assert GONE not in shown(site)


@pytest.mark.parametrize("damage", ["", "{broken", None])
def test_no_damage_of_the_file_brings_it_back(site: Path, damage: str | None) -> None:
    ymal("hold", "--why", "election", cwd=site)
    write_articles(site, **{GONE: "t"})
    refresh(site)
    running = Recommender.open(site / "artifacts")
    file = site / "artifacts" / ARTICLES.name
    if damage is None:
        file.unlink()
    else:
        file.write_text(damage)
    assert GONE not in running
    assert GONE not in shown(site)
    refresh(site)
    assert [o["story"] for o in json.loads(file.read_text())["overrides"]] == [GONE]
    file.write_text("{broken")
    (site / "artifacts" / ARTICLES.last_good).write_text("{broken")
    with pytest.raises(ArtifactError):
        Recommender.open(site / "artifacts")
    assert GONE not in running


def test_it_is_listed_and_lifted_by_the_articles_alone(site: Path) -> None:
    ymal("hold", "--why", "election", cwd=site)
    write_articles(site, **{GONE: "t"})
    refresh(site)
    assert "from the articles" in ymal("overrides", cwd=site).stdout
    (listed,) = json.loads(ymal("overrides", "--json", cwd=site).stdout)
    message = failure("overrides", "--lift", listed["id"], cwd=site, code=EXIT_USAGE)
    assert f"the articles say that '{GONE}' is withdrawn, not published or gone; correct" in message
    assert "is withdrawn; the articles say so" in failure("related", GONE, cwd=site, code=4)
    write_articles(site)
    refresh(site)
    assert "nothing is pinned" in ymal("overrides", cwd=site).stdout


@given(
    steps=st.lists(st.tuples(st.sets(st.sampled_from("abcd")), st.sets(st.sampled_from("abcd"))))
)
@settings(max_examples=scaled(40))
def test_the_last_word_on_a_story_holds(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[set[str], set[str]]]
) -> None:
    """Of a story that no input names any more the last that did is right."""
    names = dict(zip("abcd", ("storm", "rain", "snow", "goal"), strict=True))
    artifacts = TOY.publish(tmp_path_factory.mktemp("toy"))
    gone: set[str] = set()
    for withdrawn, named in steps:
        live = named - withdrawn
        set_withdrawals(artifacts, {names[n] for n in withdrawn}, {names[n] for n in live})
        gone = gone - live | withdrawn
        recommender = Recommender.open(artifacts)
        assert {n for n in "abcd" if names[n] not in recommender} == gone
    entries = list(_entries(artifacts))
    assert sorted(entries) == sorted(names[n] for n in gone)


def _entries(artifacts: Path) -> Iterator[str]:
    file = artifacts / ARTICLES.name
    if file.exists():
        yield from (o["story"] for o in json.loads(file.read_text())["overrides"])


def test_only_what_a_version_knows_is_kept(tmp_path: Path) -> None:
    artifacts = TOY.publish(tmp_path)
    set_withdrawals(artifacts, {"never published", "draft", "rain"}, set())
    assert list(_entries(artifacts)) == ["rain"]


def test_a_column_of_states_stops_the_run_and_no_withdrawal(site: Path) -> None:
    """What the flags withdraw is in force, though a column of drafts is not mapped yet."""
    write_articles(site, **{GONE: "t"})
    lines = (site / "articles.csv").read_text().splitlines()
    states = ["status", "draft", *["publish"] * (len(lines) - 2)]
    rows = [f"{line},{state}" for line, state in zip(lines, states, strict=True)]
    (site / "articles.csv").write_text("\n".join(rows) + "\n")
    assert "which tells published rows from others" in refresh(site, EXIT_DATA)
    assert GONE not in shown(site)
