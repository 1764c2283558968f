"""The WAM passes the contract of world models."""

import numpy as np
import torch

from robot_wm.fake import FakeArm, fake_spec
from robot_wm.goals import NAMES, Task
from robot_wm.kinematics import Kinematics
from robot_wm.types import Frame, Observation
from robot_wm.world_model import WorldModel
from robot_wm.world_model.wam.model import WAM
from tests.contracts.world_model_contract import ModelRig, WorldModelContract
from tests.subclasses import concrete_subclasses
from tests.world_model.toy import TINY


def seen(seed: int) -> Observation:
    rng = np.random.default_rng(seed)
    pictures = {name: Frame(rng.integers(0, 255, (32, 32, 3), dtype=np.uint8), 0.0) for name in ("overview", "wrist")}
    with FakeArm() as arm:
        return Observation(pictures, arm.read(), arm.sent)


class TestWAM(WorldModelContract):
    def rig(self) -> ModelRig:
        torch.manual_seed(0)
        return ModelRig(WAM(TINY, Kinematics(fake_spec())).eval(), (seen(0), seen(1)), Task("lift", NAMES[0]))


def test_goals_are_placed_from_pictures_too() -> None:
    rig = TestWAM().rig()
    goal = rig.having(WAM).place_picture_goal(rig.state(), rig.state())
    assert goal.origin == "picture" and np.isfinite(goal.point).all() and 0.0 <= goal.confidence <= 1.0


def test_no_operation_mixes_devices() -> None:
    """On `meta`, which stands for any other device, an operation that mixes devices raises."""
    rig = TestWAM().rig()
    model = rig.having(WAM).to("meta")
    state, goal = model.initial_state(), torch.zeros(TINY.layout.goal, device="meta")
    rollout = model.imagine(state, rig.actions(2, model.chunk).to("meta"))
    assert rollout.latents.device.type == "meta"
    model.propose(state.latent, goal)
    model.score(rollout.latents[:, -1], goal)


def test_it_is_the_only_family_of_the_package() -> None:
    """A new family inherits the contract in a test beside its own, and is listed here."""
    assert concrete_subclasses(WorldModel) == {WAM}
