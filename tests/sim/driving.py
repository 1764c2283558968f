"""Run a scripted expert in a scene."""

from collections.abc import Callable

from robot_wm.action_space import CartesianActions
from robot_wm.goals import Task
from sim.expert import Expert
from sim.judge import Judge
from sim.scene import Scene

TICK_S = 0.1


def solved(scene: Scene, task: Task, ticks: int = 120, disturb: Callable[[int], None] | None = None) -> bool:
    """Return whether the expert reaches the goal; `disturb` is called with each tick's number before it acts."""
    expert, judge, actions = Expert(task, scene), Judge(task, scene), CartesianActions(scene.kinematics)
    for tick in range(ticks):
        if disturb is not None:
            disturb(tick)
        scene.arm.command(actions.target(expert.act(), scene.arm.read(), scene.arm.sent))
        scene.advance(TICK_S)
        if judge.update():
            return True
    return False
