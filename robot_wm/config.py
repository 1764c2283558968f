"""Configuration files: YAML with plain values, read into frozen dataclasses that live beside the code they configure.

Finds, reads and writes files; `robot_wm.validation` checks types and is imported lazily, since importing pydantic
would slow down `robot-wm --help`. Knows no particular configuration.
"""

from collections.abc import Hashable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import yaml

from robot_wm.errors import ConfigError, UnknownNameError
from robot_wm.files import write_whole

Config = TypeVar("Config")


def load_config(cls: type[Config], path: str | Path) -> Config:
    """Read a YAML file into the frozen dataclass `cls`; keys that are left out keep their defaults.

    Raises:
        UnknownNameError: the file has a key that `cls` lacks; the nearest field is suggested.
        ConfigError: the file cannot be read, or a value does not fit.
    """
    return from_values(cls, read_yaml(path), str(path))


def read_yaml(path: str | Path) -> dict[str, Any]:
    """Return the mapping that a YAML file holds; an empty file is an empty mapping.

    Raises:
        ConfigError: the file cannot be read, is not YAML, repeats a key, or holds no mapping.
    """
    try:
        values = yaml.load(Path(path).read_text(encoding="utf-8"), _UniqueKeyLoader)
    except OSError as error:
        raise ConfigError(
            f"cannot read configuration {str(path)!r}: {error.strerror}; give the path of a YAML file"
        ) from error
    except _RepeatedKeyError as error:
        raise ConfigError(f"{path}: {error}; keep one of them") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not YAML: {error}") from error
    if values is not None and not isinstance(values, dict):
        from robot_wm.validation import received

        raise ConfigError(f"{path}: allowed: a mapping of keys to values, received {received(values)}")
    return values or {}


def from_values(cls: type[Config], values: Mapping[str, Any], source: str = "configuration") -> Config:
    """Build the dataclass `cls` from plain values; `source` starts every error message.

    Raises:
        UnknownNameError: a key is not a field of `cls`; the nearest field is suggested.
        ConfigError: a field is missing, or a value does not fit.
        TypeError: `cls` has a field of a type that plain values cannot express.
    """
    from robot_wm.validation import validated

    return validated(cls, values, source)


def to_values(config: Any) -> dict[str, Any]:
    """Return the plain values of a configuration, as `from_values` takes them."""
    return {key: _plain(value) for key, value in asdict(config).items()}


def save_config(config: Any, path: str | Path) -> None:
    """Write a configuration, defaults included, so that `load_config` reads back an equal one.

    Raises:
        ConfigError: the file cannot be written.
    """
    text = yaml.safe_dump(to_values(config), sort_keys=False, allow_unicode=True)
    write_whole(Path(path), text.encode())


def config_folder() -> Path:
    """Return the folder of the shipped configurations: in the installed package, or beside it in the source tree."""
    package = Path(__file__).parent
    installed = package / "configs"
    return installed if installed.is_dir() else package.parent / "configs"


def config_names(kind: str) -> tuple[str, ...]:
    """Return the names of the shipped configurations of a kind ("arms", "scenes", "train", "plan")."""
    return tuple(sorted(path.stem for path in (config_folder() / kind).glob("*.yaml")))


def find_config(kind: str, name: str) -> Path:
    """Return the file of a shipped configuration, given its name, or of any other, given its path.

    Args:
        kind: folder of configs/, e.g. "arms".
        name: a name in that folder, or the path of a YAML file (ends in .yaml or .yml, or holds a "/").

    Raises:
        UnknownNameError: there is no shipped configuration of this name.
        ConfigError: there is no file at this path.
    """
    if name.endswith((".yaml", ".yml")) or "/" in name:
        if not Path(name).is_file():
            raise ConfigError(
                f"there is no file {name!r}; give the path of a YAML file, or one of {', '.join(config_names(kind))}"
            )
        return Path(name)
    if name not in config_names(kind):
        raise UnknownNameError(
            f"configuration in {kind}/", name, config_names(kind), "The path of a YAML file is also accepted."
        )
    return config_folder() / kind / f"{name}.yaml"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, Path) else value


class _RepeatedKeyError(Exception):
    """A YAML mapping has the same key twice."""


class _UniqueKeyLoader(yaml.SafeLoader):
    """A SafeLoader for which a repeated key is an error; YAML forbids it, PyYAML silently takes the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        lines: dict[Hashable, int] = {}
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":  # "<<", whose keys may be overridden
                continue
            key, line = self.construct_object(key_node, deep=True), key_node.start_mark.line + 1
            if isinstance(key, Hashable) and key in lines:
                raise _RepeatedKeyError(f"key {key!r} is given twice, in lines {lines[key]} and {line}")
            lines[key] = line
        return super().construct_mapping(node, deep)
