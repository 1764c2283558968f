"""The WAM's configuration for an arm: where its cameras are, how it is built and how its hand turns.

So a model for another arm needs no number that its MJCF or its scene holds already.
"""

from dataclasses import replace

from robot_wm.arm_description import ArmDescription
from robot_wm.errors import ConfigError
from robot_wm.world_model.wam.camera_geometry import Hinge, Lookout, Mount
from robot_wm.world_model.wam.config import WAMConfig


def wam_config_for(description: ArmDescription, overview: Lookout, config: WAMConfig | None = None) -> WAMConfig:
    """Complete a configuration from an arm and the overview camera's place.

    Args:
        description: The arm, with its wrist camera.
        overview: Where the overview camera nominally is.
        config: Sizes, and what of the cameras it says already, which is kept; the default sizes where not given.

    Returns:
        `config` with `overview` and `wrist`.

    Raises:
        ConfigError: `config` does not say where the wrist camera is, and neither does the description.
    """
    config = config or WAMConfig()
    wrist = config.wrist or mount_of(description)
    return replace(config, overview=config.overview or overview, wrist=wrist)


def mount_of(description: ArmDescription) -> Mount:
    """Return the wrist camera's mount on an arm. Raises ConfigError where the arm has no such camera."""
    camera = description.wrist
    if camera is None:
        raise ConfigError(
            f"the model of arm {description.name!r} has no camera 'wrist' on its last link; add one to its MJCF, or "
            "describe the arm in a scene that has one (wrist_eye_m in the arm's configuration)"
        )
    return Mount(
        hinges=tuple(Hinge(joint.at_m, joint.axis, joint.slide) for joint in description.joints),
        eye_m=camera.eye_m,
        quaternion=camera.quaternion,
        fovy_deg=camera.fovy_deg,
        landmarks_m=description.landmarks_m,
        rest_rad=description.q_rest_rad,
        heading_signs=description.heading_signs,
        heading_zero_rad=description.heading_zero_rad,
    )
