"""Validation of the numbers in a configuration: what is not finite or out of range must not reach a servo."""

import math
from itertools import pairwise
from typing import Any

from robot_wm.errors import ConfigError


def require_positive(where: str, config: Any, *names: str, most: float = math.inf) -> None:
    """Require the named fields of a dataclass to be finite, above 0 and at most `most`. Raises ConfigError."""
    for name in names:
        value = getattr(config, name)
        if not (math.isfinite(value) and 0.0 < value <= most):
            allowed = "a finite number above 0" + (f", at most {most:g}" if math.isfinite(most) else "")
            default = type(config).__dataclass_fields__[name].default
            remedy = f"leave it out for {default:g}" if isinstance(default, int | float) else "correct it in its file"
            raise ConfigError(f"{where}: {name} must be {allowed}; received {value}; {remedy}")


def require_rising(where: str, what: str, *values: float) -> None:
    """Require finite numbers, each above the one before. Raises ConfigError."""
    if not all(map(math.isfinite, values)) or any(low >= high for low, high in pairwise(values)):
        raise ConfigError(f"{where}: {what} must be finite and increasing; received {values}; put them in order")
