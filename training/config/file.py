"""Read a config file, and report what is wrong with it in one line."""

import difflib
import glob
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from training.config.schema import Config
from training.errors import ConfigError

DEFAULT_FILE = Path("ymal.toml")


@dataclass(frozen=True)
class Settings:
    """A configuration, and the folder that its relative paths start from."""

    config: Config
    folder: Path

    def articles(self, given: Sequence[str] = ()) -> list[str]:
        """Return the article files: those on the command line, else the configured ones."""
        return list(given) or self._beside(self.config.paths.articles)

    def views(self, given: Sequence[str] = ()) -> list[str]:
        """Return the view files: those on the command line, else the configured ones."""
        return list(given) or self._beside(self.config.paths.views)

    def _beside(self, paths: Sequence[str]) -> list[str]:
        """Join paths to the folder, its name escaped for globs; URLs are unchanged."""
        folder = glob.escape(str(self.folder))
        return [
            p if "://" in p else str((Path(folder) if glob.has_magic(p) else self.folder) / p)
            for p in paths
        ]

    def artifacts(self, given: Path | None = None) -> Path:
        """Return the artifacts directory: the option, else the configured one, else ./artifacts."""
        configured = self.config.paths.artifacts
        return given or (self.folder / configured if configured else Path("artifacts"))

    def increments(self, given: Path | None = None) -> Path | None:
        """Return the folder of increments: the option, else the configured one, else None."""
        configured = self.config.paths.increments
        return given or (self.folder / configured if configured else None)

    @property
    def metrics(self) -> Path | None:
        """The directory for Prometheus textfiles, or None if none is configured."""
        configured = self.config.paths.metrics
        return self.folder / configured if configured else None


def load(path: Path | None = None) -> Settings:
    """Read a config file; return the defaults if none is named and ./ymal.toml does not exist.

    Parameters
    ----------
    path : Path, optional
        The file; by default ./ymal.toml.

    Returns
    -------
    Settings

    Raises
    ------
    ConfigError
        If the file is missing, is not TOML, or has an unknown key, a wrong type or a value out of
        range. The message names the key and the values it accepts.
    """
    if path is None and not DEFAULT_FILE.exists():
        return Settings(Config(), Path())
    file = path or DEFAULT_FILE
    try:
        content = tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise ConfigError(
            f"{file}: cannot be read ({error.strerror}); name a config file"
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: not UTF-8 (byte {error.start}); save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: not valid TOML: {error}") from None
    try:
        return Settings(Config.model_validate(content), file.parent)
    except ValidationError as error:
        raise ConfigError(f"{file}: {describe_error(error.errors()[0])}") from None


def describe_error(error: ErrorDetails) -> str:
    """Describe an error in one line: the wrong key, its value, and what to write instead."""
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        known = list(_section(error["loc"][:-1]).model_fields)
        near = difflib.get_close_matches(str(error["loc"][-1]), known, 1, 0.5)
        advice = f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}"
        return f"unknown key {key}; {advice}"
    if error["type"] == "missing":
        return f"{key}: it is missing; set it"
    message = error["msg"].removeprefix("Value error, ").replace("Input should", "must", 1)
    message = message[:1].lower() + message[1:]
    return f"{key} = {error['input']!r}: {message}" if _is_value(error["input"]) else message


def _is_value(found: object) -> bool:
    return not isinstance(found, dict | BaseModel)


def _section(location: tuple[int | str, ...]) -> type[BaseModel]:
    """Return the class of the section at a location."""
    model: type[BaseModel] = Config
    for part in location:
        if isinstance(part, str):  # a number is an index into an array of tables
            annotation: Any = model.model_fields[part].annotation
            types = [t for t in (annotation, *get_args(annotation)) if isinstance(t, type)]
            model = next(t for t in types if issubclass(t, BaseModel))
    return model
