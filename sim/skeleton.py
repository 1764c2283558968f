"""The bare kinematics of a compiled model as an MJCF file: frames, joints and one site, without shapes or meshes.

An arm assembled from several files has no single MJCF for its kinematics; this writes one.
"""

import hashlib
import os
from pathlib import Path

import mujoco

from robot_wm.files import write_whole


def write_skeleton(model: mujoco.MjModel, site: str) -> Path:
    """Write the chain of bodies from the world to `site` to the user's cache, a file for each chain."""
    text = skeleton(model, site)
    folder = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "robot_wm"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"skeleton-{hashlib.sha256(text.encode()).hexdigest()[:16]}.xml"
    if not path.is_file():
        write_whole(path, text.encode())
    return path


def skeleton(model: mujoco.MjModel, site: str) -> str:
    """Return the MJCF text. Every body weighs 1 kg, because MuJoCo requires moving bodies to have mass."""
    spec = mujoco.MjSpec()
    spec.compiler.degree = False
    site_id = model.site(site).id
    body = spec.worldbody
    for index in chain_to_site(model, site):
        body = body.add_body(name=model.body(index).name, pos=model.body_pos[index], quat=model.body_quat[index])
        body.add_geom(type=mujoco.mjtGeom.mjGEOM_SPHERE, size=[0.01, 0.0, 0.0], mass=1.0)
        _add_joints(body, model, index)
    body.add_site(name=site, pos=model.site_pos[site_id], quat=model.site_quat[site_id])
    spec.compile()
    return spec.to_xml()


def chain_to_site(model: mujoco.MjModel, site: str) -> list[int]:
    """Return the ids of the bodies from the one below the world to that of a site."""
    chain, body = [], int(model.site_bodyid[model.site(site).id])
    while body != 0:
        chain.insert(0, body)
        body = int(model.body_parentid[body])
    return chain


def _add_joints(body: mujoco.MjsBody, model: mujoco.MjModel, index: int) -> None:
    first = int(model.body_jntadr[index])
    for joint in range(first, first + int(model.body_jntnum[index])):
        body.add_joint(
            name=model.joint(joint).name,
            type=mujoco.mjtJoint(model.jnt_type[joint]),
            pos=model.jnt_pos[joint],
            axis=model.jnt_axis[joint],
            range=model.jnt_range[joint],
            limited=bool(model.jnt_limited[joint]),
        )
