"""Each kind of replay from an opened log to an `Outcome`. Where pieces meet; the pieces know nothing of each other."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch

from robot_wm.errors import LogError
from robot_wm.log.entries import LogHeader
from robot_wm.log.provenance import versions
from robot_wm.log.read import Log
from robot_wm.replay import closed_loop, decisions
from robot_wm.replay.controller import Controller, RerunPlanner
from robot_wm.replay.limiter import Limiter
from robot_wm.replay.rebuild import LEARNED, Changes, rebuild, unlike_specs
from robot_wm.replay.report import Outcome, notes_of, of_verdict
from robot_wm.replay.run_plots import closed_loop_plots, decision_plots
from robot_wm.replay.verdict import CAUSES, CONFIG, NUMERIC, OBSERVATION, VERSION, Cause, Difference, Verdict
from robot_wm.session.events import Subscriber
from robot_wm.station.station import Station

_NO_SHA = "observations are not fingerprinted in this log: one that was edited would not be recognised"
_EDITED_SHOWN = 5


def replay_decisions(log: Log, changes: Changes) -> Outcome:
    """Logged observations through the same controller. Raises LogError, CheckpointError, ConfigError."""
    with _threads_of(log.header):
        made = rebuild(log.header, log.attachments(), changes)
        controller = Controller(made.agent, made.kinematics)
        found = decisions.replay(log.entries(), controller, Limiter(log.header.arm_spec, made.kinematics))
        causes = [*made.causes, *_observation_causes([*found.edited, *_lost(log, found.missing)])]
        verdict = Verdict(
            "decisions",
            str(log.path),
            len(found.pairs) + found.skipped,
            found.equal_ticks,
            found.first,
            _ordered(causes, log.header, found.first),
            [*notes_of(log), *_decision_notes(found)],
        )
        _require_ticks(verdict)
        rows = [each for pair in found.pairs for each in pair.differences]
        return of_verdict(verdict, log.header, decision_plots(found), _cells([*found.goals, *rows]))


def replay_closed_loop(log: Log, changes: Changes, station: Station, also: Sequence[Subscriber] = ()) -> Outcome:
    """Run the simulation again, with the log's agent where it can be built again.

    Args:
        log: the log.
        changes: what shall be other than in the log.
        station: a simulated setup, not entered yet.
        also: further subscribers, such as whatever bumped objects when the log was made.
    """
    with _threads_of(log.header):
        made = rebuild(log.header, log.attachments(), changes) if log.header.policy.kind in LEARNED else None
        agent = closed_loop.LoggedActions() if made is None else RerunPlanner(made.agent)
        with station:
            causes = [Cause(CONFIG, words) for words in unlike_specs(log.header.arm_spec, station.arm.spec)]
            found = closed_loop.replay(log.header, log.entries(), station, agent, also)
        causes += [] if made is None else made.causes
        causes += _observation_causes(_lost(log, 0))
        by = "the logged actions were replayed" if made is None else "the log's agent decided again"
        verdict = Verdict(
            "closed-loop",
            str(log.path),
            len(found.steps),
            found.equal_ticks,
            found.first,
            _ordered(causes, log.header, found.first),
            [*notes_of(log), by, *found.notes],
            [("drift_max_rad", found.drift_rad)],
        )
        _require_ticks(verdict)
        rows = [*found.start, *(each for step in found.steps for each in step.differences)]
        return of_verdict(verdict, log.header, closed_loop_plots(found), _cells(rows))


@contextmanager
def _threads_of(header: LogHeader) -> Iterator[None]:
    """Compute with as many threads as then within the block: a sum over more of them may end in another last bit."""
    before, logged = torch.get_num_threads(), str(header.versions.get("threads", ""))
    if logged.isdigit() and int(logged) > 0:
        torch.set_num_threads(int(logged))
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _ordered(causes: Sequence[Cause], header: LogHeader, first: Difference | None) -> list[Cause]:
    """What is known, the likeliest first; other versions and arithmetic alone only count where something differs."""
    found = list(causes)
    if first is not None:
        found += [Cause(VERSION, words) for words in _other_versions(header)]
        found += [] if found else [Cause(NUMERIC, "same weights, settings, observations and versions as logged")]
    return sorted(found, key=lambda cause: CAUSES.index(cause.kind))


def _other_versions(header: LogHeader) -> list[str]:
    """What computes here in another version than it did then, in words."""
    here = versions()
    kept = [name for name in header.versions if name in here and here[name] != header.versions[name]]
    return [f"{name}: logged {header.versions[name]}, here {here[name]}" for name in kept]


def _observation_causes(edited: Sequence[str]) -> list[Cause]:
    more = len(edited) - _EDITED_SHOWN
    shown = [Cause(OBSERVATION, words) for words in edited[:_EDITED_SHOWN]]
    return shown + ([Cause(OBSERVATION, f"and {more} more")] if more > 0 else [])


def _lost(log: Log, told: int) -> list[str]:
    """Ticks that are not in the log, but for those that were told of: at the end of a goal, or all of one."""
    lost = log.lost_ticks() - told
    return [f"{lost} ticks at the end of a goal, or all of one, are not in the log"] if lost > 0 else []


def _decision_notes(found: decisions.Decisions) -> list[str]:
    notes = [f"{found.skipped} ticks could not be replayed, for want of what is lost"] if found.skipped else []
    notes += [f"{found.unchecked} ticks whose limits could not be checked"] if found.unchecked else []
    return notes + ([_NO_SHA] if found.without_digest else [])


def _require_ticks(verdict: Verdict) -> None:
    if verdict.ticks == 0:
        raise LogError(f"{verdict.log} holds no ticks, so there is nothing to replay")


def _cells(differences: Sequence[Difference]) -> list[tuple[str, str, str, str]]:
    return [
        ("" if each.tick is None else str(each.tick), each.what, each.logged, each.replayed) for each in differences
    ]
