"""The records that cross the seams as plain values, and back. Every number comes back as it was."""

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np

from robot_wm.log.numbers import floats, packed, unpacked
from robot_wm.types import ArmCommand, ArmState, ArmTarget, Floats, Goal, PlanRecord

Plain = Mapping[str, Any]


def of_state(state: ArmState) -> dict[str, Any]:
    return {
        "q_rad": state.q_rad.tolist(),
        "dq_rad_s": state.dq_rad_s.tolist(),
        "effort": None if state.effort is None else state.effort.tolist(),
        "gripper": float(state.gripper),
        "stamp_s": float(state.stamp_s),
    }


def to_state(value: Plain) -> ArmState:
    return ArmState(
        floats(value["q_rad"]),
        floats(value["dq_rad_s"]),
        maybe_floats(value["effort"]),
        float(value["gripper"]),
        float(value["stamp_s"]),
    )


def of_command(command: ArmCommand) -> dict[str, Any]:
    return {
        "q_rad": command.q_rad.tolist(),
        "gripper": float(command.gripper),
        "stamp_s": float(command.stamp_s),
        "limited": list(command.limited),
    }


def of_sent(command: ArmCommand) -> dict[str, Any]:
    """A command with what the limits had allowed."""
    return of_command(command) | {"allowed": None if command.allowed is None else of_command(command.allowed)}


def to_command(value: Plain) -> ArmCommand:
    limited = tuple(str(each) for each in value["limited"])
    allowed = value.get("allowed")  # not in older logs, nor in the command in force
    return ArmCommand(
        floats(value["q_rad"]),
        float(value["gripper"]),
        float(value["stamp_s"]),
        limited,
        None if allowed is None else to_command(allowed),
    )


def of_target(target: ArmTarget) -> dict[str, Any]:
    return {"q_rad": target.q_rad.tolist(), "gripper": float(target.gripper)}


def to_target(value: Plain) -> ArmTarget:
    return ArmTarget(floats(value["q_rad"]), float(value["gripper"]))


def of_goal(goal: Goal) -> dict[str, Any]:
    return {
        "point": goal.point.astype(np.float64).tolist(),
        "origin": goal.origin,
        "confidence": float(goal.confidence),
        "words": goal.words,
        "details": dict(goal.details),
    }


def to_goal(value: Plain) -> Goal:
    point = floats(value["point"]).astype(np.float32)
    return Goal(point, value["origin"], float(value["confidence"]), value["words"], value["details"])


def of_plan(plan: PlanRecord) -> dict[str, Any]:
    return {
        "chunk": plan.chunk.astype(np.float64).tolist(),
        "cost": float(plan.cost),
        "prior_cost": float(plan.prior_cost),
        "costs": plan.costs.astype(np.float64).tolist(),
        "iterations": int(plan.iterations),
        "spread": float(plan.spread),
        "imagined": packed(plan.imagined),
    }


def to_plan(value: Plain) -> PlanRecord:
    return PlanRecord(
        chunk=np.array([floats(row) for row in value["chunk"]], dtype=np.float32),
        cost=float(value["cost"]),
        prior_cost=float(value["prior_cost"]),
        costs=floats(value["costs"]).astype(np.float32),
        iterations=int(value["iterations"]),
        spread=float(value["spread"]),
        imagined=unpacked(value["imagined"]),
    )


def of_maybe_array(array: Floats | None) -> dict[str, Any] | None:
    return None if array is None else packed(array)


def to_maybe_array(value: Plain | None) -> Floats | None:
    return None if value is None else unpacked(value)


def maybe_floats(values: list[float | str] | None) -> Floats | None:
    return None if values is None else floats(values)


def of_bytes(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def to_bytes(text: str) -> bytes:
    return base64.b64decode(text)
