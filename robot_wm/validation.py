"""Turn plain values, as YAML and JSON hold them, into frozen dataclasses; pydantic does the work.

Each dataclass becomes a pydantic form with the same fields, which is strict: unknown keys are errors, and a value of
one kind is never converted into another (but a whole number may stand for a float, and a list of numbers for an
array). Messages say what is allowed and what was received. Knows no files.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from functools import lru_cache, partial
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints

import numpy as np
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Strict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError
from typing_extensions import TypedDict

from robot_wm.errors import ConfigError, RobotWMError, UnknownNameError

_EXPONENT = re.compile(r"[+-]?\d+(\.\d*)?[eE][+-]?\d+")
_ALLOWED = {  # pydantic's kind of error -> what is allowed there
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "string_type": "text",
    "path_type": "text",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "literal_error": "{expected}",
}


def validated(cls: type[Any], values: Mapping[str, Any], source: str) -> Any:
    """Build the dataclass `cls` from plain values.

    Args:
        cls: dataclass of scalars, texts, paths, literals, optionals, lists, tuples, mappings, float arrays and
            dataclasses of these.
        values: fields by name; those left out keep their defaults.
        source: where the values come from; error messages start with it.

    Raises:
        UnknownNameError: a key is not a field; the nearest field is suggested.
        ConfigError: a field is missing, or a value has the wrong type.
        TypeError: `cls` has a field of a type that plain values cannot express.
    """
    try:
        return _adapter(cls).validate_python(dict(values))
    except ValidationError as error:
        raise _explained(error.errors(include_url=False), source) from None


def received(value: Any) -> str:
    """Return a value and its type as an error message shows them, shortened to 60 characters."""
    text = repr(value)
    return f"{text if len(text) <= 60 else text[:57] + '...'} ({type(value).__name__})"


@lru_cache
def _adapter(cls: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(_form(cls))


def _form(hint: Any) -> Any:
    """Return the type that pydantic validates in place of a type hint."""
    origin, args = get_origin(hint), get_args(hint)
    if isinstance(hint, type) and is_dataclass(hint):
        return _dataclass_form(hint)
    if hint is float:
        return Annotated[float, Strict(), BeforeValidator(_number)]
    if hint in (bool, int, str):
        return Annotated[hint, Strict()]
    if origin is np.ndarray:
        return Annotated[tuple[_form(float), ...], AfterValidator(np.array)]
    if origin in (Union, UnionType):
        return Union[tuple(map(_form, args))]  # noqa: UP007
    if origin is Sequence:
        return tuple[_form(args[0]), ...]
    if origin is tuple and args[-1] is not Ellipsis:
        return Annotated[tuple[tuple(map(_form, args))], BeforeValidator(partial(_of_length, len(args)))]
    if origin in (tuple, list, dict, Mapping):
        generic: Any = dict if origin is Mapping else origin
        return generic[tuple(each if each is Ellipsis else _form(each) for each in args)]
    if origin is Literal or hint in (Any, object, type(None), tuple, list, dict, Path):
        return hint
    raise TypeError(f"a configuration cannot hold a field of type {hint}")


def _dataclass_form(cls: type[Any]) -> Any:
    """Return a typed mapping with the fields of a dataclass, followed by the construction of the dataclass."""
    hints = get_type_hints(cls)
    known = {each.name: each for each in fields(cls) if each.init}
    required = [name for name, each in known.items() if each.default is each.default_factory is MISSING]
    forms = {name: _form(hints[name]) for name in known}
    make: Any = TypedDict  # from typing_extensions: pydantic reads typing's own from Python 3.12 on
    mapping = make(
        cls.__name__, {name: form if name in required else NotRequired[form] for name, form in forms.items()}
    )
    mapping.__pydantic_config__ = ConfigDict(extra="forbid")
    keys = BeforeValidator(partial(_require_keys, tuple(known), tuple(required)))
    return Annotated[mapping, keys, AfterValidator(lambda values: cls(**values))]


def _require_keys(known: Sequence[str], required: Sequence[str], values: Any) -> Any:
    """Report all keys that are unknown, else all that are missing, as one error."""
    if isinstance(values, dict):
        unknown = [key for key in values if key not in known]
        missing = [name for name in required if name not in values]
        if unknown:
            raise PydanticCustomError("unknown_key", "unknown key", {"key": str(unknown[0]), "known": known})
        if missing:
            raise PydanticCustomError("missing_keys", "missing", {"names": ", ".join(missing), "count": len(missing)})
    return values


def _number(value: Any) -> Any:
    """Convert "1e-4", which PyYAML reads as text, to a number."""
    return float(value) if isinstance(value, str) and _EXPONENT.fullmatch(value) else value


def _of_length(length: int, value: Any) -> Any:
    if isinstance(value, list | tuple) and len(value) != length:
        raise PydanticCustomError("length", "{allowed}", {"allowed": f"a list of {length}"})
    return value


def _explained(errors: Sequence[ErrorDetails], source: str) -> RobotWMError:
    """Return the first error in the words of this project."""
    first = errors[0]
    where, context = _place(source, first), first.get("ctx", {})
    if first["type"] == "unknown_key":
        return UnknownNameError("key", context["key"], context["known"], f"(in {where})")
    if first["type"] == "missing_keys":
        remedy = "add it" if context["count"] == 1 else "add them"
        return ConfigError(f"{where}: missing {context['names']}; {remedy}")
    allowed = _ALLOWED.get(first["type"], first["msg"]).format(**context)
    return ConfigError(f"{where}: allowed: {allowed}, received {received(first['input'])}")


def _place(source: str, error: ErrorDetails) -> str:
    """Return e.g. "run.yaml: stages[0].rate"."""
    place = ""
    for key in error["loc"]:
        if key != "[key]":  # pydantic's mark for the key of a mapping itself
            place += f"[{key}]" if isinstance(key, int) else f".{key}"
    return f"{source}: {place.lstrip('.')}" if place else source
