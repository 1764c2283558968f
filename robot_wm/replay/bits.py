"""Bit equality of records. Minus zero differs from zero; a nan equals the same nan."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


def same_bits(a: Any, b: Any) -> bool:
    """Return whether two numbers, arrays, texts or Nones are bit-equal, numbers taken as float64."""
    if not (_is_number(a) and _is_number(b)):
        return type(a) is type(b) and a == b
    one, other = _numbers(a), _numbers(b)
    return one.shape == other.shape and one.tobytes() == other.tobytes()


def differing(logged: Mapping[str, Any], replayed: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield (what, logged, replayed) as text for each entry, element by element, that is not bit-equal."""
    for name, value in logged.items():
        other = replayed[name]
        if same_bits(value, other):
            continue
        if _is_number(value) and _is_number(other):
            yield from _elements(name, _numbers(value), _numbers(other))
        else:
            yield name, _words(value), _words(other)


def _elements(name: str, one: NDArray[np.float64], other: NDArray[np.float64]) -> Iterator[tuple[str, str, str]]:
    if one.shape != other.shape:
        yield f"{name} (its shape)", str(one.shape), str(other.shape)
        return
    off = np.frombuffer(one.tobytes(), np.uint64) != np.frombuffer(other.tobytes(), np.uint64)
    for index in np.flatnonzero(off):
        place = name if one.ndim == 0 else f"{name}[{', '.join(map(str, np.unravel_index(index, one.shape)))}]"
        yield place, repr(float(one.flat[index])), repr(float(other.flat[index]))


def _is_number(value: Any) -> bool:
    """A number or an array of them."""
    return value is not None and not isinstance(value, str)


def _words(value: Any) -> str:
    return "none" if value is None else value if isinstance(value, str) else f"{np.size(value)} numbers"


def _numbers(value: Any) -> NDArray[np.float64]:
    return np.asarray(value, dtype=np.float64, order="C")
