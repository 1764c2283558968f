"""The verdict of a replay, with the first difference, its cause, and what was not checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

HOLDS = "holds"
DIFFERS = "differs"
EXIT_STATUS = {HOLDS: 0, DIFFERS: 3}

MODEL = "model hash"
CONFIG = "config"
VERSION = "version"
OBSERVATION = "observation"
NUMERIC = "numeric"
ARM = "arm"
CAUSES = (MODEL, CONFIG, OBSERVATION, VERSION, NUMERIC, ARM)  # in order of precedence


@dataclass(frozen=True)
class Difference:
    """One difference from the log."""

    tick: int | None  # number of the tick in the log; None if it concerns all of it
    what: str  # e.g. "action[2]"
    logged: str
    replayed: str

    def to_json(self) -> dict[str, object]:
        """For the JSON report."""
        return {"tick": self.tick, "what": self.what, "logged": self.logged, "replayed": self.replayed}

    def words(self) -> str:
        """For a person."""
        where = "" if self.tick is None else f"tick {self.tick}: "
        return f"{where}{self.what}: logged {self.logged}, replayed {self.replayed}"


@dataclass(frozen=True)
class Cause:
    """A reason why commands differ, or could."""

    kind: str  # one of CAUSES
    words: str  # e.g. "temperature: logged 0.5, now 0.4"


@dataclass(frozen=True)
class Verdict:
    """The result of a replay."""

    mode: str  # "decisions", "closed-loop" or "arm"
    log: str
    ticks: int
    equal_ticks: int
    first: Difference | None
    causes: Sequence[Cause] = ()  # the most likely first
    notes: Sequence[str] = ()  # what was not checked, or was taken from the log
    measures: Sequence[tuple[str, float]] = ()  # name with unit, value
    alike: str = "equal to the last bit"  # criterion for an equal tick

    @property
    def outcome(self) -> str:
        """HOLDS only if nothing differs and nothing was modified."""
        return HOLDS if self.first is None and not self.causes and self.ticks > 0 else DIFFERS

    @property
    def exit_status(self) -> int:
        """Exit status of the process."""
        return EXIT_STATUS[self.outcome]

    def to_json(self) -> dict[str, Any]:
        """One JSON object."""
        return {
            "mode": self.mode,
            "log": self.log,
            "verdict": self.outcome,
            "ticks": self.ticks,
            "equal_ticks": self.equal_ticks,
            "first_difference": None if self.first is None else self.first.to_json(),
            "cause": self.causes[0].kind if self.causes else None,
            "causes": [{"kind": cause.kind, "words": cause.words} for cause in self.causes],
            "notes": list(self.notes),
            **dict(self.measures),
        }

    def words(self) -> str:
        """For a person, in a line or two."""
        count = f"{self.equal_ticks} of {self.ticks} ticks {self.alike}"
        if self.outcome == HOLDS:
            return f"{self.mode} replay holds: {count}"
        first = "" if self.first is None else f"; first difference: {self.first.words()}"
        causes = "; ".join(f"{cause.kind}: {cause.words}" for cause in self.causes)
        return f"{self.mode} replay differs: {count}{first}" + (f"; cause: {causes}" if causes else "")
