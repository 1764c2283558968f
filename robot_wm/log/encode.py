"""From what happened to messages on channels. Runs beside the control loop, never in it."""

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, final

import numpy as np

from robot_wm.config import to_values
from robot_wm.errors import RobotWMError
from robot_wm.log import foxglove, plain, topics
from robot_wm.log.digest import Digester
from robot_wm.log.entries import (
    Entry,
    LogBytes,
    LogCommand,
    LogGoal,
    LogHeader,
    LogInstruction,
    LogLook,
    LogNote,
    LogResult,
    LogState,
    LogTick,
    Stamp,
)
from robot_wm.log.numbers import dumps
from robot_wm.types import ArmCommand, ArmTarget, Floats, Frame, Observation, PlanRecord

if TYPE_CHECKING:
    from robot_wm.kinematics import Kinematics

Put = Callable[[str, int, int, bytes], None]  # topic, log time (ns), publish time (ns), data


@final
class Encoder:
    """Turns entries into messages, and hands them to `put`. A picture that was put before is not put again."""

    def __init__(self, header: LogHeader, put: Put) -> None:
        self._header, self._put = header, put
        self._names = header.arm_spec.joint_names
        self._joints_writer = foxglove.JointsWriter(self._names)
        self._digester = Digester()
        self._pictures: dict[str, tuple[int, Frame]] = {}  # by camera: number and picture of the last one
        self._kinematics: Kinematics | None = None
        self._drawable = True

    def session(self) -> None:
        """Put the header."""
        time_ns = self._header.began.wall_ns
        self._put(topics.SESSION, time_ns, time_ns, dumps(to_values(self._header)))

    def put(self, entry: Entry) -> None:
        """Put all that there is to say about an entry."""
        match entry:
            case LogTick():
                self._tick(entry)
            case LogLook():
                self._json(topics.LOOK, entry.stamp, purpose=entry.purpose, **self._seen(entry))
                self._measured(entry.stamp, entry.observation)
            case LogState():
                self._between(entry)
            case LogNote():
                time_ns = self._ns(entry.stamp.clock_s)
                self._put(topics.LOG, time_ns, time_ns, foxglove.log(time_ns, entry.level, entry.words, entry.origin))
            case LogCommand():
                target, sent = plain.of_target(entry.target), plain.of_sent(entry.sent)
                self._json(topics.COMMAND, entry.stamp, purpose=entry.purpose, target=target, sent=sent)
                self._told(entry)
            case LogBytes():
                self._json(topics.BUS, entry.stamp, direction=entry.direction, data=plain.of_bytes(entry.data))
            case LogGoal():
                goal = None if entry.goal is None else plain.of_goal(entry.goal)
                self._json(topics.GOAL, entry.stamp, number=entry.number, task=dict(entry.task), goal=goal)
            case LogInstruction():
                self._fields(topics.INSTRUCTION, entry)
            case LogResult():
                self._fields(topics.RESULT, entry)

    def _tick(self, tick: LogTick) -> None:
        decision, names = tick.decision, ("goal", "number")
        seen = self._seen(tick)
        if decision.plan is not None:
            which = {name: getattr(tick, name) for name in names}
            self._json(topics.PLAN, tick.stamp, **which, **plain.of_plan(decision.plan))
        self._json(
            topics.TICK,
            tick.stamp,
            goal=tick.goal,
            number=tick.number,
            **seen,
            decision={
                "action": np.asarray(decision.action, dtype=np.float64).tolist(),
                "steps_to_goal": float(decision.steps_to_goal),
                "done_probability": float(decision.done_probability),
                "plan_ms": float(decision.plan_ms),
                "source": decision.source,
                "planned": decision.plan is not None,
            },
            held=tick.held,
            target=plain.of_target(tick.target),
            sent=plain.of_sent(tick.sent),
            decision_ms=float(tick.decision_ms),
        )
        self._for_viewers(tick)

    def _for_viewers(self, tick: LogTick) -> None:
        self._measured(tick.stamp, tick.observation)
        self._told(tick)
        if tick.decision.plan is not None and self._drawable:
            self._draw(tick.stamp, tick.observation.sent, tick.decision.plan)

    def _seen(self, entry: LogTick | LogLook) -> dict[str, Any]:
        """What a look or a tick saw; pictures go to their own channels first."""
        seen = entry.observation
        frames = {name: self._picture(entry.stamp, name, frame) for name, frame in seen.frames.items()}
        return {
            "state": plain.of_state(seen.state),
            "in_force": plain.of_command(seen.sent),
            "frames": frames,
            "simulator": plain.of_maybe_array(entry.simulator),
            "digest": self._digester.digest(seen),
        }

    def _picture(self, stamp: Stamp, camera: str, frame: Frame) -> dict[str, Any]:
        number, last = self._pictures.get(camera, (-1, None))
        if frame is not last:
            number += 1
            self._pictures[camera] = (number, frame)
            time_ns = self._ns(frame.stamp_s)
            data = foxglove.picture(time_ns, camera, frame.rgb)
            self._put(topics.CAMERA + camera, self._ns(stamp.clock_s), time_ns, data)
        return {"sequence": number, "stamp_s": float(frame.stamp_s)}

    def _measured(self, stamp: Stamp, seen: Observation) -> None:
        state, time_ns = seen.state, self._ns(seen.state.stamp_s)
        data = self._joints_writer.states(
            time_ns, state.q_rad, state.gripper, dq_rad_s=state.dq_rad_s, effort=state.effort
        )
        self._put(topics.MEASURED, self._ns(stamp.clock_s), time_ns, data)

    def _between(self, entry: LogState) -> None:
        time_ns = self._ns(entry.stamp.clock_s)
        effort = None if entry.effort is None else entry.effort.tolist()
        values = {"q_rad": entry.q_rad.tolist(), "dq_rad_s": entry.dq_rad_s.tolist()}
        self._json(topics.STATE, entry.stamp, **values, effort=effort, gripper=float(entry.gripper))
        data = self._joints_writer.states(
            time_ns, entry.q_rad, entry.gripper, dq_rad_s=entry.dq_rad_s, effort=entry.effort
        )
        self._put(topics.MEASURED, time_ns, time_ns, data)

    def _told(self, entry: LogTick | LogCommand) -> None:
        self._joints(topics.REQUESTED, entry.stamp, entry.stamp.clock_s, entry.target)
        self._joints(topics.SENT, entry.stamp, entry.sent.stamp_s, entry.sent)

    def _joints(self, topic: str, stamp: Stamp, at_s: float, pose: ArmTarget | ArmCommand) -> None:
        time_ns = self._ns(at_s)
        if len(pose.q_rad) == len(self._names):  # a target may be of a wrong length; the limits answer it with a hold
            data = self._joints_writer.states(time_ns, pose.q_rad, pose.gripper)
            self._put(topic, self._ns(stamp.clock_s), time_ns, data)

    def _draw(self, stamp: Stamp, in_force: ArmCommand, plan: PlanRecord) -> None:
        """The way of the commanded tool if all of the chunk were carried out."""
        from robot_wm.kinematics import Kinematics  # loads an engine, which only logs of planners need

        try:
            self._kinematics = self._kinematics or Kinematics(self._header.arm_spec)
        except (RobotWMError, ValueError, OSError):  # no model to draw by: the plan is in /plan all the same
            self._drawable = False
            return
        start_m: Floats = self._kinematics.forward(in_force.q_rad).position_m
        time_ns = self._ns(stamp.clock_s)
        steps_m = np.cumsum(plan.chunk[:, :3].astype(np.float64), axis=0)
        self._put(topics.SCENE, time_ns, time_ns, foxglove.way(time_ns, np.vstack([start_m, start_m + steps_m])))

    def _fields(self, topic: str, entry: LogInstruction | LogResult) -> None:
        values = asdict(entry)
        del values["stamp"]
        self._json(topic, entry.stamp, **values)

    def _json(self, topic: str, stamp: Stamp, **values: Any) -> None:
        time_ns = self._ns(stamp.clock_s)
        self._put(topic, time_ns, time_ns, dumps({"stamp": _plain(stamp), **values}))

    def _ns(self, clock_s: float) -> int:
        """The loop's clock laid on the wall clock, as both were when the log began."""
        began = self._header.began
        return max(0, began.wall_ns + round((clock_s - began.clock_s) * 1e9))


def _plain(stamp: Stamp) -> dict[str, Any]:
    return {"clock_s": stamp.clock_s, "monotonic_s": stamp.monotonic_s, "wall_ns": stamp.wall_ns}
