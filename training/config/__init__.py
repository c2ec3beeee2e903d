"""Configuration: the sections of `ymal.toml`, and how a file becomes one."""

from training.config.file import Settings, describe_error, load
from training.config.inputs import (
    ArticlesConfig,
    DataConfig,
    PathsConfig,
    SessionsConfig,
    SparkConfig,
    ViewsConfig,
)
from training.config.page import BlockConfig
from training.config.recommendations import (
    ListsConfig,
    RankingConfig,
    ReadersConfig,
    TextsConfig,
)
from training.config.release import GateConfig, VersionsConfig
from training.config.schema import Config
from training.config.toml import toml_value
from training.config.types import Section, duration

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
    "SparkConfig",
    "TextsConfig",
    "VersionsConfig",
    "ViewsConfig",
    "describe_error",
    "duration",
    "load",
    "toml_value",
]
