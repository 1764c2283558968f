"""The control loop, clocks, judges, parking and the `Agent` protocol. Runs on any arm; imports no torch."""

from typing import TYPE_CHECKING

from robot_wm.lazy import front_door

if TYPE_CHECKING:
    from robot_wm.control.agent import Agent as Agent
    from robot_wm.control.agent import Decides as Decides
    from robot_wm.control.agent import accept_given as accept_given
    from robot_wm.control.clock import Clock as Clock
    from robot_wm.control.clock import RealClock as RealClock
    from robot_wm.control.judging import Judge as Judge
    from robot_wm.control.judging import OwnEstimate as OwnEstimate
    from robot_wm.control.judging import Unreachable as Unreachable
    from robot_wm.control.loop import ArmLike as ArmLike
    from robot_wm.control.loop import observe as observe
    from robot_wm.control.loop import run_goal as run_goal
    from robot_wm.control.parking import ArmGuard as ArmGuard
    from robot_wm.control.parking import park as park

__getattr__, __dir__, __all__ = front_door(
    __name__,
    {
        "agent": (
            "Agent",
            "Decides",
            "accept_given",
        ),
        "clock": (
            "Clock",
            "RealClock",
        ),
        "judging": (
            "Judge",
            "OwnEstimate",
            "Unreachable",
        ),
        "loop": (
            "ArmLike",
            "observe",
            "run_goal",
        ),
        "parking": (
            "ArmGuard",
            "park",
        ),
    },
)
