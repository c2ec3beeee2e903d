"""The main job on real data, by the committed configs, as the commands stand in the README."""

import json
import sys
from pathlib import Path

import duckdb
import pytest

from recommender import Recommender
from tests.processes import run_program

from .pages import check_full, withdraw

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
YMAL = Path(sys.executable).parent / "ymal"

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no real data at {DATA}"),
]


def train(name: str, artifacts: Path, *options: str) -> dict[str, dict[str, object]]:
    command = [YMAL, "train", "--config", f"examples/{name}.toml", "--artifacts", artifacts]
    done = run_program([*command, "--json", *options], cwd=ROOT, check=True)
    summary: dict[str, dict[str, object]] = json.loads(done.stdout)
    return summary


def test_check_of_ebnerd() -> None:
    command = [YMAL, "check", "--config", "examples/ebnerd.toml", "--json"]
    done = run_program(command, cwd=ROOT, check=True)
    checked = json.loads(done.stdout)
    facts = checked["facts"]
    assert checked["may_train"]
    assert not [finding for finding in checked["findings"] if finding["level"] != "note"]
    assert facts["articles"]["kept"] == facts["catalog"]["without_time"] == 15_514
    assert facts["views"]["kept"] + facts["views"]["unknown"] == facts["views"]["read"] == 398_176
    assert len(facts["times"]["days"]) == 36
    assert facts["times"]["missing_days"] == 0
    assert facts["catalog"]["scripts"].keys() == {"latin"}
    assert facts["learning"]["lately"] > 10 * 500, "the model is learned"
    assert min(facts["learning"]["blocks"].values()) > 12


def test_ebnerd(tmp_path: Path) -> None:
    summary = train("ebnerd", tmp_path)
    assert summary["counts"]["articles"] == 15_514
    assert summary["model"]["kind"] == "learned"
    stories = Recommender.open(tmp_path).related("9737535", 5)
    assert len({story.id for story in stories} | {"9737535"}) == 6
    assert all(story.score is not None for story in stories)
    check_full(tmp_path)
    withdraw(tmp_path, 0.3)
    check_full(tmp_path)


def test_globo(tmp_path: Path) -> None:
    summary = train("globo", tmp_path, "--now", "2017-10-17T00:00:00Z")
    assert summary["model"]["kind"] == "learned"
    most_read = duckdb.sql(
        f"""SELECT click_article_id::VARCHAR FROM '{DATA}/globo/clicks.parquet'
            WHERE click_timestamp >= epoch_ms(TIMESTAMP '2017-10-16')
              AND click_timestamp < epoch_ms(TIMESTAMP '2017-10-17')
            GROUP BY 1 ORDER BY COUNT(*) DESC LIMIT 10"""
    ).fetchall()
    served = Recommender.open(tmp_path)
    assert len(most_read) == 10
    for (article,) in most_read:
        reasons = [story.reason for story in served.related(article, 5)]
        assert "readers" in reasons, article
