"""Derives the WAM's configuration for an arm from its description: cameras, joints, heading of the hand."""

from dataclasses import replace

from robot_wm.arm_description import ArmDescription
from robot_wm.errors import ConfigError
from robot_wm.world_model.wam.camera_geometry import FixedCamera, Joint, WristMount
from robot_wm.world_model.wam.config import WAMConfig


def wam_config_for(description: ArmDescription, overview: FixedCamera, config: WAMConfig | None = None) -> WAMConfig:
    """Complete a configuration from an arm and the pose of the overview camera.

    Args:
        description: The arm, with its wrist camera.
        overview: Nominal pose of the overview camera.
        config: Sizes; cameras that it already specifies are kept. None takes the default sizes.

    Returns:
        `config` with `overview` and `wrist`.

    Raises:
        ConfigError: Neither `config` nor the description has a wrist camera.
    """
    config = config or WAMConfig()
    wrist = config.wrist or mount_of(description)
    return replace(config, overview=config.overview or overview, wrist=wrist)


def mount_of(description: ArmDescription) -> WristMount:
    """Return the wrist camera's mount on an arm. Raises ConfigError if the arm has no wrist camera."""
    camera = description.wrist
    if camera is None:
        raise ConfigError(
            f"the model of arm {description.name!r} has no camera 'wrist' on its last link; add one to its MJCF, or "
            "describe the arm in a scene that has one (wrist_eye_m in the arm's configuration)"
        )
    return WristMount(
        hinges=tuple(Joint(joint.at_m, joint.axis, joint.slide) for joint in description.joints),
        eye_m=camera.eye_m,
        quaternion=camera.quaternion,
        fovy_deg=camera.fovy_deg,
        landmarks_m=description.landmarks_m,
        rest_rad=description.q_rest_rad,
        heading_signs=description.heading_signs,
        heading_zero_rad=description.heading_zero_rad,
    )
