"""Further fields that a site keeps come back with its stories."""

from pathlib import Path

import pytest

from recommender import ArtifactError, Recommender
from recommender.verify import verify
from tests.recommender.worlds import NAME, TOY, World
from training.storage import write_directory
from training.strings import StringArray


def opened(folder: Path, extras: list[str]) -> Recommender:
    """The toy world, with further fields by article."""

    class Kept(World):
        def arrays(self) -> dict[str, object]:
            given = StringArray.of(extras)
            return {**super().arrays(), "extras": given.blob, "extra_ends": given.ends}

    return Recommender.open(Kept(**vars(TOY)).publish(folder))


RAIN = '{"image": "/rain.jpg", "author": "Ada Ölund"}'


def test_they_stand_in_extra_and_in_json_only_where_there_are_any(tmp_path: Path) -> None:
    rec = opened(tmp_path, ["", RAIN, "{}", "", "", ""])
    rain, *others = rec.related("storm", 3)
    assert (rain.id, rain.extra) == ("rain", {"image": "/rain.jpg", "author": "Ada Ölund"})
    assert rain.as_dict()["extra"] == rain.extra
    assert [story.extra for story in others] == [{}] * 2
    assert "extra" not in others[0].as_dict()


def test_stories_can_stand_in_a_set(tmp_path: Path) -> None:
    rec = opened(tmp_path, ["", RAIN, "", "", "", ""])
    first, second = rec.related("storm"), rec.related("storm")
    assert len({*first, *second}) == len(first) > 1


def test_they_are_theirs_to_change(tmp_path: Path) -> None:
    rec = opened(tmp_path, ["", RAIN, "", "", "", ""])
    rec.related("storm")[0].extra.clear()
    rec.related("storm")[1].extra["x"] = "y"
    first, second, *_ = rec.related("storm")
    assert (first.extra.keys(), second.extra) == ({"image", "author"}, {})


@pytest.mark.parametrize("text", ["[]", "{", '{"a": 1}', '{"a": null}', '"x"', "[" * 100_000])
def test_what_is_no_object_of_texts_is_damage(tmp_path: Path, text: str) -> None:
    rec = opened(tmp_path, ["", text, "", "", "", ""])
    with pytest.raises(ArtifactError, match=r"extras\.npy: row 1 is not a JSON object of strings"):
        rec.related("storm")
    with pytest.raises(ArtifactError, match="row 1 is not a JSON object"):
        verify(tmp_path / "versions" / NAME, "version")


def test_one_of_the_files_alone_is_damage(tmp_path: Path) -> None:
    arrays = TOY.arrays() | {"extras": StringArray.of([RAIN]).blob}
    (tmp_path / "versions").mkdir()
    write_directory(tmp_path / "versions" / "a", "version", TOY.fields(), arrays)
    (tmp_path / "current").write_text("a\n")
    with pytest.raises(ArtifactError, match=r"extra_ends\.npy: the manifest does not list it"):
        Recommender.open(tmp_path)


def test_there_must_be_one_for_each_article(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"extras\.npy: it has 1 values instead of 6"):
        opened(tmp_path, [RAIN])
