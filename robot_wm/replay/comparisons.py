"""What-if and imagination from an opened log to an `Outcome`: comparisons, which give no verdict."""

from collections.abc import Sequence
from math import isfinite

import numpy as np

from robot_wm.log.read import Log
from robot_wm.replay import imagine, what_if
from robot_wm.replay.imagine import SURPRISED, Surprise
from robot_wm.replay.order import in_order
from robot_wm.replay.page import Table
from robot_wm.replay.plot import Line, Plot
from robot_wm.replay.rebuild import Changes, find_checkpoint, kinematics_of, rebuild
from robot_wm.replay.report import Outcome, facts_of
from robot_wm.replay.what_if import SideBySide
from robot_wm.world_model.families import open_model

_SAME_MM = 1e-9


def show_what_if(log: Log, changes: Changes, instruction: str | None) -> Outcome:
    """Decisions side by side. Raises LogError, CheckpointError, ConfigError, RefusedError."""
    made = rebuild(log.header, log.attachments(), changes, language=instruction is not None)
    entries = in_order(log.entries())
    rows = what_if.compare(entries, made.agent, len(made.config.samples), instruction)
    other = [cause.words for cause in made.causes] + ([f"instruction: {instruction}"] if instruction else [])
    apart = np.array([row.apart_mm for row in rows])
    same = int((apart <= _SAME_MM).sum())
    values = {
        "mode": "what-if",
        "log": str(log.path),
        "other": other,
        "ticks": len(rows),
        "same_ticks": same,
        "apart_mm": {"mean": _mean(apart), "max": float(apart.max(initial=0.0))},
        "decisions": [_row_json(row) for row in rows],
    }
    what = "; ".join(other) or "nothing else"
    words = (
        f"what if ({what}): the tool's step is the same in {same} of {len(rows)} ticks, "
        f"{_mean(apart):.1f} mm apart on average, {apart.max(initial=0.0):.1f} mm at most"
    )
    facts = facts_of(log.header) | {"other": what}
    return Outcome(values, words, 0, "shown", facts, _what_if_plots(rows), [_what_if_table(rows)])


def show_imagined(log: Log, changes: Changes) -> Outcome:
    """Imagination against the sensors, with the surprise curve. Raises LogError, CheckpointError."""
    kinematics, _ = kinematics_of(log.header, log.attachments())
    path, causes = find_checkpoint(log.header, changes.checkpoint)
    model = open_model(path, kinematics, force=True)  # it decided on this arm already
    rows = imagine.surprises(in_order(log.entries()), model)
    peak = max(rows, key=lambda row: row.sigmas if isfinite(row.sigmas) else -1.0)
    surprised = [row for row in rows if row.sigmas > SURPRISED]
    first = surprised[0] if surprised else None
    values = {
        "mode": "imagine",
        "log": str(log.path),
        "checkpoint": str(path),
        "ahead_ticks": model.block,
        "ticks": len(rows),
        "surprised_ticks": [row.number for row in surprised],
        "first_surprise": None if first is None else {"tick": first.number, "thing": first.thing},
        "surprise": [_surprise_json(row) for row in rows],
    }
    facts = facts_of(log.header) | {"imagined by": "; ".join(c.words for c in causes) or "the log's own model"}
    table = _surprise_table(surprised)
    return Outcome(values, _surprise_words(rows, surprised, peak), 0, "shown", facts, _surprise_plots(rows), [table])


def _surprise_words(rows: Sequence[Surprise], surprised: Sequence[Surprise], peak: Surprise) -> str:
    start = f"imagination against the sensors over {len(rows)} ticks: "
    if not surprised:
        return start + f"never surprised; at most {peak.sigmas:.1f} standard deviations at tick {peak.number}"
    first = surprised[0]
    return (
        f"{start}surprised in {len(surprised)}, first at tick {first.number} by the {first.thing} "
        f"({first.thing_mm:.0f} mm); most at tick {peak.number} by the {peak.thing} ({peak.thing_mm:.0f} mm, "
        f"{peak.sigmas:.1f} standard deviations)"
    )


def _surprise_plots(rows: Sequence[Surprise]) -> list[Plot]:
    x = [float(row.number) for row in rows]
    peak = max(rows, key=lambda row: row.sigmas if isfinite(row.sigmas) else -1.0)
    marks = [(float(peak.number), peak.thing)] if peak.sigmas > SURPRISED else []
    sigmas = [Line("the thing that surprised most", [row.sigmas for row in rows])]
    off = [Line("that thing", [row.thing_mm for row in rows]), Line("tool", [row.tool_mm for row in rows])]
    grey = [
        Line("imagined", [row.picture for row in rows]),
        Line("painted from sight", [row.painted for row in rows], True),
    ]
    return [
        Plot("Surprise", "tick", "standard deviations", x, sigmas, bound=SURPRISED, marks=marks),
        Plot("Where it was, less where it was imagined", "tick", "mm", x, off),
        Plot("Error of the picture", "tick", "grey levels of 255", x, grey),
    ]


def _surprise_table(rows: Sequence[Surprise]) -> Table:
    cells = [
        (str(row.number), row.thing, f"{row.sigmas:.1f}", f"{row.thing_mm:.0f}", f"{row.tool_mm:.0f}") for row in rows
    ]
    return Table(f"Ticks above {SURPRISED:g} standard deviations", ("tick", "thing", "sd", "mm", "tool mm"), cells)


def _surprise_json(row: Surprise) -> dict[str, object]:
    return {
        "tick": row.number,
        "sigmas": _finite(row.sigmas),
        "thing": row.thing,
        "thing_mm": _finite(row.thing_mm),
        "tool_mm": _finite(row.tool_mm),
        "picture": _finite(row.picture),
        "painted": _finite(row.painted),
    }


def _what_if_plots(rows: Sequence[SideBySide]) -> list[Plot]:
    x = [float(row.number) for row in rows]
    pairs = (
        ("Steps to the goal, as believed", [row.logged_steps for row in rows], [row.other_steps for row in rows]),
        ("Cost of the plan", [row.logged_cost for row in rows], [row.other_cost for row in rows]),
    )
    apart = Plot("Distance between the two steps", "tick", "mm", x, [Line("", [row.apart_mm for row in rows])])
    beside = [
        Plot(title, "tick", "ticks", x, [Line("logged", one), Line("other", other, True)])
        for title, one, other in pairs
    ]
    return [apart, *beside]


def _what_if_table(rows: Sequence[SideBySide]) -> Table:
    cells = [
        (
            str(row.number),
            row.goal,
            _step(row.logged),
            _step(row.other),
            row.logged_source,
            row.other_source,
            f"{row.apart_mm:.1f}",
        )
        for row in rows
    ]
    columns = ("tick", "other pursues", "logged step mm", "other step mm", "logged by", "other by", "apart mm")
    return Table("Side by side", columns, cells)


def _row_json(row: SideBySide) -> dict[str, object]:
    return {
        "tick": row.number,
        "goal": row.goal,
        "logged": {
            "action": row.logged.tolist(),
            "source": row.logged_source,
            "steps_to_goal": _finite(row.logged_steps),
            "cost": _finite(row.logged_cost),
        },
        "other": {
            "action": row.other.tolist(),
            "source": row.other_source,
            "steps_to_goal": _finite(row.other_steps),
            "cost": _finite(row.other_cost),
        },
    }


def _step(action: np.ndarray) -> str:
    return " ".join(f"{1e3 * value:+.1f}" for value in action[:3])


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else 0.0


def _finite(value: float) -> float | None:
    """JSON has no nan."""
    return value if isfinite(value) else None
