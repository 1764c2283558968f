"""Load any MJCF or URDF arm and add what the simulator needs: servos and a tool frame.

Joint ranges are read from the model. Its own actuators, sensors and keyframes are removed. Knows no scene but the
names that it uses.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import mujoco
import numpy as np

from robot_wm.errors import ConfigError, UnknownNameError
from robot_wm.types import ArmSpec, Floats
from sim.arm_config import ArmConfig, load_arm_config, model_path
from sim.packages import resolve_packages
from sim.servo import ServoConfig, add_servo
from sim.skeleton import write_skeleton

__all__ = ["ArmConfig", "Gripper", "arm_spec", "gripper_of", "load_arm", "load_arm_config", "model_path", "servos_of"]

FIXED, MOVABLE, ARM = 1, 2, 4  # collision bits; an arm collides with fixed and movable things, but not with itself
IN_USE, AWAY = 0, 1  # geom groups, both rendered; things that are put away lie under the table
_ENDLESS_RAD = 2.0 * np.pi  # in both directions, for joints without a range
_HAND = "hand/"  # prefix of the names of an attached hand
_ARM = "arm/"  # prefix of names that the scene uses itself
_SCENE_NAMES = re.compile(r"table|lamp|overview|(movable|pad|bin)\d+(_\d+)?")
_RANGE_SLACK_RAD = 1e-3
_LEAST_KG, _LEAST_KG_M2 = 1e-4, 1e-7  # of a link of a URDF


@dataclass(frozen=True)
class Gripper:
    """The angles of the k gripper joints at both ends of their travel. Without joints it is always closed."""

    closed_rad: tuple[float, ...]
    open_rad: tuple[float, ...]

    def angles_rad(self, opening: float) -> list[float]:
        """Return the joint angles, k of them, at an opening in [0, 1]."""
        ends = zip(self.closed_rad, self.open_rad, strict=True)
        return [closed + opening * (opened - closed) for closed, opened in ends]

    def opening(self, angles_rad: Floats) -> float:
        """Return the mean opening in [0, 1] at joint angles (k,)."""
        if not self.closed_rad:
            return 0.0
        joints = zip(angles_rad.tolist(), self.closed_rad, self.open_rad, strict=True)
        shares = [(angle - closed) / (opened - closed) for angle, closed, opened in joints]
        return min(max(sum(shares) / len(shares), 0.0), 1.0)


def load_arm(config: ArmConfig) -> mujoco.MjSpec:
    """Load an arm's model and add its servos; a table can be added to it then.

    Raises:
        ConfigError: The model cannot be read, or does not match the configuration.
        UnknownNameError: A name in the configuration is not in the model.
        MissingDependencyError: The model is in a package that is not installed.
    """
    spec = _read(config.mjcf)
    if config.hand_mjcf:
        _attach_hand(spec, config)
    for geom in spec.geoms:
        if geom.contype or geom.conaffinity:
            geom.contype, geom.conaffinity = ARM, FIXED
        geom.group = IN_USE if geom.group == AWAY else geom.group
    spec.compiler.discardvisual = spec.compiler.fusestatic = False  # URDF's defaults, which drop what is added here
    if _is_urdf(config.mjcf) or _is_urdf(config.hand_mjcf):
        _mend_inertias(spec)
    for unused in (*spec.actuators, *spec.sensors, *spec.keys):
        spec.delete(unused)
    _add_tool(spec, config)
    _rename(spec)
    joints = {joint.name: joint for joint in spec.joints}
    for name, servo in zip(config.all_joints, config.all_servos, strict=True):
        add_servo(spec, _named(name, joints, "joint"), servo)
    return spec


def arm_spec(config: ArmConfig, model: mujoco.MjModel) -> ArmSpec:
    """Return the arm's specification, with the joint ranges of `model`."""
    low, high = np.array([_range_rad(model, name) for name in config.joint_names]).T  # (n,), (n,)
    n, path = len(config.joint_names), model_path(config.mjcf)
    is_whole = not config.hand_mjcf and not config.tool_body and not _is_urdf(config.mjcf)
    return ArmSpec(
        name=config.name,
        joint_names=config.joint_names,
        q_min_rad=low,
        q_max_rad=high,
        dq_max_rad_s=np.full(n, config.dq_max_rad_s),
        ddq_max_rad_s2=np.full(n, config.ddq_max_rad_s2),
        q_rest_rad=np.array(config.q_rest_rad),
        gripper_rest=config.gripper_rest if config.gripper_joints else 0.0,
        gripper_rate_max=config.gripper_rate_max,
        workspace_min_m=np.array(config.workspace_min_m),
        workspace_max_m=np.array(config.workspace_max_m),
        rate_hz=config.rate_hz,
        tool_frame=config.tool_frame,
        mjcf=str(path if is_whole else write_skeleton(model, config.tool_frame)),
    )


def servos_of(config: ArmConfig, model: mujoco.MjModel) -> tuple[ServoConfig, ...]:
    """Return the servo of each of `config.all_joints`. On a slide joint it has no encoder steps per turn."""
    slide = mujoco.mjtJoint.mjJNT_SLIDE
    slides = [model.jnt_type[model.joint(name).id] == slide for name in config.all_joints]
    pairs = zip(config.all_servos, slides, strict=True)
    return tuple(replace(servo, steps_a_turn=0) if is_slide else servo for servo, is_slide in pairs)


def gripper_of(config: ArmConfig, model: mujoco.MjModel) -> Gripper:
    """Return the gripper's joint angles when closed and when open.

    A single number for all joints is negated for joints whose range admits only that: they open the opposite way.

    Raises:
        ConfigError: An end is outside its joint's range, or both ends are the same.
    """
    joints = config.gripper_joints
    closed, opened = _each(config.gripper_closed_rad, len(joints)), _each(config.gripper_open_rad, len(joints))
    ends = []
    for name, *pair in zip(joints, closed, opened, strict=True):
        low, high = _range_rad(model, name)
        signs = (1.0,) if isinstance(config.gripper_open_rad, tuple) else (1.0, -1.0)
        fit = [s for s in signs if all(low - _RANGE_SLACK_RAD <= s * end <= high + _RANGE_SLACK_RAD for end in pair)]
        if not fit or pair[0] == pair[1]:
            raise ConfigError(
                f"arm {config.name!r}: gripper_closed_rad and gripper_open_rad of joint {name!r} must be two different "
                f"numbers within its range [{low:g}, {high:g}], received {pair[0]:g} and {pair[1]:g}; "
                "correct them, or give a list with one number for each gripper joint"
            )
        ends.append([fit[0] * end for end in pair])
    return Gripper(tuple(end[0] for end in ends), tuple(end[1] for end in ends))


def _each(value: float | tuple[float, ...], count: int) -> tuple[float, ...]:
    return value if isinstance(value, tuple) else (value,) * count


def _read(mjcf: str) -> mujoco.MjSpec:
    path = model_path(mjcf)
    try:
        spec = mujoco.MjSpec.from_file(str(path))
    except ValueError as error:
        raise ConfigError(f"the arm model {path} cannot be read: {error}; correct the file") from error
    resolve_packages(spec, path)
    return spec


def _is_urdf(mjcf: str) -> bool:
    return mjcf.lower().endswith(".urdf")


def _mend_inertias(spec: mujoco.MjSpec) -> None:
    """Let MuJoCo take links without mass, which mark frames in URDFs, and inertias that no body can have."""
    spec.compiler.balanceinertia = True
    spec.compiler.boundmass, spec.compiler.boundinertia = _LEAST_KG, _LEAST_KG_M2


def _attach_hand(spec: mujoco.MjSpec, config: ArmConfig) -> None:
    """Attach the hand to a site of the arm, or to a body's origin."""
    bodies = {body.name: body for body in spec.bodies}
    if config.hand_site in bodies and all(site.name != config.hand_site for site in spec.sites):
        spec.attach(_read(config.hand_mjcf), frame=bodies[config.hand_site].add_frame(), prefix=_HAND)
        return
    site = _named(config.hand_site, {site.name: site for site in spec.sites}, "site to put the hand on")
    spec.attach(_read(config.hand_mjcf), site=site, prefix=_HAND)


def _add_tool(spec: mujoco.MjSpec, config: ArmConfig) -> None:
    """Add the tool site where the configuration gives a body for it; otherwise check that the model has it."""
    sites = {site.name for site in spec.sites}
    if not config.tool_body:
        if config.tool_frame not in sites:
            raise UnknownNameError(
                "tool site",
                config.tool_frame,
                sites or {"none"},
                f"Correct tool_frame of arm {config.name!r}, or give tool_body, tool_pos_m and tool_quat, "
                "and the site is added.",
            )
        return
    if config.tool_frame in sites:
        raise ConfigError(
            f"arm {config.name!r}: the model has a site {config.tool_frame!r} already; leave tool_body out, "
            "or give the added site another name with tool_frame"
        )
    body = _named(config.tool_body, {body.name: body for body in spec.bodies}, "tool body")
    body.add_site(name=config.tool_frame, pos=config.tool_pos_m, quat=config.tool_quat)


def _rename(spec: mujoco.MjSpec) -> None:
    """Prefix names of the arm that collide with the scene's with "arm/"."""
    for part in (*spec.geoms, *spec.cameras, *spec.lights, *spec.bodies, *spec.joints):
        if _SCENE_NAMES.fullmatch(part.name):
            part.name = _ARM + part.name


def _named(name: str, known: Mapping[str, Any], kind: str) -> Any:
    if name not in known:
        raise UnknownNameError(kind, name, known, "Correct the arm's configuration.")
    return known[name]


def _range_rad(model: mujoco.MjModel, joint: str) -> tuple[float, float]:
    index = model.joint(joint).id
    low, high = model.jnt_range[index] if model.jnt_limited[index] else (-_ENDLESS_RAD, _ENDLESS_RAD)
    return float(low), float(high)
