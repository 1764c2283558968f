"""The columns of an export and how a tick fills them. Knows no files.

`observation.state` and `action` are as LeRobot expects them: float32, joints and gripper; the action is the command
sent. Our own columns start with `log.`, which LeRobot does not feed to policies.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from robot_wm.action_space import ACTION_NAMES
from robot_wm.data.features import Feature
from robot_wm.log.entries import LogHeader, LogTick
from robot_wm.log.messages import PLAN_RECORD
from robot_wm.log.numbers import dumps
from robot_wm.types import ArmCommand, ArmState, ArmTarget

UNKNOWN = -1.0  # for unknown values, since LeRobot requires finite numbers


@dataclass(frozen=True)
class Column:
    """A feature, and the function from a tick to its row."""

    feature: Feature
    row: Callable[[LogTick], Any]  # (n,) numbers, or a text
    unit: str  # for display

    def values(self, ticks: Sequence[LogTick]) -> np.ndarray:
        """Return the values of ticks (T, n) in the dataset's form."""
        dtype = "object" if self.feature.is_text else self.feature.dtype
        return np.array([self.row(tick) for tick in ticks], dtype=dtype).reshape(len(ticks), *self.feature.shape)


def columns(header: LogHeader, ticks: Sequence[LogTick]) -> tuple[Column, ...]:
    """Return the columns of one log; a quantity that its ticks lack has no column."""
    joints = header.arm_spec.joint_names
    both = (*(f"{name}.pos" for name in joints), "gripper.pos")
    speeds = tuple(f"{name}.vel" for name in joints)
    found = [
        _vector("observation.state", "float32", both, lambda t: _measured(t.observation.state), "rad, opening"),
        _vector("action", "float32", both, lambda t: _pose(t.sent), "rad, opening: the command sent"),
        _vector("log.measured", "float64", both, lambda t: _measured(t.observation.state), "rad, opening"),
        _vector("log.velocity", "float64", speeds, lambda t: t.observation.state.dq_rad_s, "rad/s"),
        _vector("log.in_force", "float64", both, lambda t: _pose(t.observation.sent), "rad, opening: command in force"),
        _vector("log.requested", "float64", both, lambda t: _pose(t.target), "rad, opening: target before limits"),
        _vector("log.sent", "float64", both, lambda t: _pose(t.sent), "rad, opening: the command sent"),
        _vector("log.decision", "float64", ACTION_NAMES, lambda t: _known(t.decision.action), "m, rad, opening"),
        *_efforts(joints, ticks),
        *_predictions(),
        *_stamps(header),
        *_texts(),
    ]
    sizes = {None if tick.simulator is None else tick.simulator.shape for tick in ticks}
    if len(sizes) == 1 and None not in sizes:
        size = next(iter(sizes))[0]  # type: ignore[index]
        state = Feature("log.simulator", "float64", (size,))
        found.append(Column(state, lambda t: t.simulator, "the simulator's state when the tick was over"))
    return tuple(found)


def _efforts(joints: Sequence[str], ticks: Sequence[LogTick]) -> list[Column]:
    if any(tick.observation.state.effort is None for tick in ticks):
        return []
    names = tuple(f"{name}.effort" for name in joints)
    return [_vector("log.effort", "float64", names, lambda t: t.observation.state.effort, "N m")]


def _predictions() -> list[Column]:
    number = lambda name, get, unit: Column(  # noqa: E731
        Feature(f"log.{name}", "float64", (1,)), lambda t: _known(np.array([get(t)])), unit
    )
    return [
        number("steps_to_goal", lambda t: t.decision.steps_to_goal, "ticks, predicted"),
        number("done_probability", lambda t: t.decision.done_probability, "predicted"),
        number("plan_ms", lambda t: t.decision.plan_ms, "ms"),
        number("decision_ms", lambda t: t.decision_ms, "ms"),
    ]


def _stamps(header: LogHeader) -> list[Column]:
    number = lambda name, dtype, get, unit: Column(  # noqa: E731
        Feature(f"log.{name}", dtype, (1,)), lambda t: [get(t)], unit
    )
    cameras = [
        number(f"{each.name}_s", "float64", _frame_stamp(each.name), f"s, when the picture of {each.name} was taken")
        for each in header.cameras
    ]
    return [
        number("clock_s", "float64", lambda t: t.stamp.clock_s, "s on the loop's clock, when the tick began"),
        number("monotonic_s", "float64", lambda t: t.stamp.monotonic_s, "s, monotonic, when it was over"),
        number("wall_ns", "int64", lambda t: t.stamp.wall_ns, "ns since 1970 UTC, when it was over"),
        number("measured_s", "float64", lambda t: t.observation.state.stamp_s, "s, when the joints were measured"),
        number("in_force_s", "float64", lambda t: t.observation.sent.stamp_s, "s, when log.in_force was sent"),
        number("sent_s", "float64", lambda t: t.sent.stamp_s, "s, when it was sent"),
        number("goal", "int64", lambda t: t.goal, "number of the goal"),
        number("tick", "int64", lambda t: t.number, "number of the tick within its goal"),
        *cameras,
    ]


def _texts() -> list[Column]:
    text = lambda name, get, unit: Column(Feature(f"log.{name}", "string", (1,)), get, unit)  # noqa: E731
    return [
        text("limited", lambda t: " ".join(t.sent.limited), "active limits"),
        text("held", lambda t: t.held, "why the decision was not followed"),
        text("source", lambda t: t.decision.source, "source of the decision"),
        text("plan", _plan, "JSON: the chosen chunk, costs, imagined latents"),
    ]


def _plan(tick: LogTick) -> str:
    return "" if tick.decision.plan is None else dumps(PLAN_RECORD.encode(tick.decision.plan)).decode()


def _frame_stamp(camera: str) -> Callable[[LogTick], float]:
    return lambda tick: tick.observation.frames[camera].stamp_s


def _vector(name: str, dtype: str, names: Sequence[str], row: Callable[[LogTick], Any], unit: str) -> Column:
    return Column(Feature(name, dtype, (len(names),), tuple(names)), row, unit)


def _measured(state: ArmState) -> np.ndarray:
    return np.array([*state.q_rad, state.gripper])


def _pose(command: ArmCommand | ArmTarget) -> np.ndarray:
    return np.array([*command.q_rad, command.gripper])


def _known(values: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(values), values, UNKNOWN)


def card(rows: Sequence[Column], words: str) -> str:
    """Return the README.md of an export."""
    table = "\n".join(f"| `{each.feature.name}` | {each.feature.dtype} | {each.unit} |" for each in rows)
    front = "---\ntags: [LeRobot, robotics]\nconfigs:\n- config_name: default\n  data_files: data/*/*.parquet\n---\n"
    return (
        f"{front}\n# A robot_wm log as a LeRobotDataset\n\n{words}\n\n"
        "`timestamp` is the frame's number over the rate, as the format requires; true capture times are in "
        f"the `log.` columns. {UNKNOWN:g} stands for unknown values. What the format cannot hold (faults, states "
        "between ticks, bus bytes) is in the log; `meta/origin.json` counts it.\n\n"
        f"| column | type | holds |\n|---|---|---|\n{table}\n"
    )


Json = dict[str, Any]


def plainly(value: Any) -> Json:
    """Convert a record to JSON values, with non-finite numbers as text."""
    return json.loads(dumps(value))
