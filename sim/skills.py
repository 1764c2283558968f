"""The simulator's side of each skill: predicate, expert, feasibility, weight in play and time limit.

The only place in `sim` that lists skills. Tasks of a table are enumerated in this order, and datasets list in it what
came true.
"""

from collections.abc import Callable
from dataclasses import dataclass

from robot_wm.goals import HOME, LIFT, NONE, PLACE, PUSH, PUSH_TO, REACH, STACK, Skill, Task
from sim.experts import carry, free, push
from sim.experts.motion import ToolTarget
from sim.experts.view import View
from sim.hand import Hand
from sim.predicates import Homed, Lifted, Placed, Predicate, Pushed, PushedTo, Reached, Stacked, Untouched
from sim.reach import Reach
from sim.room import always, room_in_bin, room_on_top, room_to_push, room_to_push_to
from sim.snapshot import Snapshot


@dataclass(frozen=True)
class SimulatedSkill:
    """The simulator's side of one declared skill."""

    skill: Skill
    predicate: type[Predicate]  # whether it is done
    expert: Callable[[View], ToolTarget] | None  # where to move the tool; None: nowhere
    has_room: Callable[[Task, Snapshot, Reach], bool] = always  # whether it is feasible, apart from reach and access
    grasps: bool = False  # whether its expert grasps the object; anything else held is put down first
    pushes: bool = False  # whether it needs fingers that push
    play_weight: float = 0.0  # default of how often play chooses it, relative to the others
    ticks_max: int | None = None  # control ticks allowed in a suite; None: the suite's own

    def prevented(self, hand: Hand) -> str:
        """Return why a hand cannot do this, or an empty string."""
        return hand.cannot_grip if self.grasps else hand.cannot_push if self.pushes else ""


SIMULATED = (
    SimulatedSkill(REACH, Reached, free.reach, play_weight=0.6, ticks_max=100),
    SimulatedSkill(LIFT, Lifted, carry.lift, grasps=True, play_weight=0.8, ticks_max=120),
    SimulatedSkill(PUSH, Pushed, push.push, room_to_push, pushes=True, play_weight=1.5),
    SimulatedSkill(PUSH_TO, PushedTo, push.push_to, room_to_push_to, pushes=True, play_weight=1.5),
    SimulatedSkill(PLACE, Placed, carry.place, room_in_bin, grasps=True, play_weight=1.5),
    SimulatedSkill(STACK, Stacked, carry.stack, room_on_top, grasps=True, play_weight=1.5),
    SimulatedSkill(HOME, Homed, free.home, play_weight=0.3, ticks_max=100),
)
_BY_NAME = {each.skill.name: each for each in (*SIMULATED, SimulatedSkill(NONE, Untouched, None))}


def simulated(task: Task) -> SimulatedSkill:
    """Return the simulator's side of a task's skill."""
    return _BY_NAME[task.skill]
