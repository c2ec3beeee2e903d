"""Configuration: the sections of `ymal.toml`, and how a file becomes one."""

from training.config.file import Settings, load
from training.config.sections import (
    ArticlesConfig,
    BlockConfig,
    Config,
    DataConfig,
    GateConfig,
    ListsConfig,
    PathsConfig,
    RankingConfig,
    ReadersConfig,
    Section,
    SessionsConfig,
    TextsConfig,
    VersionsConfig,
    ViewsConfig,
    duration,
)

__all__ = [
    "ArticlesConfig",
    "BlockConfig",
    "Config",
    "DataConfig",
    "GateConfig",
    "ListsConfig",
    "PathsConfig",
    "RankingConfig",
    "ReadersConfig",
    "Section",
    "SessionsConfig",
    "Settings",
    "TextsConfig",
    "VersionsConfig",
    "ViewsConfig",
    "duration",
    "load",
]
