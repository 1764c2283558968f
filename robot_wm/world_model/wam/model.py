"""The World Action Model: one network that sees, imagines, acts and scores; `objective` says how it is trained."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from robot_wm.actions import ACTION_HIGH, ACTION_LOW, state_vector
from robot_wm.errors import ConfigError, MissingDependencyError
from robot_wm.goals import NAMES, Task
from robot_wm.kinematics import Kinematics
from robot_wm.types import Goal, Observation
from robot_wm.world_model.protocol import Proposals, Rollout, Scene
from robot_wm.world_model.wam import latent, losses
from robot_wm.world_model.wam.camera_geometry import Hinge, Lookout, Mount
from robot_wm.world_model.wam.dynamics import HEADS, Dynamics, DynamicsConfig
from robot_wm.world_model.wam.encoder import Encoder, EncoderConfig, Percept
from robot_wm.world_model.wam.heads import ActionTower, Decoder, GoalHead, HeadsConfig, StepsHead

TABLETOP_LOOKOUT = Lookout((0.50, 0.0, 0.52), (0.135, 0.0, 0.0), 39.0)  # as in sim/scene_config.py
SO101_MOUNT = Mount(  # as in sim/assets/so101.xml
    hinges=(
        Hinge((0.0388, 0.0, 0.0624), (0.0, 0.0, -1.0)),
        Hinge((0.0304, -0.0183, 0.0542), (0.0, 1.0, 0.0)),
        Hinge((0.028, 0.0, 0.1126), (0.0, 1.0, 0.0)),
        Hinge((0.1349, 0.0, 0.0052), (0.0, 1.0, 0.0)),
        Hinge((0.0611, 0.0183, 0.0), (-1.0, 0.0, 0.0)),
    ),
    eye_m=(0.028, -0.066, 0.001),
    quaternion=(0.66978411, 0.22669196, -0.66978411, 0.22669196),
    fovy_deg=76.0,
    landmarks_m=((0.0982, 0.0, -0.0079), (0.06, 0.0, -0.0079), (0.0982, 0.0, -0.0229)),  # the tool, and beside it
    rest_rad=(0.0, -0.7444, 0.7049, 1.6103, 0.0),
)


@dataclass(frozen=True)
class WAMConfig:
    """The whole model. `sides` are the cameras' picture sizes in pixels."""

    encoder: EncoderConfig = field(default_factory=EncoderConfig)
    dynamics: DynamicsConfig = field(default_factory=DynamicsConfig)
    heads: HeadsConfig = field(default_factory=HeadsConfig)
    overview_px: int = 128
    wrist_px: int = 64
    overview: Lookout = TABLETOP_LOOKOUT  # where that camera nominally is
    wrist: Mount = SO101_MOUNT  # and this one, by the arm's joints
    chunk: int = 10  # control ticks in an action chunk
    block: int = 2  # control ticks in a step of the imagination


SPREAD_MIN = 0.02  # of any number of z in a block, so that those that hardly move do not drown the rest


class WAM(nn.Module):
    """Implements `WorldModel`. Actions inside are in [-1, 1] of their bounds (`squash` / `unsquash`).

    Roles by masking: action given = forward model, masked = video prior; goal given = policy, future given = inverse.
    """

    phrases: Tensor
    spread: Tensor
    low: Tensor
    high: Tensor

    def __init__(self, config: WAMConfig, kinematics: Kinematics | None = None) -> None:
        super().__init__()
        self.config, self.kinematics = config, kinematics
        self.chunk, self.block = config.chunk, config.block
        sides = {"overview": config.overview_px, "wrist": config.wrist_px}
        actions = len(ACTION_LOW)
        self.encoder = Encoder(config.encoder, sides, config.overview, config.wrist)
        self.dynamics = Dynamics(config.dynamics, config.block * actions)
        self.action = ActionTower(config.heads, config.chunk, actions)
        self.steps = StepsHead(config.heads)
        self.goals = GoalHead(config.heads, _home(config.wrist))
        self.decoder = Decoder(config.heads, config.overview_px)
        self.register_buffer("phrases", torch.zeros(len(NAMES), config.encoder.phrase))  # sentence vectors of NAMES
        self.register_buffer("spread", torch.ones(latent.Z))  # how much each number of z changes in a block
        self.register_buffer("low", torch.tensor(ACTION_LOW, dtype=torch.float32), persistent=False)
        self.register_buffer("high", torch.tensor(ACTION_HIGH, dtype=torch.float32), persistent=False)

    # --- the protocol -------------------------------------------------------------------------------------------

    def unsquash(self, action: Float[Tensor, "*b a"]) -> Float[Tensor, "*b a"]:
        """From [-1, 1] to the action's own units."""
        return (action + 1.0) * 0.5 * (self.high - self.low) + self.low

    def squash(self, action: Float[Tensor, "*b a"]) -> Float[Tensor, "*b a"]:
        """From the action's own units to [-1, 1]."""
        return (action - self.low) / (self.high - self.low) * 2.0 - 1.0

    def perceive(
        self, observations: Sequence[Observation], rows: Int[Tensor, " q"] | slice = slice(None)
    ) -> tuple[Percept, Float[Tensor, "b s"]]:
        """What is seen of the names in `rows`, and the proprioception.

        Raises MissingDependencyError for a missing camera, ConfigError for pictures of another size.
        """
        if self.kinematics is None:
            raise MissingDependencyError("this WAM was made without kinematics; pass Kinematics(arm.spec) to observe")
        sides = {"overview": self.config.overview_px, "wrist": self.config.wrist_px}
        pictures = {name: torch.stack([_picture(o, name, side) for o in observations]) for name, side in sides.items()}
        states = np.stack([state_vector(o.state, o.sent, self.kinematics) for o in observations])
        state = torch.from_numpy(states)
        percept, _ = self.encoder.perceive(pictures["overview"], pictures["wrist"], state, self.phrases[rows])
        return percept, state

    @torch.inference_mode()
    def encode(self, observations: Sequence[Observation], names: Sequence[str] | None = None) -> Float[Tensor, "b z"]:
        if names is None:  # follow the most probable ones
            percept, state = self.perceive(observations)
            slots = latent.chosen_slots(percept.presence)
            return self.encoder.latent(percept.take(slots), state, slots)
        followed = sorted(NAMES.index(name) for name in names[: latent.SLOTS])
        percept, state = self.perceive(observations, torch.tensor(followed or [0]))
        slots = torch.tensor(followed or [latent.EMPTY])
        return self.encoder.latent(percept, state, slots.expand(len(state), -1))

    @torch.inference_mode()
    def look(self, observation: Observation) -> Scene:
        percept, _ = self.perceive([observation])
        return scene_of(percept)

    @torch.inference_mode()
    def predict(self, z: Float[Tensor, "n z"], actions: Float[Tensor, "n t a"]) -> Rollout:
        opinions = self.roll_out(z, self.squash(actions))
        spread = self.spread.clamp(min=SPREAD_MIN)
        doubt = ((opinions[0] - opinions[1]).abs() / spread * losses.latent_weights(opinions[0])).mean(-1)
        return Rollout(opinions.mean(0), doubt)

    def roll_out(
        self,
        z: Float[Tensor, "b z"],
        actions: Float[Tensor, "b t a"],
        masked: Tensor | None = None,
    ) -> Float[Tensor, "2 b h z"]:
        """Open loop, in squashed actions; each step starts from the mean of the opinions."""
        steps = []
        for block in actions.unflatten(1, (-1, self.block)).flatten(2).unbind(1):
            opinions = self.dynamics(z, block, masked)
            steps.append(opinions)
            z = opinions.mean(0)
        return torch.stack(steps, dim=2)

    @torch.inference_mode()
    def decode(self, z: Float[Tensor, "n z"]) -> NDArray[np.uint8]:
        return (self.decoder(z).permute(0, 2, 3, 1) * 255.0).to(torch.uint8).numpy()

    @torch.inference_mode()
    def goal(self, z: Float[Tensor, "1 z"], task: Task) -> Goal:
        point = self.goals.text(z, latent.task_code([task]))[0]
        return Goal(point.numpy(), "text", 1.0, task.words(), task.to_json())

    @torch.inference_mode()
    def goal_from_picture(self, z: Float[Tensor, "1 z"], z_wanted: Float[Tensor, "1 z"]) -> Goal:
        out = self.goals.picture(z, z_wanted)
        return picture_goal(out, latent.split(z)[1], latent.split(z_wanted)[1], self.goals.home)

    @torch.inference_mode()
    def propose(self, z: Float[Tensor, "n z"], goal: Float[Tensor, "n g"]) -> Proposals:
        ways = self.action(z, goal)
        half = 0.5 * (self.high - self.low)
        return Proposals(self.unsquash(ways.mean.clamp(-1.0, 1.0)), ways.log_scale.exp() * half, ways.logit.softmax(-1))

    @torch.inference_mode()
    def score(self, z: Float[Tensor, "n z"], goal: Float[Tensor, "n g"]) -> Float[Tensor, " n"]:
        return self.steps.mean(z, goal)


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
    """A percept of all NAMES in metres, first of the batch."""
    return Scene(
        percept.presence[0].sigmoid().double().numpy(),
        latent.to_metres(percept.position[0]).double().numpy(),
        (percept.log_scale[0].clamp(-4.5, 2.0).exp() * latent.UNIT_M).double().numpy(),
    )


def _home(mount: Mount) -> Float[Tensor, " h"]:
    """Where the tool and the joints are at rest, as `GoalHead` wants them."""
    rest = torch.tensor(mount.rest_rad)
    tool = mount.pose(rest[None]).landmarks[0, 0]
    return torch.cat([latent.to_units(tool), rest])


def picture_goal(out: Mapping[str, Tensor], objects: Tensor, wanted: Tensor, home: Tensor) -> Goal:
    """The goal point that a goal picture's logits (batch of one) stand for."""
    point = torch.zeros(1, latent.G)
    skill = out["skill"].softmax(-1)
    point[0, latent.GOAL_SKILL.start + int(skill.argmax())] = 1.0
    task_skill = list(_SKILL_NEEDS)[int(skill.argmax())]
    needs = _SKILL_NEEDS[task_skill]
    slot = int(out["object"].argmax())
    names = {}
    if task_skill == "home":
        point[0, latent.GOAL_WANTED.start :] = home
    if "direction" in needs:
        point[0, latent.GOAL_DIRECTION] = F.normalize(out["direction"][0], dim=0)
    if "object" in needs:
        point[0, latent.GOAL_OBJECT] = objects[0, slot, latent.CODES]
        point[0, latent.GOAL_WANTED] = wanted[0, slot, latent.POSITION]
        names["object"] = _name(objects[0, slot])
    if "target" in needs:
        other = int(out["target"].index_fill(1, torch.tensor([slot]), -1e9).argmax())
        point[0, latent.GOAL_TARGET] = objects[0, other, latent.CODES]
        names["target"] = _name(objects[0, other])
    words = f"{task_skill} {' '.join(names.values())} as in the picture".replace("  ", " ")
    return Goal(point[0].numpy(), "picture", float(skill.max()), words, {"skill": task_skill, **names})


_SKILL_NEEDS = {
    "reach": ("object",),
    "push": ("object", "direction"),
    "push_to": ("object", "target"),
    "lift": ("object",),
    "place": ("object", "target"),
    "stack": ("object", "target"),
    "home": (),
}


def _name(token: Float[Tensor, " o"]) -> str:
    return NAMES[int((latent.name_codes() @ token[latent.CODES]).argmax())]


assert HEADS == 2  # `Rollout.disagreement` is a difference of two
