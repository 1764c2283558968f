"""Experts that see the simulator's state: what to do now, for each skill, from any state.

An expert keeps no phase: what it does follows from the present state, the command in force, and for pushes where the
object was when the goal was given. So it recovers from whatever happens, and its answers can be cloned.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from robot_wm.goals import Task
from robot_wm.types import ArmCommand
from sim.experts.carry import lift, place, put_down, stack
from sim.experts.free import home, reach
from sim.experts.hand import held_name
from sim.experts.motion import Wish, toward
from sim.experts.push import push, push_to
from sim.experts.view import View
from sim.judge import Judge
from sim.scene import Scene
from sim.snapshot import Snapshot

SKILLS: dict[str, Callable[[View], Wish]] = {
    "reach": reach,
    "push": push,
    "push_to": push_to,
    "lift": lift,
    "place": place,
    "stack": stack,
    "home": home,
}
GRASPING = ("lift", "place", "stack")
PUSHING = ("push", "push_to")


class Expert:
    """Pursues one goal in a scene. Make it at the goal's start; ask it once a control tick."""

    def __init__(self, task: Task, scene: Scene, rng: np.random.Generator | None = None) -> None:
        self._task = task
        self._scene = scene
        self._spec = scene.arm.spec
        self._kinematics = scene.kinematics
        self._home_m = self._kinematics.forward(self._spec.q_rest_rad).position_m
        self._home_heading_rad = self._kinematics.heading(self._spec.q_rest_rad)
        self._first = Snapshot.of(scene)
        self._judge = Judge(task, scene)

    def act(self, now: Snapshot | None = None, sent: ArmCommand | None = None) -> NDArray[np.float32]:
        """The action (5,) that brings the goal nearer from the present state, or from a snapshot of it just taken.

        `sent` is the command in force where it is not the scene's own arm that was told (but a bus, say).
        """
        return decide(self.view(now, sent))

    @property
    def finished(self) -> bool:
        """Whether the goal is reached now."""
        return self._judge.update()

    def view(self, now: Snapshot | None = None, sent: ArmCommand | None = None) -> View:
        """What it sees now."""
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
            turning=self._scene.turning,
        )


def decide(view: View) -> NDArray[np.float32]:
    """The action (5,) for what is seen: put down what is in the way, else pursue the task."""
    if view.task.skill == "none":
        return np.array([0.0, 0.0, 0.0, 0.0, view.sent_gripper], dtype=np.float32)
    held = held_name(view)
    wanted = view.task.object if view.task.skill in GRASPING else None
    wish = put_down(view, held) if held not in (None, wanted) else SKILLS[view.task.skill](view)
    return toward(view, wish)
