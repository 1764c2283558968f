"""The suites of simulated evaluation: the plain table, and one far outside the training distribution."""

from robot_wm.evaluate.suite import Bumps, Suite
from sim.skills import SIMULATED

_SHORTER = {each.skill.name: each.ticks_max for each in SIMULATED if each.ticks_max is not None}


def tabletop() -> Suite:
    """Return the suite on the table that the training data come from, on held-out seeds."""
    return Suite("tabletop", scene="tabletop", ticks_max_by_skill=_SHORTER)


def tabletop_shifted() -> Suite:
    """Return the suite with unseen mass, friction, servo gains and latency, where the goal's object is bumped once.

    It is bumped in the first second, or as soon as the gripper is clear of it.
    """
    return Suite("tabletop-shifted", scene="tabletop-shifted", ticks_max_by_skill=_SHORTER, bumps=Bumps())
