"""Choose the source of recordings for given paths, and the training form of its contents."""

from collections.abc import Sequence
from pathlib import Path

from robot_wm.data.features import Feature
from robot_wm.errors import ConfigError, DatasetError
from robot_wm.exchange.lerobot import LeRobotSource
from robot_wm.exchange.lerobot_folders import LeRobotFolder, is_lerobot, open_folder
from robot_wm.exchange.mapping import DatasetMapping
from robot_wm.exchange.mcap_files import has_schema, is_mcap
from robot_wm.exchange.mcap_source import McapSource
from robot_wm.exchange.own_logs import LABELS, FindLabel, OwnLogSource
from robot_wm.exchange.training import TrainingForm
from robot_wm.kinematics import Kinematics
from robot_wm.log.read import load_log
from robot_wm.types import ArmSpec


def kind_of(paths: Sequence[Path]) -> str:
    """Return the kind of the sources, "folder", "mcap" or "log". Raises DatasetError if they differ or are none."""
    kinds = {_kind(path) for path in paths}
    if len(kinds) != 1:
        raise DatasetError(f"import one kind of source at a time: received {', '.join(sorted(kinds))}")
    kind = kinds.pop()
    if kind == "folder" and len(paths) > 1:
        raise DatasetError(f"import one folder at a time: received {len(paths)}")
    return kind


def _kind(path: Path) -> str:
    if is_lerobot(path):
        return "folder"
    if not path.exists():
        raise DatasetError(f"{path} does not exist; give a LeRobotDataset folder or an MCAP file")
    if not is_mcap(path):
        raise DatasetError(f"{path} is no LeRobotDataset folder (meta/info.json is missing) and no MCAP file")
    return "log" if has_schema(path, "robot_wm.") else "mcap"


def mapped_source(
    paths: Sequence[Path], mapping: DatasetMapping, spec: ArmSpec
) -> tuple[LeRobotSource | McapSource, TrainingForm]:
    """Return a mapped source and the form of its episodes. Raises ConfigError if the mapping does not fit."""
    for each in (mapping.joints, mapping.speeds, mapping.sent_joints):
        if each is not None:
            each.require_fits(spec)
    kind = kind_of(paths)
    columns: dict[str, Feature] = {}
    if kind == "folder":
        folder = open_folder(paths[0])
        source: LeRobotSource | McapSource = LeRobotSource(folder, mapping, spec)
        columns = {ours: _taken_over(folder, ours, theirs) for ours, theirs in mapping.columns.items()}
    else:
        source = McapSource(tuple(paths), mapping, spec)
    return source, mapped_form(mapping, spec, columns)


def mapped_form(mapping: DatasetMapping, spec: ArmSpec, columns: dict[str, Feature]) -> TrainingForm:
    """Return the form of a mapped source's episodes."""
    acts = mapping.sent_joints is not None
    if mapping.demonstrations and not acts:
        raise ConfigError("demonstrations needs sent_joints and sent_gripper: there are no actions to imitate")
    return TrainingForm(
        kinematics=Kinematics(spec),
        fps=mapping.fps,
        sides_px={name: each.px for name, each in mapping.pictures.items()},
        has_state=mapping.joints is not None,
        has_actions=acts,
        has_experts=mapping.demonstrations,
        columns=columns,
    )


def log_source(
    paths: Sequence[Path], mapping: DatasetMapping, find_label: FindLabel
) -> tuple[OwnLogSource, TrainingForm]:
    """Return a source of logs and the form of its episodes, with labels if all logs have them.

    Raises DatasetError if the logs are of different arms.
    """
    headers = [load_log(path).header for path in paths]
    spec = headers[0].arm_spec
    for path, header in zip(paths, headers, strict=True):
        if header.arm_spec.joint_names != spec.joint_names or header.arm_spec.mjcf != spec.mjcf:
            raise DatasetError(
                f"{path} is of arm {header.arm_spec.name!r} and {paths[0]} of {spec.name!r}; import them separately"
            )
    labelled = all(header.scene is not None for header in headers) and find_label(headers[0]) is not None
    columns = {each.name: each for each in LABELS} if labelled else {}
    cameras = {ours: each.source for ours, each in mapping.pictures.items() if each.source is not None}
    sides_px = {ours: each.px for ours, each in mapping.pictures.items()}
    form = TrainingForm(Kinematics(spec), mapping.fps, sides_px, True, True, True, columns)
    return OwnLogSource(tuple(paths), mapping.fps, cameras, find_label if labelled else lambda header: None), form


def _taken_over(folder: LeRobotFolder, ours: str, theirs: str) -> Feature:
    """Return a column of a folder under our name."""
    if theirs not in folder.features:
        return Feature(ours, "float32", (1,))  # the source raises the error
    entry = folder.features[theirs]
    size = 1
    for each in entry["shape"]:
        size *= int(each)
    names = folder.names_of(theirs) if len(folder.names_of(theirs)) == size else None
    return Feature(ours, str(entry["dtype"]), (size,), names)
