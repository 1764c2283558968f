"""Agents: whatever takes instructions and decides. `open_agent` opens one by name."""

from typing import TYPE_CHECKING

from robot_wm.lazy import front_door

if TYPE_CHECKING:
    from robot_wm.agents.baselines import HoldAgent as HoldAgent
    from robot_wm.agents.baselines import RandomAgent as RandomAgent
    from robot_wm.agents.make import open_agent as open_agent
    from robot_wm.agents.planner import PlannerAgent as PlannerAgent
    from robot_wm.agents.planner_factory import build_planner as build_planner
    from robot_wm.agents.planner_factory import open_planner as open_planner
    from robot_wm.agents.scripted import ScriptedExpert as ScriptedExpert
    from robot_wm.agents.teleop import Keyboard as Keyboard
    from robot_wm.agents.teleop import Script as Script
    from robot_wm.agents.teleop import read_script as read_script

__getattr__, __dir__, __all__ = front_door(
    __name__,
    {
        "baselines": (
            "HoldAgent",
            "RandomAgent",
        ),
        "make": ("open_agent",),
        "planner": ("PlannerAgent",),
        "planner_factory": (
            "build_planner",
            "open_planner",
        ),
        "scripted": ("ScriptedExpert",),
        "teleop": (
            "Keyboard",
            "Script",
            "read_script",
        ),
    },
)
