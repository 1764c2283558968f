"""Configuration: YAML holds values only, and becomes frozen dataclasses that sit beside the code they configure.

Supports nested dataclasses, tuples, lists, mappings, optionals, literals and float arrays of bool, int, float and
str. Knows no particular configuration.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, asdict, fields, is_dataclass
from functools import partial
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np
import yaml

from robot_wm.errors import ConfigError, UnknownNameError
from robot_wm.files import write_whole

Config = TypeVar("Config")
_SCALARS = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}


def load_config(cls: type[Config], path: str | Path) -> Config:
    """Read `path` into the frozen dataclass `cls`; keys left out keep their defaults.

    Raises UnknownNameError for a key that `cls` does not have, ConfigError for anything else that does not fit.
    """
    return from_values(cls, read_yaml(path), str(path))


def read_yaml(path: str | Path) -> dict[str, Any]:
    """The mapping a YAML file holds; an empty file is an empty mapping. Raises ConfigError."""
    try:
        values = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"cannot read configuration {str(path)!r}: {error.strerror}; give the path of a YAML file"
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not YAML: {error}") from error
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: allowed: a mapping of keys to values, received {_shown(values)}")
    return values


def from_values(cls: type[Config], values: Mapping[str, Any], where: str = "configuration") -> Config:
    """Build `cls` from plain values; `where` opens the words of every error. Raises as `load_config` does."""
    hints = get_type_hints(cls)
    known = {each.name: each for each in fields(cls) if each.init}  # type: ignore[arg-type]
    for key in values:
        if key not in known:
            raise UnknownNameError("key", str(key), known, f"(in {where})")
    missing = [name for name, each in known.items() if name not in values and _is_required(each)]
    if missing:
        raise ConfigError(f"{where}: missing {', '.join(missing)}; add {'it' if len(missing) == 1 else 'them'}")
    return cls(**{key: _convert(hints[key], value, f"{where}: {key}") for key, value in values.items()})


def to_values(config: Any) -> dict[str, Any]:
    """The plain values of a configuration, as `from_values` takes them."""
    return {key: _plain(value) for key, value in asdict(config).items()}


def save_config(config: Any, path: str | Path) -> None:
    """Write a configuration, defaults included, so that `load_config` reads back an equal one."""
    text = yaml.safe_dump(to_values(config), sort_keys=False, allow_unicode=True)
    write_whole(Path(path), text.encode())


def config_folder() -> Path:
    """Where the shipped configurations are: in the installed package, or in the source tree beside it."""
    package = Path(__file__).parent
    installed = package / "configs"
    return installed if installed.is_dir() else package.parent / "configs"


def config_names(kind: str) -> tuple[str, ...]:
    """Names of the shipped configurations of a kind ("arms", "scenes", "train", "plan")."""
    return tuple(sorted(path.stem for path in (config_folder() / kind).glob("*.yaml")))


def find_config(kind: str, name: str) -> Path:
    """The file of a shipped configuration by its name, or of any by its path. Raises UnknownNameError, ConfigError."""
    if name.endswith((".yaml", ".yml")) or "/" in name:
        if not Path(name).is_file():
            raise ConfigError(f"there is no file {name!r}; known by name: {', '.join(config_names(kind))}")
        return Path(name)
    if name not in config_names(kind):
        raise UnknownNameError(
            f"configuration in {kind}/", name, config_names(kind), "A path of a YAML file will do too."
        )
    return config_folder() / kind / f"{name}.yaml"


def _is_required(field: "Field[Any]") -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _convert(hint: Any, value: Any, where: str) -> Any:
    """`value` as `hint` says, or a ConfigError that opens with `where`."""
    origin = get_origin(hint)
    if hint is Any or hint is object:
        return value
    if origin in (Union, UnionType):
        return _convert_union(hint, value, where)
    if origin is Literal:
        return value if value in get_args(hint) else _refuse(where, " or ".join(map(repr, get_args(hint))), value)
    if is_dataclass(hint) and isinstance(hint, type):
        return from_values(hint, value, where) if isinstance(value, dict) else _refuse(where, "a mapping", value)
    if origin is np.ndarray:
        return np.array(_convert_sequence(tuple[float, ...], value, where))
    if origin in (tuple, list, Sequence) or hint in (tuple, list):
        return _convert_sequence(hint, value, where)
    if origin in (dict, Mapping) or hint is dict:
        return _convert_mapping(hint, value, where)
    return _convert_scalar(hint, value, where)


def _convert_scalar(hint: Any, value: Any, where: str) -> Any:
    if hint is Path and isinstance(value, str):
        return Path(value)
    if hint is float and _is_number(value):
        return float(value)
    if hint not in _SCALARS:
        raise TypeError(f"{where}: a configuration cannot hold a field of type {hint}")
    return value if type(value) is hint else _refuse(where, _SCALARS[hint], value)


def _is_number(value: Any) -> bool:
    if isinstance(value, str):
        return re.fullmatch(r"[+-]?\d+(\.\d*)?[eE][+-]?\d+", value) is not None  # PyYAML takes 1e-4 for text
    return isinstance(value, int | float) and not isinstance(value, bool)


def _convert_union(hint: Any, value: Any, where: str) -> Any:
    options = get_args(hint)
    if value is None and NoneType in options:
        return None
    kinds = [option for option in options if option is not NoneType]
    for kind in kinds[:-1]:
        try:
            return _convert(kind, value, where)
        except ConfigError:
            continue
    return _convert(kinds[-1], value, where)


def _convert_sequence(hint: Any, value: Any, where: str) -> Any:
    if not isinstance(value, list | tuple):
        return _refuse(where, "a list", value)
    kinds = get_args(hint) or (Any,)
    if get_origin(hint) is tuple and kinds[-1:] != (Ellipsis,):
        if len(value) != len(kinds):
            return _refuse(where, f"a list of {len(kinds)}", value)
    else:
        kinds = kinds[:1] * len(value)
    made = [_convert(kind, each, f"{where}[{i}]") for i, (kind, each) in enumerate(zip(kinds, value, strict=True))]
    return made if hint is list or get_origin(hint) is list else tuple(made)


def _convert_mapping(hint: Any, value: Any, where: str) -> dict[Any, Any]:
    if not isinstance(value, dict):
        return _refuse(where, "a mapping", value)
    key_kind, value_kind = get_args(hint) or (Any, Any)
    key_of = partial(_convert, key_kind)
    return {key_of(key, f"{where} key"): _convert(value_kind, each, f"{where}.{key}") for key, each in value.items()}


def _refuse(where: str, allowed: str, received: Any) -> Any:
    raise ConfigError(f"{where}: allowed: {allowed}, received {_shown(received)}")


def _shown(value: Any) -> str:
    text = repr(value)
    return f"{text if len(text) <= 60 else text[:57] + '...'} ({type(value).__name__})"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, Path) else value
