"""The suites that success is measured on in simulation: the plain table, and one far from what training saw."""

from robot_wm.evaluate.suite import Bumps, Suite

_SHORTER = {"reach": 100, "lift": 120, "home": 100}  # control ticks


def tabletop() -> Suite:
    """The table that the training data come from, on seeds that they do not hold."""
    return Suite("tabletop", scene="tabletop", ticks_max_by_skill=_SHORTER)


def tabletop_shifted() -> Suite:
    """Unseen mass, friction, servo gains and latency; the goal's object is bumped once.

    In the first second, or as soon as it is free.
    """
    return Suite("tabletop-shifted", scene="tabletop-shifted", ticks_max_by_skill=_SHORTER, bumps=Bumps())
