"""Teleoperation by keyboard, and scripts of actions, as agents. Knows no terminal: keys come from a function."""

import json
from collections.abc import Callable, Mapping, Sequence
from math import nan
from pathlib import Path
from typing import Protocol, final

import numpy as np

from robot_wm.control.agent import Agent
from robot_wm.control.judging import NOBODY
from robot_wm.errors import ConfigError
from robot_wm.goals import Task
from robot_wm.records import AgentRecord, Decision, Instruction, Understanding
from robot_wm.types import Floats, Observation

_STEP_M, _TURN_RAD = 0.01, 0.1  # per tick
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
HELP = "w/s: forward/back, a/d: left/right, r/f: up/down, q/e: turn, space: gripper, x: end the session"
_NUMBERS = 5  # components of an action


class Ending(Protocol):
    """An agent that decides when its session is over."""

    @property
    def over(self) -> bool:
        """True if the session is over."""
        ...


@final
class Keyboard(Agent):
    """Keyboard teleoperation: each tick carries out the keys pressed since the previous tick.

    Args:
        pressed: returns the keys pressed since its last call.
    """

    def __init__(self, pressed: Callable[[], str]) -> None:
        self._pressed = pressed
        self.reset(0)

    def reset(self, seed: int) -> None:
        self._open: bool | None = None  # None: gripper unchanged until its key is pressed
        self.over = False

    def understand(self, instruction: Instruction, observation: Observation) -> Understanding:
        return _trusting(instruction)

    def start(self, task: Task | None, observation: Observation) -> None:
        """Accept any goal; the operator pursues it."""

    def decide(self, observation: Observation) -> Decision:
        keys = self._pressed()
        self.over = self.over or any(key in ENDS for key in keys)
        step = sum((KEYS[key] for key in set(keys) if key in KEYS), np.zeros(4))
        for _ in range(keys.count(GRIP)):
            opened = observation.state.gripper > 0.5 if self._open is None else self._open
            self._open = not opened
        gripper = observation.sent.gripper if self._open is None else float(self._open)
        return Decision(np.append(step, gripper), source="keyboard")

    def describe(self) -> AgentRecord:
        return AgentRecord("keyboard", given=True)


@final
class Script(Agent):
    """A list of actions: one per tick, then the session is over."""

    def __init__(self, actions: Sequence[Floats]) -> None:
        self._actions = tuple(actions)
        self.reset(0)

    @property
    def over(self) -> bool:
        """True if all actions were carried out."""
        return not self._left

    def reset(self, seed: int) -> None:
        self._left = list(self._actions)

    def understand(self, instruction: Instruction, observation: Observation) -> Understanding:
        return _trusting(instruction)

    def start(self, task: Task | None, observation: Observation) -> None:
        """Accept any goal; the script ignores it."""

    def decide(self, observation: Observation) -> Decision:
        return Decision(self._left.pop(0), source="script")

    def describe(self) -> AgentRecord:
        return AgentRecord("script", given=True)


@final
class UntilOver:
    """A judge that ends the session when the agent is over; it judges no goal."""

    judged_by, already_done = NOBODY, False

    def __init__(self, agent: Ending) -> None:
        self._agent = agent

    @property
    def done(self) -> bool:
        return self._agent.over

    def update(self, decision: Decision) -> None:
        """Do nothing: the agent decides."""


def _trusting(instruction: Instruction) -> Understanding:
    """Accept an instruction without interpreting it."""
    return Understanding(instruction.goals or (), 1.0, instruction.text)


def read_script(path: Path) -> list[Floats]:
    """Read actions from JSON lines `[dx, dy, dz, dyaw, gripper]` (m, rad, opening). Raises ConfigError."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ConfigError(f"cannot read the script {path}: {error.strerror}; give a file of JSON lines") from error
    actions = [_action(line, f"{path}:{number}") for number, line in enumerate(lines, 1) if line.strip()]
    if not actions:
        raise ConfigError(f"{path} contains no actions; write one [dx, dy, dz, dyaw, gripper] per line")
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
