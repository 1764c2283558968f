"""The commands of a log and the measurements expected meanwhile, as functions of time. Moves nothing."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from robot_wm.errors import LogError
from robot_wm.log.entries import Entry, LogTick
from robot_wm.replay.order import in_order
from robot_wm.types import ArmSpec, Floats

_EPSILON_S = 1e-9  # rounding of times that were added up


@dataclass(frozen=True)
class Trajectory:
    """A log's commands over time. K ticks, n joints."""

    t_s: Floats  # (K,) when each tick began, from 0
    q_sent_rad: Floats  # (K, n) commands that were sent
    gripper_sent: Floats  # (K,)
    q_seen_rad: Floats  # (K, n) what was measured when each tick began
    q_start_rad: Floats  # (n,) command in force before the first tick
    gripper_start: float
    dt_s: float  # between ticks, where there is only one

    def __len__(self) -> int:
        return len(self.t_s)

    @classmethod
    def of(cls, entries: Iterable[Entry], dt_s: float) -> "Trajectory":
        """Read it from a log's ticks. Raises LogError if there are none, or they are out of order."""
        ticks = (entry for entry in in_order(entries) if isinstance(entry, LogTick))
        kept = [(tick.stamp.clock_s, tick.sent, tick.observation.state.q_rad, tick.observation.sent) for tick in ticks]
        if not kept:
            raise LogError("the log holds no ticks, so there is nothing to replay")
        first = kept[0][3]
        return cls(
            t_s=np.array([each[0] for each in kept]) - kept[0][0],
            q_sent_rad=np.stack([each[1].q_rad for each in kept]),
            gripper_sent=np.array([each[1].gripper for each in kept]),
            q_seen_rad=np.stack([each[2] for each in kept]),
            q_start_rad=np.asarray(first.q_rad),
            gripper_start=first.gripper,
            dt_s=dt_s,
        )

    @property
    def end_s(self) -> float:
        """End of the last tick."""
        return float(self.t_s[-1] + (self.t_s[-1] - self.t_s[-2] if len(self) > 1 else self.dt_s))

    def command_at(self, t_s: float) -> tuple[Floats, float]:
        """Return joint angles (n,) and gripper, interpolated: each command is reached at the end of its tick."""
        knots_s = np.append(self.t_s, self.end_s)
        q_rad = np.vstack([self.q_start_rad, self.q_sent_rad])
        gripper = np.append(self.gripper_start, self.gripper_sent)
        return _along(t_s, knots_s, q_rad), float(np.interp(t_s, knots_s, gripper))

    def seen_at(self, t_s: float) -> Floats | None:
        """Return the joint angles (n,) measured in the log; None after its last reading."""
        return _along(t_s, self.t_s, self.q_seen_rad) if t_s <= self.t_s[-1] + _EPSILON_S else None

    def tick_at(self, t_s: float) -> int:
        """Return the number of the tick at this time."""
        return max(0, int(np.searchsorted(self.t_s, t_s + _EPSILON_S, side="right")) - 1)

    def require_fits(self, logged: ArmSpec, spec: ArmSpec) -> None:
        """Raise LogError if the arm has other joints, or cannot reach all commands."""
        if logged.joint_names != spec.joint_names:
            raise LogError(
                f"the log is of an arm with joints {', '.join(logged.joint_names)}; arm {spec.name!r} has "
                f"{', '.join(spec.joint_names)}: choose an arm with the same joints"
            )
        if not np.isfinite(self.q_sent_rad).all():
            raise LogError("the log holds a sent command that is not a number; it is damaged or was edited")
        slack_rad = 0.02
        outside = (self.q_sent_rad < spec.q_min_rad - slack_rad) | (self.q_sent_rad > spec.q_max_rad + slack_rad)
        if outside.any():
            tick, joint = (int(each) for each in np.argwhere(outside)[0])
            raise LogError(
                f"tick {tick} sends {spec.joint_names[joint]} to {self.q_sent_rad[tick, joint]:.3f} rad; arm "
                f"{spec.name!r} reaches {spec.q_min_rad[joint]:.3f} to {spec.q_max_rad[joint]:.3f} rad"
            )


def _along(t_s: float, knots_s: Floats, q_rad: Floats) -> Floats:
    """Interpolate rows (K, n) at times (K,) linearly; constant beyond them."""
    return np.array([np.interp(t_s, knots_s, column) for column in q_rad.T])
