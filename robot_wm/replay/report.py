"""Reports of a replay: text for a person, a JSON object, an HTML page. Runs nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from robot_wm.log.entries import LogHeader
from robot_wm.log.read import Log
from robot_wm.replay.page import Page, Table
from robot_wm.replay.plot import Plot
from robot_wm.replay.verdict import HOLDS, Verdict

_ROWS = 200  # of a table, at most
_SHOWN = "shown"


@dataclass(frozen=True)
class Outcome:
    """The outcome of one replay, ready to be reported."""

    values: Mapping[str, Any]  # the JSON object
    words: str
    exit_status: int
    kind: str  # "holds", "differs" or "shown"
    facts: Mapping[str, str] = field(default_factory=dict)
    plots: Sequence[Plot] = ()
    tables: Sequence[Table] = ()

    def page(self) -> str:
        """The HTML page."""
        title = f"robot-wm replay: {self.values['mode']} of {self.values['log']}"
        return Page(title, self.kind, self.words, self.facts, self.plots, self.tables).html()


def facts_of(header: LogHeader) -> dict[str, str]:
    """Return facts about the log for the report."""
    policy, scene = header.policy, header.scene
    facts = {
        "arm": header.arm,
        "command": header.command,
        "policy": f"{policy.kind}, seed {policy.seed}",
        "weights": f"{policy.checkpoint} {policy.checkpoint_sha256[:12]}".strip() or "none",
        "scene": "real" if scene is None else f"{scene.suite}, seed {scene.seed}: {', '.join(scene.names)}",
    }
    return facts | {name: str(value) for name, value in header.versions.items()}


def notes_of(log: Log) -> list[str]:
    """Return the problems of the file."""
    unclosed = [] if log.closed else ["the file was not closed; it was read as far as it is intact"]
    return [*unclosed, *log.damage]


def of_verdict(
    verdict: Verdict, header: LogHeader, plots: Sequence[Plot], differences: Sequence[Sequence[str]] = ()
) -> Outcome:
    """Return the outcome of a replay with a verdict."""
    tables = []
    if verdict.causes:
        tables.append(Table("Causes", ("cause", "what"), [(cause.kind, cause.words) for cause in verdict.causes]))
    if differences:
        columns = ("tick", "what", "logged", "replayed")
        tables.append(Table(f"Differences (first {_ROWS})", columns, list(differences)[:_ROWS]))
    if verdict.notes:
        tables.append(Table("Notes", ("",), [(note,) for note in verdict.notes]))
    facts = facts_of(header) | {name: f"{value:.6g}" for name, value in verdict.measures}
    kind = "holds" if verdict.outcome == HOLDS else "differs"
    return Outcome(verdict.to_json(), verdict.words(), verdict.exit_status, kind, facts, plots, tables)
