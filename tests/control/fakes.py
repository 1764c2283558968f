"""Small fakes: a clock moved by hand, an agent with a list of actions, an action space of joints."""

from collections.abc import Callable, Sequence

import numpy as np

from robot_wm.camera import Camera
from robot_wm.fake import FakeArm, FakeCamera
from robot_wm.records import Decision
from robot_wm.types import ArmCommand, ArmState, ArmTarget, CameraSpec, Observation


class HandClock:
    """Stands still until it is waited on or moved."""

    def __init__(self) -> None:
        self.t_s = 0.0

    def now_s(self) -> float:
        return self.t_s

    def wait_until(self, t_s: float) -> None:
        self.t_s = max(self.t_s, t_s)


class Scripted:
    """Carries out a list of actions, the last one for ever; `before` is called at each decision."""

    def __init__(
        self, actions: Sequence[np.ndarray], before: Callable[[int], None] = lambda number: None, done_from: int = 10**9
    ) -> None:
        self._actions = actions
        self._before = before
        self._done_from = done_from
        self.asked = 0

    def decide(self, observation: Observation) -> Decision:
        number, self.asked = self.asked, self.asked + 1
        self._before(number)
        action = self._actions[min(number, len(self._actions) - 1)]
        return Decision(action, steps_to_goal=20.0 - number, done_probability=float(number >= self._done_from))


class JointActions:
    """The first four numbers of an action are steps of the first four joints."""

    def target(self, action: np.ndarray, state: ArmState, sent: ArmCommand) -> ArmTarget:
        step = np.append(action[:4], 0.0)
        return ArmTarget(sent.q_rad + step, float(action[4]))


def fake_arm(clock: HandClock) -> FakeArm:
    arm = FakeArm(clock.now_s)
    arm.connect()
    return arm


def fake_cameras() -> dict[str, Camera]:
    camera = FakeCamera(CameraSpec("overview", 8, 8, 10.0))
    camera.connect()
    return {"overview": camera}
