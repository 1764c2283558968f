"""The world model's own geometry is that of the simulated arm and cameras, which it may not import."""

from dataclasses import replace

import numpy as np
import torch

from robot_wm.world_model.wam.model import SO101_MOUNT, TABLETOP_LOOKOUT
from sim.collect import source
from sim.scene import Scene


def test_cameras_and_tool_stand_where_the_model_has_them() -> None:
    scene = Scene(replace(source("tabletop").scene, camera_jitter_m=0.0, camera_jitter_deg=0.0))
    scene.reset(0)
    q_rad = torch.tensor(scene.arm.read().q_rad[None], dtype=torch.float32)
    posture = SO101_MOUNT.pose(q_rad)
    views = TABLETOP_LOOKOUT.view(q_rad), posture.camera
    for truth, view in zip(scene.camera_poses(), views, strict=True):
        found = torch.cat([view.position[0], view.rotation[0].flatten()])
        np.testing.assert_allclose(found.numpy(), truth, atol=2e-3)  # the joints measured are a step of a servo off
    np.testing.assert_allclose(posture.landmarks[0, 0].numpy(), scene.tool().position_m, atol=2e-3)
    np.testing.assert_allclose(SO101_MOUNT.rest_rad, scene.config.arm.q_rest_rad)
    scene.close()
