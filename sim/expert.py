"""The scripted expert of a goal, which sees the simulator's state.

An expert is stateless: its action follows from the present state, the command in force and, for pushes, where the
object was when the goal was given. So it recovers from any disturbance, and its actions can be cloned.
"""

import numpy as np
from numpy.typing import NDArray

from robot_wm.errors import RefusedError
from robot_wm.goals import Task
from robot_wm.types import ArmCommand
from sim.experts.carry import put_down
from sim.experts.hand import held_name
from sim.experts.motion import toward
from sim.experts.view import View
from sim.judge import Judge
from sim.pan_roll import PanRoll
from sim.scene import Scene
from sim.skills import simulated
from sim.snapshot import Snapshot


class Expert:
    """The policy of one goal in a scene. Create it at the goal's start; call `act` once a control tick.

    Raises:
        RefusedError: The arm's hand cannot do the task.
    """

    def __init__(self, task: Task, scene: Scene, rng: np.random.Generator | None = None) -> None:
        if reason := simulated(task).prevented(scene.hand):
            raise RefusedError(f"the scripted expert cannot {task.words()}: {reason}")
        self._task = task
        self._scene = scene
        self._spec = scene.arm.spec
        self._kinematics = scene.kinematics
        self._home_m = self._kinematics.forward(self._spec.q_rest_rad).position_m
        self._home_heading_rad = self._kinematics.heading(self._spec.q_rest_rad)
        self._pan_roll = PanRoll.of(scene.description)
        self._first = Snapshot.of(scene)
        self._judge = Judge(task, scene)

    def act(self, now: Snapshot | None = None, sent: ArmCommand | None = None) -> NDArray[np.float32]:
        """Return the action (5,) for the present state.

        Args:
            now: The present state, where a snapshot was taken already.
            sent: The command in force, where it went to something else than the scene's own arm (a bus, say).
        """
        return decide(self.view(now, sent))

    @property
    def finished(self) -> bool:
        """Whether the goal is reached now."""
        return self._judge.update()

    def view(self, now: Snapshot | None = None, sent: ArmCommand | None = None) -> View:
        """Return the input of a decision."""
        sent = sent or self._scene.arm.sent
        return View(
            task=self._task,
            first=self._first,
            now=now or Snapshot.of(self._scene),
            spec=self._spec,
            sent_q_rad=sent.q_rad,
            sent_m=self._kinematics.forward(sent.q_rad).position_m,
            sent_heading_rad=self._kinematics.heading(sent.q_rad),
            sent_gripper=sent.gripper,
            home_m=self._home_m,
            home_heading_rad=self._home_heading_rad,
            hand=self._scene.hand,
            reach=self._scene.reach,
            pan_roll=self._pan_roll,
        )


def decide(view: View) -> NDArray[np.float32]:
    """Return the action (5,): put down anything else that is held, else pursue the task."""
    skill = simulated(view.task)
    if skill.expert is None:
        return np.array([0.0, 0.0, 0.0, 0.0, view.sent_gripper], dtype=np.float32)
    held = held_name(view)
    wanted = view.task.object if skill.grasps else None
    target = put_down(view, held) if held not in (None, wanted) else skill.expert(view)
    return toward(view, target)
