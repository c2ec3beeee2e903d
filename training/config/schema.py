"""All settings of a site, with defaults, bounds, meaning and cost.

Each section of `ymal.toml` is a class in one of the modules imported here. `docs/config.md` is
generated from their fields. An unknown key is an error that suggests the nearest known one.
Durations are written as `"15m"`, `"48h"` or `"30d"`. All times are integer microseconds.
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
        """Return the settings as JSON values, without paths and the engine that counts views."""
        return self.model_dump(
            mode="json", exclude={"paths": True, "spark": True, "readers": {"engine"}}
        )

    def block(self, key: BlockKey) -> BlockConfig:
        """Return the settings of a block; the defaults, if the page does not have it."""
        on_page = {block.key: block for block in self.page}
        return on_page.get(key) or BlockConfig.model_validate({"key": key})

    @field_validator("page")
    @classmethod
    def _each_block_once(cls, page: list[BlockConfig]) -> list[BlockConfig]:
        keys = [block.key for block in page]
        if len(set(keys)) < len(keys):
            raise ValueError(f"page has {', '.join(keys)}; name each block once")
        return page

    @model_validator(mode="after")
    def _one_depth_per_half_life(self) -> Self:
        depths, lives = len(self.ranking.pair_candidates), len(self.readers.pair_half_lives)
        if depths != lives:
            raise ValueError(
                f"ranking.pair_candidates has length {depths}, readers.pair_half_lives {lives}; "
                "give one number of candidates per half-life"
            )
        return self
