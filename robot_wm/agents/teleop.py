"""A person's keys, or a file of actions, as a policy. Knows no terminal: keys come from a function."""

import json
from collections.abc import Callable, Mapping, Sequence
from math import nan
from pathlib import Path
from typing import Any, Protocol, final

import numpy as np

from robot_wm.errors import ConfigError
from robot_wm.records import Decision
from robot_wm.types import Floats, Observation

_STEP_M, _TURN_RAD = 0.01, 0.1  # a tick
KEYS: Mapping[str, Floats] = {
    "w": np.array([_STEP_M, 0, 0, 0]),  # forward, away from the base
    "s": np.array([-_STEP_M, 0, 0, 0]),
    "a": np.array([0, _STEP_M, 0, 0]),  # left
    "d": np.array([0, -_STEP_M, 0, 0]),
    "r": np.array([0, 0, _STEP_M, 0]),  # up
    "f": np.array([0, 0, -_STEP_M, 0]),
    "q": np.array([0, 0, 0, _TURN_RAD]),
    "e": np.array([0, 0, 0, -_TURN_RAD]),
}
GRIP, ENDS = " ", ("x", "\x1b")
HELP = "w s forward back, a d left right, r f up down, q e turn, space gripper, x ends"
_NUMBERS = 5  # in an action


class Ending(Protocol):
    """A policy that knows when it is over."""

    @property
    def over(self) -> bool: ...


@final
class Keyboard:
    """Implements `Policy`: each tick does what the keys pressed since the last one say."""

    def __init__(self, pressed: Callable[[], str]) -> None:
        self._pressed = pressed
        self._open: bool | None = None  # the gripper as it is, until its key is pressed
        self.over = False

    def start(self, goal: Any) -> None:
        """The person knows the goal."""

    def decide(self, observation: Observation) -> Decision:
        keys = self._pressed()
        self.over = self.over or any(key in ENDS for key in keys)
        step = sum((KEYS[key] for key in set(keys) if key in KEYS), np.zeros(4))
        for _ in range(keys.count(GRIP)):
            opened = observation.state.gripper > 0.5 if self._open is None else self._open
            self._open = not opened
        gripper = observation.sent.gripper if self._open is None else float(self._open)
        return Decision(np.append(step, gripper), source="keyboard")


@final
class Script:
    """Implements `Policy`: one action of a list a tick, then it is over."""

    def __init__(self, actions: Sequence[Floats]) -> None:
        self._left = list(actions)

    @property
    def over(self) -> bool:
        """Whether every action was carried out."""
        return not self._left

    def start(self, goal: Any) -> None:
        """The script knows the goal."""

    def decide(self, observation: Observation) -> Decision:
        return Decision(self._left.pop(0), source="script")


@final
class UntilOver:
    """A judge that ends a session when its policy is over; reaching something is nobody's aim."""

    judged_by, already_done = "nobody", False

    def __init__(self, policy: Ending) -> None:
        self._policy = policy

    @property
    def done(self) -> bool:
        return self._policy.over

    def update(self, decision: Decision) -> None:
        """Only the policy knows."""


def read_script(path: Path) -> list[Floats]:
    """Actions from a file of JSON lines, `[dx, dy, dz, dyaw, gripper]` each (m, rad, opening). Raises ConfigError."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ConfigError(f"cannot read the script {path}: {error.strerror}; give a file of JSON lines") from error
    actions = [_action(line, f"{path}:{number}") for number, line in enumerate(lines, 1) if line.strip()]
    if not actions:
        raise ConfigError(f"{path} holds no action; write one [dx, dy, dz, dyaw, gripper] a line")
    return actions


def _action(line: str, where: str) -> Floats:
    try:
        action = np.asarray(json.loads(line), dtype=np.float64)
    except (ValueError, TypeError):
        action = np.array([nan])
    if action.shape != (_NUMBERS,) or not np.isfinite(action).all():
        raise ConfigError(
            f"{where}: allowed: [dx, dy, dz, dyaw, gripper], five numbers, received {line.strip()[:60]!r}"
        )
    return action
