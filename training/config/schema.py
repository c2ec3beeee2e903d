"""Every setting of a site, with its default, its bounds, its meaning and its cost.

One section of `ymal.toml` is one class of the modules below; `docs/config.md` is generated from
their fields. Unknown keys are refused with the nearest known one. Durations are written `"15m"`,
`"48h"`, `"30d"` and held as integer microseconds, the unit of every time in ymal.
"""

from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from recommender.blocks import BLOCKS
from training.config.inputs import (
    ArticlesConfig,
    DataConfig,
    PathsConfig,
    SessionsConfig,
    SparkConfig,
    ViewsConfig,
)
from training.config.page import BlockConfig, BlockKey, WhyConfig
from training.config.recommendations import (
    ListsConfig,
    RankingConfig,
    ReadersConfig,
    RulesConfig,
    TextsConfig,
)
from training.config.release import GateConfig, VersionsConfig
from training.config.service import ServeConfig
from training.config.types import Section


class Config(Section):
    """All of `ymal.toml`."""

    paths: PathsConfig = PathsConfig()
    articles: ArticlesConfig = ArticlesConfig()
    views: ViewsConfig = ViewsConfig()
    data: DataConfig = DataConfig()
    sessions: SessionsConfig = SessionsConfig()
    texts: TextsConfig = TextsConfig()
    readers: ReadersConfig = ReadersConfig()
    spark: SparkConfig = SparkConfig()
    ranking: RankingConfig = RankingConfig()
    lists: ListsConfig = ListsConfig()
    rules: RulesConfig = RulesConfig()
    page: list[BlockConfig] = Field(
        [BlockConfig.model_validate({"key": key}) for key in BLOCKS],
        description="The blocks of the page, in their order on it.",
    )
    why: WhyConfig = WhyConfig()
    gate: GateConfig = GateConfig()
    versions: VersionsConfig = VersionsConfig()
    serve: ServeConfig = ServeConfig()

    def as_dict(self) -> dict[str, Any]:
        """Give as JSON what the lists depend on: not where files lie, nor what counts views."""
        return self.model_dump(
            mode="json", exclude={"paths": True, "spark": True, "readers": {"engine"}}
        )

    def block(self, key: BlockKey) -> BlockConfig:
        """Give a block of the page; as it is by default, where the page lacks it."""
        on_page = {block.key: block for block in self.page}
        return on_page.get(key) or BlockConfig.model_validate({"key": key})

    @field_validator("page")
    @classmethod
    def _each_block_once(cls, page: list[BlockConfig]) -> list[BlockConfig]:
        keys = [block.key for block in page]
        if len(set(keys)) < len(keys):
            raise ValueError(f"page has {', '.join(keys)}: name each block once")
        return page

    @model_validator(mode="after")
    def _one_depth_per_half_life(self) -> Self:
        depths, lives = len(self.ranking.pair_candidates), len(self.readers.pair_half_lives)
        if depths != lives:
            raise ValueError(
                f"ranking.pair_candidates has {depths} numbers, readers.pair_half_lives {lives}: "
                "give one number of candidates per half-life"
            )
        return self
