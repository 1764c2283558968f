"""Codecs: how one kind of value of a log becomes JSON and comes back, and which JSON schema it has.

`record` makes the codec of a dataclass from those of its fields, so that its schema, its encoding and its decoding are
written down once. Numbers come back bit by bit. Knows no topics and no files.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, final

import numpy as np

from robot_wm.log.numbers import floats, packed, unpacked

Schema = Mapping[str, Any]  # JSON schema
Get = Callable[[Any], Any]


class Codec(NamedTuple):
    """The JSON form of one kind of value."""

    schema: Schema
    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


NUMBER = Codec({"type": ["number", "string"]}, float, float)  # "NaN", "Infinity" and "-Infinity" are texts
TEXT = Codec({"type": "string"}, _same, _same)
WHOLE = Codec({"type": "integer"}, int, _same)
TRUTH = Codec({"type": "boolean"}, _same, _same)
ANY = Codec({"type": "object"}, dict, _same)


def list_of(each: Codec, encode: Get = list, decode: Get = tuple) -> Codec:
    """Return the codec of a list; `encode` and `decode` convert the whole list, not each item."""
    return Codec({"type": "array", "items": each.schema}, encode, decode)


def maybe(codec: Codec) -> Codec:
    """Return the codec of a value that may be None."""
    return Codec(
        {"anyOf": [codec.schema, {"type": "null"}]},
        lambda value: None if value is None else codec.encode(value),
        lambda value: None if value is None else codec.decode(value),
    )


def _float32(values: Sequence[float | str]) -> np.ndarray:
    return floats(values).astype(np.float32)


def _float32_rows(rows: Sequence[Sequence[float | str]]) -> np.ndarray:
    return np.array([floats(row) for row in rows], dtype=np.float32)


def _doubles(values: Any) -> list[Any]:
    return np.asarray(values, dtype=np.float64).tolist()


NUMBERS = list_of(NUMBER, _doubles, floats)  # float64 (n,)
NUMBERS_32 = list_of(NUMBER, _doubles, _float32)  # float32 (n,)
ROWS_32 = list_of(NUMBERS, _doubles, _float32_rows)  # float32 (t, n)
TEXTS = list_of(TEXT, list, lambda texts: tuple(map(str, texts)))
OBJECTS = list_of(ANY, lambda objects: list(map(dict, objects)))
BYTES = Codec(TEXT.schema, lambda data: base64.b64encode(data).decode("ascii"), base64.b64decode)


@final
@dataclass(frozen=True)
class Field:
    """One key of a JSON object: the codec of its value, and where in the record the value is."""

    key: str
    codec: Codec
    get: Get | None = None  # None: not in the record; the caller of `encode` supplies the value


@final
class Record:
    """The JSON object that holds a dataclass."""

    def __init__(self, make: Callable[..., Any], fields: Sequence[Field]) -> None:
        self.fields = tuple(fields)
        self._make = make
        self._encoders = [(each.key, each.codec.encode, each.get) for each in fields]
        self._decoders = {each.key: each.codec.decode for each in fields}

    @property
    def schema(self) -> Schema:
        """JSON schema of the object; every key is required."""
        properties = {each.key: each.codec.schema for each in self.fields}
        return {"type": "object", "properties": properties, "required": list(properties)}

    @property
    def codec(self) -> Codec:
        """The record as a value inside another one."""
        return Codec(self.schema, self.encode, self.decode)

    def encode(self, value: Any, **others: Any) -> dict[str, Any]:
        """Return the JSON object of a dataclass; `others` are the values of keys that have no getter."""
        return {key: encode(others[key] if get is None else get(value)) for key, encode, get in self._encoders}

    def values(self, encoded: Mapping[str, Any]) -> dict[str, Any]:
        """Return the decoded fields by key. Keys that an older log lacks are left out, unknown ones are ignored."""
        return {key: decode(encoded[key]) for key, decode in self._decoders.items() if key in encoded}

    def decode(self, encoded: Mapping[str, Any]) -> Any:
        """Build the dataclass; fields that an older log lacks get their defaults. Raises TypeError without one."""
        return self._make(**self.values(encoded))


def record(make: Callable[..., Any], **codecs: Codec | tuple[Codec, Get | None]) -> Record:
    """Return the record of a dataclass: a codec for each key, which is an attribute unless a getter is given, too."""
    fields = []
    for key, each in codecs.items():
        codec, get = (each, _getter(key)) if isinstance(each, Codec) else each
        fields.append(Field(key, codec, get))
    return Record(make, fields)


def _getter(name: str) -> Get:
    return lambda value: getattr(value, name)


ARRAY = Codec(  # of any type and shape
    record(dict, dtype=TEXT, shape=list_of(WHOLE), base64=TEXT).schema, packed, unpacked
)
