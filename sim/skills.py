"""What the simulator knows of each skill: judge, expert, room that it needs, and how it is practised and measured.

The one place in `sim` that lists skills. The order is that in which the tasks of a table are enumerated; datasets hold
what came true in this order.
"""

from collections.abc import Callable
from dataclasses import dataclass

from robot_wm.goals import HOME, LIFT, NONE, PLACE, PUSH, PUSH_TO, REACH, STACK, Skill, Task
from sim.experts import carry, free, push
from sim.experts.motion import Wish
from sim.experts.view import View
from sim.hand import Hand
from sim.predicates import Homed, Lifted, Placed, Predicate, Pushed, PushedTo, Reached, Stacked, Untouched
from sim.reach import Reach
from sim.room import always, room_in_bin, room_on_top, room_to_push, room_to_push_to
from sim.snapshot import Snapshot


@dataclass(frozen=True)
class SimulatedSkill:
    """One declared skill in the simulator."""

    skill: Skill
    predicate: type[Predicate]  # when it is done
    expert: Callable[[View], Wish] | None  # what to do now; None stays where it is
    has_room: Callable[[Task, Snapshot, Reach], bool] = always  # whether it can be tried, reach and access aside
    grasps: bool = False  # whether its expert holds the object; anything else held is put down first
    pushes: bool = False  # whether it needs fingers that push
    play_weight: float = 0.0  # how often play chooses it, relative to the others, unless configured
    ticks_max: int | None = None  # control ticks allowed in a suite; None takes the suite's own

    def prevented(self, hand: Hand) -> str:
        """Return why a hand cannot do this at all, or nothing."""
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
    """Return what the simulator knows of a task's skill."""
    return _BY_NAME[task.skill]
