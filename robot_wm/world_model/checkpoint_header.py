"""The header of a checkpoint: family, arm, success calibration, configuration and the run that made it.

A safetensors header maps text to text; the values here are JSON. Files of the format before are read through
`_upgraded`, the one place that knows it. Knows no weights and no family of models.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from robot_wm.arm_description import ChainJoint, kinematics_hash
from robot_wm.config import from_values
from robot_wm.errors import CheckpointError, RobotWMError
from robot_wm.world_model.arm_identity import ArmIdentity
from robot_wm.world_model.success import SuccessCalibration

FORMAT = "robot_wm.checkpoint/2"
_FORMAT_1 = "robot_wm.wam/1"
_JSON = ("arm", "success", "config", "run")

# What format 1 left unsaid. Its heading was always joint 4 less joint 0, and its only published arm the SO-101.
_HEADING_1 = (-1, 0, 0, 0, 1)
_SO101 = "ad7ee243528cd89a190310f47949d2386c4c7272248142bbf865b17bc371f491"
_SO101_JOINTS = ("shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_flex", "wrist_roll")


@dataclass(frozen=True)
class Header:
    """What a checkpoint says of itself."""

    family: str  # of world models, e.g. "wam"
    arm: ArmIdentity
    success: SuccessCalibration
    config: Mapping[str, Any]  # of the family's model
    run: Mapping[str, Any]  # how it was trained


def read_header(path: Path) -> Header:
    """Return the header of a checkpoint. Raises CheckpointError where the file is missing, truncated or foreign."""
    if not path.is_file():
        raise CheckpointError(f"no checkpoint at {path}; train one with `robot-wm train configs/train/wam.yaml`")
    try:
        with safe_open(path, "np") as file:
            found = file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path} is not a whole safetensors file ({error}); copy it again or retrain") from error
    if found.get("format") not in (FORMAT, _FORMAT_1):
        raise CheckpointError(f"{path} holds {found.get('format', 'a foreign format')!r}, expected {FORMAT!r}")
    try:
        values = {key: json.loads(found[key]) for key in _JSON if key in found}
        values = values if found["format"] == FORMAT else _upgraded(values)
        arm, success = from_values(ArmIdentity, values["arm"]), from_values(SuccessCalibration, values["success"])
        return Header(found.get("family", "wam"), arm, success, values["config"], values["run"])
    except (RobotWMError, KeyError, ValueError, TypeError) as error:
        raise CheckpointError(f"{path} does not fit this version of the model: {error}") from error


def header_text(header: Header) -> dict[str, str]:
    """Return the header as safetensors keeps it."""
    return {"format": FORMAT, "family": header.family, **{key: json.dumps(asdict(header)[key]) for key in _JSON}}


def _upgraded(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return format 1's values as format 2 has them: the arm from the wrist camera's mount, the rest as it was fixed.

    Raises CheckpointError for an arm that does not have five joints, which format 1 could not describe.
    """
    config = dict(values["config"])
    wrist = {"heading_signs": list(_HEADING_1), **config["wrist"]}
    hinges = wrist["hinges"]
    if len(hinges) != len(_HEADING_1):
        raise CheckpointError(
            f"format {_FORMAT_1} can only describe arms with {len(_HEADING_1)} joints, and this one has {len(hinges)}; "
            "retrain it"
        )
    chain = [ChainJoint("", tuple(hinge["at_m"]), tuple(hinge["axis"])) for hinge in hinges]
    digest = kinematics_hash(chain, wrist["landmarks_m"][0])
    arm = {
        "n_joints": len(hinges),
        "kinematics": digest,
        "joint_names": list(_SO101_JOINTS) if digest == _SO101 else [],
        "cameras": {name: [config[f"{name}_px"]] * 2 for name in ("overview", "wrist")},
    }
    return {"arm": arm, "success": {}, "config": {**config, "wrist": wrist}, "run": values["run"]}
