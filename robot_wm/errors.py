"""Errors for users. Each message names the offender, what is allowed, what was received, and the remedy.

Knows nothing of arms, models or files; `robot_wm.cli` turns `exit_status` into the process's exit status.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class RobotWMError(Exception):
    """Root of all errors raised on purpose; `exit_status` is the exit status of the command line."""

    exit_status = 2


class ConfigError(RobotWMError):
    """A configuration file or value is wrong."""


class UnknownNameError(RobotWMError):
    """A name (arm, scene, skill, colour, config key) is unknown; the message suggests the nearest known one.

    Args:
        kind: what the name refers to, e.g. "scene".
        received: the unknown name.
        allowed: the known names.
        remedy: last sentence of the message.
    """

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
    """A log is missing, damaged, of another program, or unsuitable for the requested operation."""


class CheckpointError(RobotWMError):
    """A checkpoint is missing, truncated, of another program, or does not match the configuration or arm."""


class MissingDependencyError(RobotWMError):
    """A requirement is not met on this machine: a GL library, model weights, a camera."""


class RefusedError(RobotWMError):
    """A request was understood but cannot be carried out here."""

    exit_status = 4


class DeviceError(RobotWMError):
    """An arm or camera failed, or was used in a wrong state, e.g. before connecting."""

    exit_status = 5
