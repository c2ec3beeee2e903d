"""`ymal related` and `ymal verify`: look up and check the served version."""

from typing import Annotated

import typer

from recommender import Recommender
from training import release
from training.cli import options, output
from training.cli.page import check_known


def related(
    article: Annotated[str, typer.Argument(metavar="ID", help="Id of the source article.")],
    n: Annotated[int, typer.Option("-n", min=1, metavar="N", help="Number of stories.")] = 5,
    config: options.ConfigFile = None,
    artifacts: options.Artifacts = None,
    json: options.Json = False,
) -> None:
    """Print the related stories of an article."""
    directory = options.artifacts_of(config, artifacts)
    snapshot = Recommender.open(directory).snapshot()
    check_known(snapshot, article, directory)
    stories = snapshot.related(article, n)
    if json:
        output.print_json([story.as_dict() for story in stories])
        return
    output.print_table(
        [
            [
                str(story.rank),
                story.title or story.id,
                story.section or "-",
                story.reason,
                "-" if story.score is None else f"{story.score:.4f}",
            ]
            for story in stories
        ]
    )


def verify(
    config: options.ConfigFile = None,
    artifacts: options.Artifacts = None,
    json: options.Json = False,
) -> None:
    """Check the served version and its state against checksums."""
    report = release.verify(options.artifacts_of(config, artifacts))
    output.print_result(report, json=json)
