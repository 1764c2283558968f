"""Arm replay from an opened log to an `Outcome`. Needs no model, and so no torch."""

from collections.abc import Sequence
from math import isfinite

import numpy as np

from robot_wm.log.read import Log
from robot_wm.replay.arm import ArmRun, Manner, follow
from robot_wm.replay.keys import Controls
from robot_wm.replay.plot import Line, Plot
from robot_wm.replay.report import Outcome, notes_of, of_verdict
from robot_wm.replay.trajectory import Course
from robot_wm.replay.verdict import ARM, Cause, Difference, Verdict
from robot_wm.station.station import Station


def replay_on_arm(log: Log, station: Station, manner: Manner, controls: Controls) -> Outcome:
    """The logged commands on an arm. Raises LogError before anything moves, DeviceError where the arm fails."""
    course = Course.of(log.entries(), log.header.dt_s)
    course.require_fits(log.header.arm_spec, station.arm.spec)
    with station:
        _lay_alike(log, station)
        run = follow(station.arm, station.clock, course, manner, controls)
    verdict = Verdict(
        "arm",
        str(log.path),
        len(course),
        run.ticks_done,
        _first(run),
        [Cause(ARM, run.stopped)] if run.stopped else [],
        _notes(log, run),
        _measures(run, manner),
        "within the bound",
    )
    return of_verdict(verdict, log.header, _plots(run, station.arm.spec.joint_names, manner))


def _lay_alike(log: Log, station: Station) -> None:
    """In simulation, the table that the log had."""
    simulation, scene = station.simulation, log.header.scene
    if simulation is not None:
        simulation.reset(0, ()) if scene is None else simulation.reset(scene.seed, scene.names, scene.away)


def _first(run: ArmRun) -> Difference | None:
    return Difference(run.ticks_done, "tracking", "went on", run.stopped) if run.stopped else None


def _measures(run: ArmRun, manner: Manner) -> list[tuple[str, float]]:
    found = [
        ("tracking_rms_rad", run.rms_rad),
        ("tracking_max_rad", run.max_rad),
        ("bound_rad", manner.bound_rad),
        ("speed", manner.speed),
        ("approach_rad", run.approach_rad),
        ("limited_commands", float(run.limited)),
    ]
    return [(name, value) for name, value in found if isfinite(value)]


def _notes(log: Log, run: ArmRun) -> list[str]:
    calm = "the arm was held where it was, then stopped in its own way: see to it" if run.held else "the arm was parked"
    return [*notes_of(log), f"the arm began {run.approach_rad:.3f} rad from the log's start", calm]


def _plots(run: ArmRun, joint_names: Sequence[str], manner: Manner) -> list[Plot]:
    """Tracking error of each joint."""
    error = 1e3 * np.array(run.error_rad).reshape(-1, len(joint_names))
    lines = [Line(name, error[:, column].tolist()) for column, name in enumerate(joint_names)]
    worst = Line("largest", np.abs(error).max(axis=1, initial=0.0).tolist())
    title = "Measured less logged"
    return [
        Plot(title, "time in the log, s", "mrad", run.t_s, lines),
        Plot("Largest of any joint", "time in the log, s", "mrad", run.t_s, [worst], bound=1e3 * manner.bound_rad),
    ]
