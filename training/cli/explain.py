"""`ymal explain`: why a story is in an article's list, or is not."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from recommender import Recommender
from recommender.overrides import FILES
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
        typer.Argument(metavar="TARGET", help="Id of the story to explain."),
    ],
    config: options.ConfigFile = None,
    artifacts: options.Artifacts = None,
    json: options.Json = False,
) -> None:
    """Explain why a story is in an article's list, or is not."""
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
        for file in FILES
        for override in load_overrides(directory, file)[0]
        if not (override.until and override.until <= now)
        and (override.story == target or (override.action, override.story) == ("withdraw", source))
    ]
    report = {
        **explanation.as_dict(),
        "served_rank": served.index(target) + 1 if target in served else None,
        "overrides": editors,
    }
    if json:
        output.print_json(report)
        return
    for override in editors:
        output.print_text(f"override {output.format_value(override)}")
    rank = report["served_rank"]
    output.print_text(f"served now: {'not among the first 20' if rank is None else f'rank {rank}'}")
    _report(explanation)


def _report(explanation: Explanation) -> None:
    output.print_text(f"by model and rules: {explanation.message}")
    output.print_text(
        f"probability {explanation.probability:.4f}; log-odds {explanation.order:.4f}, the sum of:"
    )
    output.print_table([["", name, f"{value:+.4f}"] for name, value in explanation.parts.items()])
    heavy = {term: weight for term, weight in explanation.terms.items() if weight >= 0.01}
    words = ", ".join(f"{term} {weight:.3f}" for term, weight in heavy.items())
    output.print_text(
        f"words: cosine {explanation.cosine:.3f}{f', of which {words}' if words else ''}"
    )
    output.print_text("readers, in equivalent direct transitions:")
    pairs = [["", n, f"{to:.3f}", f"{fro:.3f}"] for n, (to, fro) in explanation.pairs.items()]
    output.print_table([["", "half-life", "to the target", "back"], *pairs])
    if explanation.rules:
        output.print_text(f"rules against it: {', '.join(explanation.rules)}")
