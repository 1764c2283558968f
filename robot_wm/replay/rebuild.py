"""From a log's header to its controller, with all that is not as it was then: model, settings, arm, versions."""

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from robot_wm.agents.planner import PlannerAgent
from robot_wm.agents.planner_factory import LEARNED, build_planner
from robot_wm.config import find_config, from_values, load_config, to_values
from robot_wm.errors import CheckpointError, LogError
from robot_wm.kinematics import Kinematics
from robot_wm.language.grounding import Grounding
from robot_wm.log.entries import LogHeader
from robot_wm.log.provenance import config_sha256, file_sha256
from robot_wm.planning.mppi import PlannerConfig
from robot_wm.replay.verdict import CONFIG, MODEL, Cause
from robot_wm.types import ArmSpec
from robot_wm.world_model.families import SHIPPED, open_model
from robot_wm.world_model.protocol import WorldModel

_MODEL_FILE = "model.xml"  # the attachment


# Keys of planner settings in logs of older versions, by what they are called now; None at the top level.
_RENAMED: Mapping[str | None, Mapping[str, str]] = {
    None: {"floor": "min_spread", "detour": "recovery"},
    "objective": {
        "last": "terminal",
        "doubt": "disagreement",
        "rough": "smoothness",
        "stray": "prior_deviation",
        "unlikely": "mode_log_odds",
    },
}


@dataclass(frozen=True)
class Changes:
    """What is asked to be other than in the log; None where it shall be as it was."""

    checkpoint: Path | None = None
    plan: str | None = None  # a planner's configuration, by name or path


@dataclass(frozen=True)
class Rebuilt:
    """The controller's parts, and what is not as it was."""

    agent: PlannerAgent
    model: WorldModel
    kinematics: Kinematics
    config: PlannerConfig
    causes: tuple[Cause, ...] = ()
    notes: tuple[str, ...] = field(default=())


def rebuild(header: LogHeader, attachments: Mapping[str, bytes], changes: Changes, language: bool = False) -> Rebuilt:
    """Make the log's policy again. Raises LogError where it is no learned one, CheckpointError, ConfigError."""
    if header.policy.kind not in LEARNED:
        raise LogError(
            f"the decisions of this log were made by {header.policy.kind!r}, not by a model; "
            "replay them with --mode closed-loop or --mode arm"
        )
    kinematics, arm_causes = kinematics_of(header, attachments)
    path, model_causes = find_checkpoint(header, changes.checkpoint)
    config, config_causes = planner_config(header, changes.plan)
    model = open_model(path, kinematics, force=True)  # it decided on this arm already
    agent = build_planner(model, header.policy, config, Grounding.load() if language else None)
    return Rebuilt(agent, model, kinematics, config, (*model_causes, *config_causes, *arm_causes))


def find_checkpoint(header: LogHeader, asked: Path | None) -> tuple[Path, list[Cause]]:
    """The weights asked for; else those of the log, wherever they are now; else the shipped ones, and that is said."""
    logged = header.policy.checkpoint_sha256
    places = [Path(header.policy.checkpoint), SHIPPED] if asked is None else [asked]
    there = [place for place in places if place.is_file()]
    if not there:
        raise CheckpointError(f"no checkpoint at {' or '.join(map(str, places))}; name it with --checkpoint")
    hashes = {place: file_sha256(place) for place in there}
    path = next((place for place in there if hashes[place] == logged), there[0])
    if hashes[path] == logged:
        return path, []
    return path, [Cause(MODEL, f"logged {logged[:12] or 'none'}, {path} is {hashes[path][:12]}")]


def planner_config(header: LogHeader, asked: str | None) -> tuple[PlannerConfig, list[Cause]]:
    """The planner's settings of the log, or those asked for, and in what they differ from what was recorded."""
    values = dict(header.policy.config)
    logged = from_values(PlannerConfig, renamed(values), "the log's planner settings")
    causes = []
    if header.policy.config_sha256 and config_sha256(values) != header.policy.config_sha256:
        causes.append(Cause(CONFIG, "the planner settings in the log are not those that were recorded"))
    if asked is None:
        return logged, causes
    config = load_config(PlannerConfig, find_config("plan", asked))
    return config, causes + [Cause(CONFIG, words) for words in unlike(to_values(logged), to_values(config))]


def renamed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a log's planner settings under the names that they have now; no value changes."""
    found = {_RENAMED[None].get(key, key): value for key, value in values.items()}
    objective = found.get("objective")
    if isinstance(objective, Mapping):
        found["objective"] = {_RENAMED["objective"].get(key, key): value for key, value in objective.items()}
    return found


def unlike(logged: Mapping[str, Any], now: Mapping[str, Any], inside: str = "") -> list[str]:
    """Each key whose value is not the same, in words."""
    found = []
    for key in sorted({*logged, *now}):
        was, here = logged.get(key), now.get(key)
        if isinstance(was, Mapping) and isinstance(here, Mapping):
            found += unlike(was, here, f"{inside}{key}.")
        elif was != here:
            found.append(f"{inside}{key}: logged {was}, now {here}")
    return found


def unlike_specs(logged: ArmSpec, now: ArmSpec) -> list[str]:
    """In what an arm is not the one of the log, in words; where its model's file lies does not matter."""
    return [f"the arm's {words}" for words in unlike(_plain(logged), _plain(now))]


def _plain(spec: ArmSpec) -> dict[str, Any]:
    return {key: value for key, value in to_values(spec).items() if key != "mjcf"}


def kinematics_of(header: LogHeader, attachments: Mapping[str, bytes]) -> tuple[Kinematics, list[Cause]]:
    """Kinematics of the log's arm: from its model where that is still as it was, else from the one attached."""
    path = Path(header.arm_spec.mjcf)
    if path.is_file() and file_sha256(path) == header.model_sha256:
        return Kinematics(header.arm_spec), []
    attached = attachments.get(_MODEL_FILE)
    if attached is not None and hashlib.sha256(attached).hexdigest() == header.model_sha256:
        return _from_attachment(header.arm_spec, attached), []
    if not path.is_file():
        raise LogError(f"the arm's model {path} is not on this machine, and none is attached to the log")
    return Kinematics(header.arm_spec), [Cause(CONFIG, f"the arm's model {path} is not the one that was recorded")]


def _from_attachment(spec: ArmSpec, attached: bytes) -> Kinematics:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / _MODEL_FILE
        path.write_bytes(attached)
        return Kinematics(replace(spec, mjcf=str(path)))
