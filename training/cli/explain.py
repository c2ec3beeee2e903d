"""`ymal explain`: why a story is in an article's list, or is not."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from recommender import Recommender
from recommender.overrides import load as load_overrides
from training.cli import options, output
from training.config import load
from training.errors import UsageError
from training.production import explain_served
from training.recommendations.explain import Explanation


def explain(
    source: options.Source,
    target: Annotated[
        str,
        typer.Argument(metavar="TARGET", help="Id of the article to explain."),
    ],
    config: options.ConfigFile = None,
    artifacts: options.Artifacts = None,
    json: options.Json = False,
) -> None:
    """Explain why a story is in an article's list, or which step removed it."""
    settings = load(config)
    directory = settings.artifacts(artifacts)
    snapshot = Recommender.open(directory).snapshot()
    if source == target:
        raise UsageError("an article is never in its own list; name two articles")
    explanation = explain_served(directory, settings.config, source, target)
    served = [s.id for s in snapshot.related(source, 20)] if source in snapshot else []
    now = datetime.now(UTC)
    editors = [
        override.as_dict()
        for override in load_overrides(directory)[0]
        if not (override.until and override.until <= now)
        and (override.story == target or (override.action, override.story) == ("withdraw", source))
    ]
    answer = {
        **explanation.as_dict(),
        "served_rank": served.index(target) + 1 if target in served else None,
        "overrides": editors,
    }
    if json:
        output.say_json(answer)
        return
    for override in editors:
        output.say(f"override {output.plain(override)}")
    rank = answer["served_rank"]
    output.say(f"served now: {'not among the first 20' if rank is None else f'rank {rank}'}")
    _report(explanation)


def _report(explanation: Explanation) -> None:
    output.say(f"by model and rules, {explanation.stage}: {explanation.message}")
    output.say(
        f"probability {explanation.probability:.4f}; log-odds {explanation.order:.4f}, the sum of:"
    )
    output.table([["", name, f"{value:+.4f}"] for name, value in explanation.parts.items()])
    heavy = {term: weight for term, weight in explanation.terms.items() if weight >= 0.01}
    words = ", ".join(f"{term} {weight:.3f}" for term, weight in heavy.items())
    output.say(f"words: cosine {explanation.cosine:.3f}{f', of which {words}' if words else ''}")
    output.say("readers, in equivalent direct transitions, by half-life: to the target, and back")
    output.table([["", n, f"{to:.3f}", f"{fro:.3f}"] for n, (to, fro) in explanation.pairs.items()])
    if explanation.rules:
        output.say(f"rules against it: {', '.join(explanation.rules)}")
