"""Variants of a small arm as MJCF: six axes, a parallel gripper, 0.8 m long."""

from dataclasses import dataclass
from pathlib import Path

import yaml

REST = [0.0, 0.05, 2.0, 0.0, 1.09, 0.0]


@dataclass(frozen=True)
class Traits:
    """What differs from the plain arm."""

    pan_axis: str = "0 0 1"
    roll_axis: str = "0 0 1"
    second_finger: str = 'axis="-1 0 0" range="0 .035"'
    finger_shape: str = '<geom type="box" size=".005 .01 .03"/>'
    tool: str = '<site name="tool" pos="0 0 .06"/>'
    before: str = ""  # in the world
    after: str = ""  # behind the world
    base_z_m: float = 0.0
    joint_names: tuple[str, ...] = ("j1", "j2", "j3", "j4", "j5", "j6")


def mjcf(traits: Traits) -> str:
    """Return the arm's MJCF."""
    links = [
        ("j1", traits.pan_axis, "-3 3", (0, 0, 0.12), ".1", ".03"),
        ("j2", "0 1 0", "-2 2", (0, 0, 0.1), ".3", ".03"),
        ("j3", "0 1 0", "-3 3", (0, 0, 0.3), ".25", ".025"),
        ("j4", "0 0 1", "-3 3", (0, 0, 0.25), ".01", ".025"),
        ("j5", "0 1 0", "-2.5 2.5", (0, 0, 0), ".08", ".02"),
        ("j6", traits.roll_axis, "-3.1 3.1", (0, 0, 0.08), ".01", ".02"),
    ]
    opening = closing = ""
    for name, axis, limits, (x, y, z), length, radius in links:
        opening += f'<body name="of_{name}" pos="{x} {y} {z}"><joint name="{name}" axis="{axis}" range="{limits}"/>'
        opening += f'<geom type="capsule" fromto="0 0 0 0 0 {length}" size="{radius}"/>'
        closing += "</body>"
    first = f'<body pos=".005 0 .03"><joint name="g1" type="slide" axis="1 0 0" range="0 .035"/>{traits.finger_shape}'
    second = f'<body pos="-.005 0 .03"><joint name="g2" type="slide" {traits.second_finger}/>{traits.finger_shape}'
    return (
        '<mujoco><compiler angle="radian" autolimits="true"/><worldbody>'
        f'{traits.before}<body name="base" pos="0 0 {traits.base_z_m}">{opening}{traits.tool}'
        f"{first}</body>{second}</body>{closing}</body></worldbody>{traits.after}</mujoco>"
    )


def write(folder: Path, traits: Traits, **values: object) -> str:
    """Write the arm and its YAML, in which `values` are as given; return the YAML's path."""
    (folder / "arm.xml").write_text(mjcf(traits))
    servo = {"gain_n_m_rad": 400.0, "damping_gain": 30.0, "force_n_m": 80.0}
    config = {
        "name": "six",
        "mjcf": "arm.xml",
        "joint_names": list(traits.joint_names),
        "gripper_joints": ["g1", "g2"],
        "gripper_closed_rad": 0.0,
        "gripper_open_rad": 0.035,
        "q_rest_rad": REST,
        "workspace_min_m": [0.15, -0.5, 0.01],
        "workspace_max_m": [0.6, 0.5, 0.6],
        "servo": servo,
        "gripper_servo": {"gain_n_m_rad": 500.0, "damping_gain": 20.0, "force_n_m": 30.0},
    }
    path = folder / "arm.yaml"
    path.write_text(yaml.safe_dump({**config, **values}))
    return str(path)
