"""Plots of a decision replay and of a closed-loop replay."""

import numpy as np

from robot_wm.action_space import ACTION_NAMES
from robot_wm.replay.closed_loop import ClosedLoop
from robot_wm.replay.decisions import Decisions
from robot_wm.replay.plot import Line, Plot


def decision_plots(found: Decisions) -> list[Plot]:
    """Steps of the tool, distances to the goal and search effort, logged and replayed."""
    x = [float(pair.number) for pair in found.pairs]
    first = found.first
    marks = [] if first is None or first.tick is None else [(float(first.tick), f"first: {first.what}")]
    logged = np.array([pair.logged.decision.action for pair in found.pairs]).reshape(-1, len(ACTION_NAMES))
    again = np.array([pair.replayed.decision.action for pair in found.pairs]).reshape(-1, len(ACTION_NAMES))
    steps = [
        Line(f"{name} {which}", (1e3 * values[:, column]).tolist(), which == "replayed")
        for column, name in enumerate(ACTION_NAMES[:3])
        for which, values in (("logged", logged), ("replayed", again))
    ]
    beliefs = [
        Line("logged", [pair.logged.decision.steps_to_goal for pair in found.pairs]),
        Line("replayed", [pair.replayed.decision.steps_to_goal for pair in found.pairs], True),
    ]
    effort = Line("decision", [pair.logged.decision_ms for pair in found.pairs])
    return [
        Plot("Steps of the tool", "tick", "mm", x, steps, marks=marks),
        Plot("Predicted steps to goal", "tick", "ticks", x, beliefs, marks=marks),
        Plot("Decision time in the log", "tick", "ms", x, [effort]),
    ]


def closed_loop_plots(found: ClosedLoop) -> list[Plot]:
    """Plot the deviation of the joints from the log."""
    x = [float(step.number) for step in found.steps]
    first = found.first
    marks = [] if first is None or first.tick is None else [(float(first.tick), f"first: {first.what}")]
    drift = Line("largest of any joint", [1e3 * step.drift_rad for step in found.steps])
    return [Plot("Distance of the joints from the log", "tick", "mrad", x, [drift], marks=marks)]
