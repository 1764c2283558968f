"""Logs of a perfect arm that carries out small actions before cameras whose pictures get brighter tick by tick."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from robot_wm.action_space import CartesianActions
from robot_wm.fake import fake_spec
from robot_wm.kinematics import Kinematics
from robot_wm.log.entries import LogHeader, SceneRecord, Stamp
from robot_wm.log.record import Recorder
from robot_wm.proprioception import state_vector
from robot_wm.records import AgentRecord, Decision, Tick
from robot_wm.types import ArmCommand, ArmState, CameraSpec, Frame, Observation

TASK = {"skill": "lift", "object": "red cube"}
CAMERAS = (CameraSpec("overview", 24, 24, 10.0), CameraSpec("wrist", 16, 16, 10.0))


@dataclass(frozen=True)
class _Numbers:
    kinematics: Kinematics


NUMBERS = _Numbers(Kinematics(fake_spec()))


@dataclass(frozen=True)
class Session:
    """A log and what must come out of it."""

    path: Path
    states: np.ndarray  # (T, 23) as models see the arm
    asked: np.ndarray  # (T, 5)
    shades: np.ndarray  # (T,)


def session(path: Path, ticks: int, kind: str = "script", late: Mapping[int, float] | None = None) -> Session:
    """Record one; `late` says by how much the clock had got on before a tick, seconds."""
    spec, rng = fake_spec(), np.random.default_rng(0)
    actions = CartesianActions(NUMBERS.kinematics)
    sent = ArmCommand(spec.q_rest_rad, spec.gripper_rest, -0.1)
    states, asked, shades, at_s = [], [], [], 1.0
    with Recorder(path, _header(kind), lambda: at_s, simulator=lambda: np.array([float(len(states))])) as recorder:
        recorder.instruction("lift it", (TASK,), "lift the red cube", 0.9)
        recorder.goal(TASK, None)
        for number in range(ticks):
            at_s += 0.1 + (late or {}).get(number, 0.0)
            state = ArmState(sent.q_rad, np.zeros(5), None, sent.gripper, at_s)
            shades.append(10 + 5 * number)
            frames = {each.name: Frame(_grey(each, shades[-1]), at_s - 0.02) for each in CAMERAS}
            action = np.array([*rng.uniform(-0.01, 0.01, 4), rng.uniform(0, 1)])
            states.append(state_vector(state, sent, NUMBERS.kinematics))
            asked.append(action)
            target = actions.target(action, state, sent)
            now = ArmCommand(target.q_rad, target.gripper, at_s + 0.03)
            decision = Decision(action, 3.0, 0.5, 1.0, kind)
            recorder.tick(Tick(number, Observation(frames, state, sent), decision, now, "", 2.0, target, at_s))
            sent = now
        recorder.result(True, False, "simulator")
    return Session(path, np.array(states), np.array(asked), np.array(shades, float))


def _grey(camera: CameraSpec, shade: int) -> np.ndarray:
    return np.full((camera.height, camera.width, 3), shade, np.uint8)


def _header(kind: str) -> LogHeader:
    return LogHeader(
        command="test",
        arm="fake",
        arm_spec=fake_spec(),
        cameras=CAMERAS,
        began=Stamp(0.0, time.monotonic(), time.time_ns()),
        policy=AgentRecord(kind),
        scene=SceneRecord("tabletop", 7, ("red cube",), state=np.array([0.0])),
    )
