"""Open the learned agents: the planner, and the action head alone ("prior")."""

from collections.abc import Mapping
from pathlib import Path

from robot_wm.agents.planner import PlannerAgent
from robot_wm.config import find_config, load_config, to_values
from robot_wm.errors import UnknownNameError
from robot_wm.kinematics import Kinematics
from robot_wm.language.grounding import Grounding
from robot_wm.language.weights import FILE_NAME
from robot_wm.log.provenance import config_sha256, file_sha256
from robot_wm.planning.mppi import MPPI, PlannerConfig
from robot_wm.planning.plan import PriorOnly, Searcher
from robot_wm.records import AgentRecord
from robot_wm.types import ArmSpec
from robot_wm.world_model.arm_identity import Size
from robot_wm.world_model.families import SHIPPED, open_model
from robot_wm.world_model.protocol import WorldModel

LEARNED = ("planner", "prior")


def open_planner(
    kind: str,
    checkpoint: Path | None,
    spec: ArmSpec,
    language: bool = True,
    config: PlannerConfig | None = None,
    force: bool = False,
    cameras: Mapping[str, Size] | None = None,
) -> PlannerAgent:
    """Open a learned agent for one arm.

    Args:
        kind: "planner", or "prior" for the action head alone.
        checkpoint: World model of any family; None takes the shipped one.
        spec: Spec of the arm that the agent will see.
        language: Whether it interprets text, or only receives goals.
        config: Configuration of the search; None takes configs/plan/default.yaml.
        force: Accept joint ranges of the arm that are wider than in training.
        cameras: Sizes (height, width) in pixels of the arm's cameras by name; None if they are not known.

    Raises:
        CheckpointError: The checkpoint is missing, damaged, of another program, or trained for another arm.
        MissingDependencyError: The language model's weights are missing.
        RefusedError: The model lacks a capability that this kind of agent needs.
    """
    path = checkpoint or SHIPPED
    model = open_model(path, Kinematics(spec), force, cameras)
    config = config or load_config(PlannerConfig, find_config("plan", "default"))
    record = _describe(kind, path, language, config)
    return build_planner(model, record, config, Grounding.load() if language else None)


def build_planner(
    model: WorldModel, record: AgentRecord, config: PlannerConfig, grounding: Grounding | None = None
) -> PlannerAgent:
    """Assemble the agent that a record describes. Raises UnknownNameError, RefusedError, ConfigError."""
    if record.kind not in LEARNED:
        raise UnknownNameError("learned policy", record.kind, LEARNED)
    searcher: Searcher = PriorOnly(model) if record.kind == "prior" else MPPI(model, config, record.seed)
    return PlannerAgent(model, searcher, record, grounding)


def _describe(kind: str, path: Path, language: bool, config: PlannerConfig) -> AgentRecord:
    values = to_values(config)
    return AgentRecord(
        kind=kind,
        checkpoint=str(path.resolve()),
        checkpoint_sha256=file_sha256(path),
        language_sha256=file_sha256(SHIPPED.with_name(FILE_NAME)) if language else "",
        config=values,
        config_sha256=config_sha256(values),
        given=not language,
    )
