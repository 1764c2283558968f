"""Bit equality: the first number in which two records differ. Minus zero is not zero; a nan equals the same nan."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


def same_bits(a: Any, b: Any) -> bool:
    """Whether two numbers, arrays or texts are the same to the last bit, both taken as float64 where numbers."""
    if isinstance(a, str) or isinstance(b, str) or a is None or b is None:
        return a == b
    one, other = _numbers(a), _numbers(b)
    return one.shape == other.shape and one.tobytes() == other.tobytes()


def differing(logged: Mapping[str, Any], replayed: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(what, logged, replayed) in words for each entry, element by element, that is not the same to the last bit."""
    for name, value in logged.items():
        other = replayed[name]
        if same_bits(value, other):
            continue
        if isinstance(value, str) or isinstance(other, str) or value is None or other is None:
            yield name, str(value), str(other)
        else:
            yield from _elements(name, _numbers(value), _numbers(other))


def _elements(name: str, one: NDArray[np.float64], other: NDArray[np.float64]) -> Iterator[tuple[str, str, str]]:
    if one.shape != other.shape:
        yield f"{name} (its shape)", str(one.shape), str(other.shape)
        return
    off = np.frombuffer(one.tobytes(), np.uint64) != np.frombuffer(other.tobytes(), np.uint64)
    for index in np.flatnonzero(off):
        place = name if one.ndim == 0 else f"{name}[{', '.join(map(str, np.unravel_index(index, one.shape)))}]"
        yield place, repr(float(one.flat[index])), repr(float(other.flat[index]))


def _numbers(value: Any) -> NDArray[np.float64]:
    return np.asarray(value, dtype=np.float64, order="C")
