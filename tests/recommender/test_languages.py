"""Rankings that follow a list hold the languages that go with the source's."""

from dataclasses import replace
from pathlib import Path

import pytest

from recommender import ArtifactError, Recommender
from recommender.verify import verify
from tests.recommender.worlds import NAME, TOY, World
from training.strings import StringArray

DA, EN, NONE = 0, 1, -1
MIXED = replace(
    TOY,
    articles=[
        replace(article, language=language)
        for article, language in zip(TOY.articles, (DA, DA, EN, EN, NONE, NONE), strict=True)
    ],
)


def opened(folder: Path, world: World = MIXED) -> Recommender:
    return Recommender.open(world.publish(folder))


def test_a_version_of_one_language_needs_no_flag(tmp_path: Path) -> None:
    artifacts = TOY.publish(tmp_path)
    assert not (artifacts / "versions" / NAME / "languages.npy").exists()
    assert '"requires": []' in (artifacts / "versions" / NAME / "manifest.json").read_text()


def test_a_version_without_languages_follows_one_with_them(tmp_path: Path) -> None:
    class Kept(World):
        def arrays(self) -> dict[str, object]:
            extras = StringArray.of(["{}"] * len(self.articles))
            return {**super().arrays(), "extras": extras.blob, "extra_ends": extras.ends}

    assert opened(tmp_path / "two", Kept(**vars(MIXED))).related_ids("storm")
    assert opened(tmp_path / "one", Kept(**vars(TOY))).related_ids("storm")


def test_there_must_be_one_for_each_article(tmp_path: Path) -> None:
    class Short(World):
        def arrays(self) -> dict[str, object]:
            arrays = super().arrays()
            return {**arrays, "languages": arrays["languages"][:2]}

    with pytest.raises(ArtifactError, match=r"languages\.npy: it has 2 values instead of 6"):
        Recommender.open(Short(**vars(MIXED)).publish(tmp_path))


def test_numbers_below_none_are_damage(tmp_path: Path) -> None:
    opened(
        tmp_path,
        replace(
            MIXED,
            articles=[
                replace(a, language=-2 if a.id == "goal" else at)
                for at, a in enumerate(MIXED.articles)
            ],
        ),
    )
    with pytest.raises(ArtifactError, match=r"languages\.npy: it has values outside -1"):
        verify(tmp_path / "versions" / NAME, "version")


def test_a_row_that_there_is_not_is_damage(tmp_path: Path) -> None:
    storm, *others = MIXED.articles
    rec = opened(
        tmp_path, replace(MIXED, articles=[replace(storm, items=((99, 0.5, "text"),)), *others])
    )
    with pytest.raises(ArtifactError, match=r"there is no row 99"):
        rec.next_for(["storm"])
