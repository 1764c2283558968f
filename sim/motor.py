"""Torque limits of a servo's motor: the speed-torque line, and the cut-back after an overload.

Evaluated once a block of physics, per servo, in plain numbers. Knows no joints and no MuJoCo.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from robot_wm.errors import ConfigError


@dataclass(frozen=True)
class MotorConfig:
    """Limits of one motor beyond its stall torque. All are off by default."""

    no_load_speed_rad_s: float = 0.0  # torque falls linearly to 0 at this speed; 0: it does not fall
    overload_s: float = 0.0  # torque is cut back after this long above `overload_share`; 0: never
    overload_share: float = 0.8  # of the stall torque
    overload_left: float = 0.2  # of the stall torque, while it is cut back

    def __post_init__(self) -> None:
        if self.no_load_speed_rad_s < 0.0 or self.overload_s < 0.0:
            raise ConfigError(
                "no_load_speed_rad_s and overload_s must be 0 (off) or more, "
                f"received {self.no_load_speed_rad_s} and {self.overload_s}"
            )
        if not 0.0 <= self.overload_left < self.overload_share <= 1.0:
            raise ConfigError(
                "overload_left must be under overload_share, both within 0 and 1, "
                f"received {self.overload_left} and {self.overload_share}"
            )

    @property
    def limited(self) -> bool:
        """Whether any limit is on."""
        return self.no_load_speed_rad_s > 0.0 or self.overload_s > 0.0


class Motors:
    """The motors of one arm. Torques are fractions of each motor's stall torque."""

    def __init__(self, configs: Sequence[MotorConfig]) -> None:
        self._configs = tuple(configs)
        self._loaded_s = [0.0] * len(self._configs)  # for how long each has been overloaded
        self._cut = [0] * len(self._configs)  # the direction in which each was overloaded, while it is cut back

    def reset(self) -> None:
        """Clear the overloads."""
        self._loaded_s, self._cut = [0.0] * len(self._configs), [0] * len(self._configs)

    def limits(self, shares: Sequence[float], speeds_rad_s: Sequence[float], dt_s: float) -> list[tuple[float, float]]:
        """Return the torque limits (low, high) of each motor for the next `dt_s`.

        A motor that was cut back recovers its torque when it pushes the other way.

        Args:
            shares: Present torques, n fractions of the stall torque.
            speeds_rad_s: Present speeds, n.
            dt_s: How long the limits apply.
        """
        limits = []
        for k, (config, share, speed) in enumerate(zip(self._configs, shares, speeds_rad_s, strict=True)):
            self._track_overload(k, config, share, dt_s)
            most = config.overload_left if self._cut[k] else 1.0
            lost = speed / config.no_load_speed_rad_s if config.no_load_speed_rad_s > 0.0 else 0.0
            limits.append((-min(most, max(0.0, 1.0 + lost)), min(most, max(0.0, 1.0 - lost))))
        return limits

    def state(self) -> list[float]:
        """Return the state for `set_state`, 2 n numbers."""
        return [*self._loaded_s, *map(float, self._cut)]

    def set_state(self, state: Sequence[float]) -> None:
        """Restore a state."""
        n = len(self._configs)
        self._loaded_s, self._cut = list(state[:n]), [round(each) for each in state[n:]]

    def _track_overload(self, k: int, config: MotorConfig, share: float, dt_s: float) -> None:
        if config.overload_s == 0.0:
            return
        if self._cut[k] * share < 0.0:
            self._cut[k] = 0
        self._loaded_s[k] = self._loaded_s[k] + dt_s if abs(share) >= config.overload_share else 0.0
        if self._loaded_s[k] >= config.overload_s - 1e-9:
            self._cut[k] = 1 if share > 0.0 else -1
