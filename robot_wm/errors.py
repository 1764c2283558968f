"""The errors a user can meet. Each names the offender, what is allowed, what was received and the remedy.

Knows nothing of arms, models or files; `robot_wm.cli` turns `exit_status` into the process's exit status.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class RobotWMError(Exception):
    """Root of every error raised on purpose; `exit_status` is what the command line exits with."""

    exit_status = 2


class ConfigError(RobotWMError):
    """A configuration file or value is wrong."""


class UnknownNameError(RobotWMError):
    """A name (arm, scene, skill, colour, config key) is not one of those known."""

    def __init__(self, kind: str, received: str, allowed: Iterable[str], remedy: str = "") -> None:
        known = sorted(allowed)
        near = get_close_matches(received, known, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        tail = f" {remedy}" if remedy else ""
        super().__init__(f"unknown {kind} {received!r}; known: {', '.join(known)}.{hint}{tail}")


class InstructionError(RobotWMError):
    """The instruction is empty, too long or not text."""


class DatasetError(RobotWMError):
    """A dataset is missing, damaged or does not fit the model."""


class LogError(RobotWMError):
    """A log is missing, damaged, foreign, or does not fit what is asked of it."""


class CheckpointError(RobotWMError):
    """A checkpoint is missing, truncated, foreign or does not fit the configuration."""


class MissingDependencyError(RobotWMError):
    """Something the machine lacks: a GL library, model weights, a camera."""


class RefusedError(RobotWMError):
    """The instruction was understood as something that cannot be done here."""

    exit_status = 4


class DeviceError(RobotWMError):
    """An arm or a camera failed, or was used in a state in which it cannot serve."""

    exit_status = 5
