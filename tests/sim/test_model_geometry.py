"""A model's geometry, derived from the arm's MJCF and the scene, is that of the simulated arm and cameras."""

from dataclasses import replace

import numpy as np
import torch

from robot_wm.arm_description import ArmDescription
from robot_wm.world_model.wam import checkpoint
from robot_wm.world_model.wam.arm_config import mount_of
from robot_wm.world_model.wam.camera_geometry import FixedCamera
from sim.collect import source
from sim.scene import Scene


def test_cameras_and_tool_stand_where_the_model_has_them() -> None:
    scene = Scene(replace(source("tabletop").scene, camera_jitter_m=0.0, camera_jitter_deg=0.0))
    scene.reset(0)
    config, mount = scene.config, mount_of(ArmDescription.of(scene.arm.spec))
    overview = FixedCamera(config.overview_eye_m, config.overview_at_m, config.overview_fovy_deg)
    q_rad = torch.tensor(scene.arm.read().q_rad[None], dtype=torch.float32)
    posture = mount.pose(q_rad)
    views = overview.view(q_rad), posture.camera
    for truth, view in zip(scene.camera_poses(), views, strict=True):
        found = torch.cat([view.position[0], view.rotation[0].flatten()])
        np.testing.assert_allclose(found.numpy(), truth, atol=2e-3)  # the joints measured are a step of a servo off
    np.testing.assert_allclose(posture.landmarks[0, 0].numpy(), scene.tool().position_m, atol=2e-3)
    np.testing.assert_allclose(mount.rest_rad, scene.config.arm.q_rest_rad)
    scene.close()


def test_the_shipped_model_has_the_numbers_that_the_description_derives() -> None:
    scene = Scene(source("tabletop").scene)
    config, shipped = scene.config, checkpoint.read(checkpoint.SHIPPED).config
    assert mount_of(ArmDescription.of(scene.arm.spec)) == shipped.mount
    assert mount_of(ArmDescription.of(scene.arm.spec, scene.model)) == shipped.mount
    assert FixedCamera(config.overview_eye_m, config.overview_at_m, config.overview_fovy_deg) == shipped.fixed_camera
    scene.close()
