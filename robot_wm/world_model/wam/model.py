"""The World Action Model (WAM): one network that encodes, imagines, proposes actions and scores goals."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from robot_wm.action_space import ACTION_HIGH, ACTION_LOW, ActionBounds, CartesianBounds
from robot_wm.errors import ConfigError, MissingDependencyError
from robot_wm.goals import DECLARED, HOME, NAMES, Task
from robot_wm.kinematics import Kinematics
from robot_wm.proprioception import state_vector
from robot_wm.types import Goal, Observation
from robot_wm.world_model.protocol import (
    Decodes,
    Locates,
    Places,
    Proposals,
    Proposes,
    Rollout,
    Scene,
    Scores,
    State,
    WorldModel,
)
from robot_wm.world_model.success import SuccessCalibration
from robot_wm.world_model.wam import latent, losses
from robot_wm.world_model.wam.camera_geometry import WristMount
from robot_wm.world_model.wam.config import WAMConfig
from robot_wm.world_model.wam.dynamics import HEADS, Dynamics
from robot_wm.world_model.wam.encoder import Encoder, Percept
from robot_wm.world_model.wam.heads import ActionTower, Decoder, GoalHead, StepsHead
from robot_wm.world_model.wam.tracking import DRIFT, WAMState, position_scale, track

SPREAD_MIN = 0.02  # smallest spread per block, so that nearly constant components do not dominate


class WAM(nn.Module, WorldModel, Proposes, Scores, Decodes, Locates):
    """A world model with all capabilities. Actions inside are in [-1, 1] of their bounds (`squash` / `unsquash`).

    Roles by masking: action given = forward model, masked = video prior; goal given = policy, future given = inverse.
    """

    phrases: Tensor
    spread: Tensor
    low: Tensor
    high: Tensor

    def __init__(
        self,
        config: WAMConfig,
        kinematics: Kinematics | None = None,
        success: SuccessCalibration | None = None,
    ) -> None:
        """Make the model with fresh weights.

        Args:
            config: Sizes, arm and cameras.
            kinematics: Kinematics of the arm; without them the model can be trained but cannot observe.
            success: Calibration of its estimate of success; None takes the default one.

        Raises:
            ConfigError: `config` lacks the pose of a camera, or `kinematics` belong to another arm.
        """
        super().__init__()
        self.config, self.kinematics, self.success = config, kinematics, success or SuccessCalibration()
        self.chunk, self.block = config.chunk, config.block
        sides = {"overview": config.overview_px, "wrist": config.wrist_px}
        self.layout = layout = config.layout
        if kinematics is not None and kinematics.spec.n_joints != layout.n_joints:
            raise ConfigError(
                f"this WAM is for an arm with {layout.n_joints} joints, but {kinematics.spec.name!r} has "
                f"{kinematics.spec.n_joints}; give the configuration made for that arm"
            )
        actions = len(ACTION_LOW)
        self.encoder = Encoder(config.encoder, sides, config.fixed_camera, config.mount, layout)
        self.dynamics = Dynamics(config.dynamics, config.block * actions, layout)
        self.action = ActionTower(config.heads, config.chunk, actions, layout)
        self.steps = StepsHead(config.heads, layout)
        self.goals = GoalHead(config.heads, _home(config.mount), layout)
        self.decoder = Decoder(config.heads, config.overview_px, layout)
        self.register_buffer("phrases", torch.zeros(len(NAMES), config.encoder.phrase))  # sentence vectors of NAMES
        self.register_buffer("spread", torch.ones(layout.z))  # typical change of each component of z in a block
        self.register_buffer("low", torch.tensor(ACTION_LOW, dtype=torch.float32), persistent=False)
        self.register_buffer("high", torch.tensor(ACTION_HIGH, dtype=torch.float32), persistent=False)

    # --- the protocol -------------------------------------------------------------------------------------------

    view = "overview"
    drift_m = DRIFT * latent.UNIT_M

    @property
    def actions(self) -> ActionBounds:
        return CartesianBounds()

    @property
    def device(self) -> torch.device:
        """Device of the weights and of all latents."""
        return self.low.device

    def unsquash(self, action: Float[Tensor, "*b a"]) -> Float[Tensor, "*b a"]:
        """Convert actions from [-1, 1] to their own units."""
        return (action + 1.0) * 0.5 * (self.high - self.low) + self.low

    def squash(self, action: Float[Tensor, "*b a"]) -> Float[Tensor, "*b a"]:
        """Convert actions from their own units to [-1, 1]."""
        return (action - self.low) / (self.high - self.low) * 2.0 - 1.0

    def perceive(
        self, observations: Sequence[Observation], rows: Int[Tensor, " q"] | slice = slice(None)
    ) -> tuple[Percept, Float[Tensor, "b s"]]:
        """Detect the names in `rows`; return the percept and the proprioception.

        Raises:
            MissingDependencyError: A camera is missing.
            ConfigError: A picture does not have the size that the model needs.
        """
        if self.kinematics is None:
            raise MissingDependencyError("this WAM was made without kinematics; pass Kinematics(arm.spec) to observe")
        sides = {"overview": self.config.overview_px, "wrist": self.config.wrist_px}
        pictures = {
            name: torch.stack([_picture(o, name, side) for o in observations]).to(self.device)
            for name, side in sides.items()
        }
        states = np.stack([state_vector(o.state, o.sent, self.kinematics) for o in observations])
        state = torch.from_numpy(states).to(self.device)
        percept, _ = self.encoder.perceive(pictures["overview"], pictures["wrist"], state, self.phrases[rows])
        return percept, state

    @torch.inference_mode()
    def encode(self, observations: Sequence[Observation], names: Sequence[str]) -> Float[Tensor, "b z"]:
        """Encode observations independently, following the first `latent.SLOTS` of `names`."""
        followed = sorted(NAMES.index(name) for name in names[: latent.SLOTS])
        percept, state = self.perceive(observations, torch.tensor(followed or [0], device=self.device))
        slots = torch.tensor(followed or [latent.EMPTY], device=self.device)
        return self.encoder.latent(percept, state, slots.expand(len(state), -1))

    def initial_state(self) -> WAMState:
        return WAMState(torch.zeros(1, self.layout.z, device=self.device))

    @torch.inference_mode()
    def observe(self, state: State, observation: Observation, action: Float[Tensor, " a"] | None) -> WAMState:
        own = _own(state)
        if own.names is None:  # follow the most probable objects
            own = self.follow(own, self.locate(observation).likely)
        seen = self.encode([observation], own.names or ())
        return track(own, seen, action, self.block, lambda z, actions: self._imagine_from(z, actions).latents[:, 0])

    @torch.inference_mode()
    def imagine(self, state: State, actions: Float[Tensor, "n t a"]) -> Rollout:
        return self._imagine_from(state.latent.expand(len(actions), -1), actions)

    def _imagine_from(self, z: Float[Tensor, "n z"], actions: Float[Tensor, "n t a"]) -> Rollout:
        predictions = self.roll_out(z, self.squash(actions))
        spread = self.spread.clamp(min=SPREAD_MIN)
        apart = ((predictions[0] - predictions[1]).abs() / spread * losses.latent_weights(predictions[0])).mean(-1)
        return Rollout(predictions.mean(0), apart)

    def roll_out(
        self,
        z: Float[Tensor, "b z"],
        actions: Float[Tensor, "b t a"],
        masked: Tensor | None = None,
    ) -> Float[Tensor, "2 b h z"]:
        """Predict latents open loop from squashed actions; each step starts from the mean of both heads."""
        steps = []
        for block in actions.unflatten(1, (-1, self.block)).flatten(2).unbind(1):
            predictions = self.dynamics(z, block, masked)
            steps.append(predictions)
            z = predictions.mean(0)
        return torch.stack(steps, dim=2)

    @torch.inference_mode()
    def propose(self, latents: Float[Tensor, "n z"], goal: Float[Tensor, " g"]) -> Proposals:
        modes = self.action(latents, goal.expand(len(latents), -1))
        half = 0.5 * (self.high - self.low)
        chunks = self.unsquash(modes.mean.clamp(-1.0, 1.0))
        return Proposals(chunks, modes.log_scale.exp() * half, modes.logit.softmax(-1))

    @torch.inference_mode()
    def place_goal(self, state: State, task: Task) -> Goal:
        point = self.goals.text(state.latent, latent.task_code([task]).to(self.device))[0]
        return Goal(point.cpu().numpy(), "text", 1.0, task.words(), task.to_json())

    @torch.inference_mode()
    def place_picture_goal(self, state: State, wanted: State) -> Goal:
        logits = {name: each.cpu() for name, each in self.goals.picture(state.latent, wanted.latent).items()}
        objects, later = (latent.split(each.latent.cpu())[1] for each in (state, wanted))
        return picture_goal(logits, objects, later, self.goals.home.cpu(), self.layout)

    @torch.inference_mode()
    def score(self, latents: Float[Tensor, "n z"], goal: Float[Tensor, " g"]) -> Float[Tensor, " n"]:
        return self.steps.mean(latents, goal.expand(len(latents), -1))

    def done_probability(self, steps: float) -> float:
        return self.success.probability(steps)

    @torch.inference_mode()
    def decode(self, latents: Float[Tensor, "n z"]) -> NDArray[np.uint8]:
        pictures = self.decoder(latents.to(self.device)).permute(0, 2, 3, 1)
        return (pictures * 255.0).to(torch.uint8).cpu().numpy()

    @torch.inference_mode()
    def locate(self, observation: Observation) -> Scene:
        percept, _ = self.perceive([observation])
        return scene_of(percept)

    def follow(self, state: State, names: Sequence[str]) -> WAMState:
        own = _own(state)
        return own if own.names == tuple(names) else WAMState(own.latent, tuple(names))

    def places(self, latents: Float[Tensor, "n z"]) -> Places:
        robot, objects = latent.split(latents)
        objects = objects[:, objects[0, :, latent.CODES].amax(-1) > 0.5]  # (N, K, o) without empty slots
        return Places(
            tuple(_name(each) for each in objects[0]),
            latent.to_metres(objects[..., latent.POSITION].double()).cpu().numpy(),
            (position_scale(objects).double() * latent.UNIT_M).cpu().numpy(),
            latent.to_metres(robot[:, latent.TOOL].double()).cpu().numpy(),
        )


def _picture(observation: Observation, camera: str, side: int) -> Tensor:
    if camera not in observation.frames:
        seen = ", ".join(observation.frames) or "none"
        raise MissingDependencyError(
            f"camera {camera!r} is missing; the model needs overview and wrist, received {seen}"
        )
    rgb = observation.frames[camera].rgb
    if rgb.shape[:2] != (side, side):
        height, width = rgb.shape[:2]
        raise ConfigError(
            f"camera {camera!r} gives pictures of {width} x {height}; the model needs {side} x {side}: "
            "set the camera's width and height so, or take another --checkpoint"
        )
    return torch.from_numpy(np.ascontiguousarray(rgb).copy())


def scene_of(percept: Percept) -> Scene:
    """Convert a percept of all NAMES, first of the batch, to metres."""
    return Scene(
        NAMES,
        percept.presence[0].sigmoid().double().cpu().numpy(),
        latent.to_metres(percept.position[0]).double().cpu().numpy(),
        (percept.log_scale[0].clamp(-4.5, 2.0).exp() * latent.UNIT_M).double().cpu().numpy(),
    )


def _home(mount: WristMount) -> Float[Tensor, " h"]:
    """Return tool position and joint angles at rest, as `GoalHead` needs them."""
    rest = torch.tensor(mount.rest_rad)
    tool = mount.pose(rest[None]).landmarks[0, 0]
    return torch.cat([latent.to_units(tool), rest])


def picture_goal(
    out: Mapping[str, Tensor], objects: Tensor, wanted: Tensor, home: Tensor, layout: latent.Layout
) -> Goal:
    """Convert the logits of a goal picture (batch of one) to a goal point."""
    point = torch.zeros(1, layout.goal)
    skill = out["skill"].softmax(-1)
    point[0, latent.GOAL_SKILL.start + int(skill.argmax())] = 1.0
    declared = DECLARED[int(skill.argmax())]
    slot = int(out["object"].argmax())
    names = {}
    if declared is HOME:
        point[0, latent.GOAL_WANTED.start :] = home
    if declared.takes("direction"):
        point[0, latent.GOAL_DIRECTION] = F.normalize(out["direction"][0], dim=0)
    if declared.takes("object"):
        point[0, latent.GOAL_OBJECT] = objects[0, slot, latent.CODES]
        point[0, latent.GOAL_WANTED] = wanted[0, slot, latent.POSITION]
        names["object"] = _name(objects[0, slot])
    if declared.takes("target"):
        other = int(out["target"].index_fill(1, torch.tensor([slot]), -1e9).argmax())
        point[0, latent.GOAL_TARGET] = objects[0, other, latent.CODES]
        names["target"] = _name(objects[0, other])
    words = f"{declared.name} {' '.join(names.values())} as in the picture".replace("  ", " ")
    return Goal(point[0].numpy(), "picture", float(skill.max()), words, {"skill": declared.name, **names})


def _name(token: Float[Tensor, " o"]) -> str:
    return NAMES[int((latent.name_codes() @ token[latent.CODES].cpu()).argmax())]


def _own(state: State) -> WAMState:
    if not isinstance(state, WAMState):
        raise TypeError(f"the WAM needs a WAMState, from its initial_state(), received {type(state).__name__}")
    return state


assert HEADS == 2  # `Rollout.disagreement` is a difference of two
