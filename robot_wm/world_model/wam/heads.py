"""The action tower and goal heads, on a latent under a goal, and the decoder, on a detached latent."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional as F

from robot_wm.goals import SKILLS
from robot_wm.world_model.wam import latent
from robot_wm.world_model.wam.encoder import mlp
from robot_wm.world_model.wam.features import HOME, focus, focus_size


@dataclass(frozen=True)
class HeadsConfig:
    """Sizes of the heads."""

    action_hidden: int = 512
    action_blocks: int = 3
    modes: int = 6  # components of the mixture over action chunks
    steps_hidden: int = 192
    goal_hidden: int = 256
    decoder_width: int = 48


class _ResidualMLP(nn.Module):
    """Linear input layer, pre-norm residual blocks, linear output layer."""

    def __init__(self, inputs: int, hidden: int, blocks: int, outputs: int) -> None:
        super().__init__()
        self.first = nn.Linear(inputs, hidden)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.LayerNorm(hidden), nn.Linear(hidden, hidden), nn.SiLU(), nn.Linear(hidden, hidden))
            for _ in range(blocks)
        )
        self.last = nn.Sequential(nn.LayerNorm(hidden), nn.Linear(hidden, outputs))

    def forward(self, x: Float[Tensor, "b i"]) -> Float[Tensor, "b o"]:
        h = F.silu(self.first(x))
        for block in self.blocks:
            h = h + block(h)
        return self.last(h)


@dataclass(frozen=True)
class ActionMixture:
    """A mixture of action chunks, in units of the bounds: k Laplace distributions and their logits."""

    mean: Float[Tensor, "b k t a"]
    log_scale: Float[Tensor, "b k t a"]
    logit: Float[Tensor, "b k"]

    def first(self, ticks: int) -> "ActionMixture":
        """Keep only the first ticks."""
        return ActionMixture(self.mean[:, :, :ticks], self.log_scale[:, :, :ticks], self.logit)


class ActionTower(nn.Module):
    """The action tower, with two roles by masking: goal given = policy, near future given = inverse model.

    As a policy it never sees the true future. Actions are in units of their bounds, in [-1, 1]. Its output is a
    mixture, since the mean of two valid grasps of a cube may be none.
    """

    def __init__(self, config: HeadsConfig, chunk: int, action: int, layout: latent.Layout) -> None:
        super().__init__()
        self.chunk, self.action, self.modes, self.layout = chunk, action, config.modes, layout
        future, focused = layout.robot + latent.SLOTS * 3, focus_size(layout)
        self.no_goal = nn.Parameter(torch.zeros(focused))
        self.no_future = nn.Parameter(torch.zeros(future))
        outputs = config.modes * (2 * chunk * action + 1)
        self.body = _ResidualMLP(focused + future, config.action_hidden, config.action_blocks, outputs)

    def forward(
        self,
        z: Float[Tensor, "b z"],
        goal: Float[Tensor, "b g"],
        z_next: Float[Tensor, "b z"] | None = None,
        goal_masked: Bool[Tensor, " b"] | None = None,
        future_masked: Bool[Tensor, " b"] | None = None,
    ) -> ActionMixture:
        """Predict a mixture of action chunks; without `z_next` the future is masked."""
        focused = focus(z, goal, self.layout)
        if goal_masked is not None:
            blind = focus(z, torch.zeros_like(goal), self.layout) + self.no_goal
            focused = torch.where(goal_masked[:, None], blind, focused)
        future = self._future(z, z_next, future_masked)
        out = self.body(torch.cat([focused, future], dim=-1))
        chunks = out[:, : -self.modes].unflatten(-1, (2, self.modes, self.chunk, self.action))
        return ActionMixture(chunks[:, 0], chunks[:, 1].clamp(-4.0, 1.0), out[:, -self.modes :])

    def _future(self, z: Tensor, z_next: Tensor | None, masked: Tensor | None) -> Float[Tensor, "b f"]:
        hidden = self.no_future.expand(len(z), -1)
        if z_next is None:
            return hidden
        robot, objects = latent.split(z_next - z)
        seen = torch.cat([robot, objects[..., latent.POSITION].flatten(1)], dim=-1) * 5.0
        return seen if masked is None else torch.where(masked[:, None], hidden, seen)


class StepsHead(nn.Module):
    """Predicts the control ticks left as a distribution over bins; its mean is the planner's cost."""

    values: Tensor

    def __init__(self, config: HeadsConfig, layout: latent.Layout) -> None:
        super().__init__()
        self.layout = layout
        values = torch.cat([torch.arange(0.0, 20.0), torch.arange(20.0, 61.0, 4.0), torch.arange(70.0, 121.0, 10.0)])
        self.register_buffer("values", values, persistent=False)
        self.body = _ResidualMLP(focus_size(layout), config.steps_hidden, 2, len(values))

    def forward(self, z: Float[Tensor, "b z"], goal: Float[Tensor, "b g"]) -> Float[Tensor, "b v"]:
        """Compute logits over the bins `values`."""
        return self.body(focus(z, goal, self.layout))

    def mean(self, z: Float[Tensor, "b z"], goal: Float[Tensor, "b g"]) -> Float[Tensor, " b"]:
        """Compute the expected number of ticks left."""
        return self(z, goal).softmax(-1) @ self.values

    def loss(
        self, logits: Float[Tensor, "b v"], steps: Float[Tensor, " b"], mask: Float[Tensor, " b"]
    ) -> Float[Tensor, ""]:
        """Compute the cross entropy with the two bins around `steps` (two-hot)."""
        steps = steps.clamp(0.0, float(self.values[-1]))
        high = torch.searchsorted(self.values, steps.contiguous()).clamp(max=len(self.values) - 1)
        low = (high - 1).clamp(min=0)
        gap = (self.values[high] - self.values[low]).clamp(min=1e-6)
        share = torch.where(high == low, torch.ones_like(steps), (steps - self.values[low]) / gap).clamp(0.0, 1.0)
        logp = logits.log_softmax(-1)
        per = share * logp.gather(1, high[:, None])[:, 0] + (1 - share) * logp.gather(1, low[:, None])[:, 0]
        return -(per * mask).sum() / mask.sum().clamp(min=1.0)


class GoalHead(nn.Module):
    """Maps a task (text) or a goal picture to a point in one goal space."""

    home: Tensor

    def __init__(self, config: HeadsConfig, home: Float[Tensor, " h"], layout: latent.Layout) -> None:
        """Make the head; `home` (3 + n,) is the tool position (latent units) and the joint angles (rad) at rest."""
        super().__init__()
        self.register_buffer("home", home, persistent=False)
        inputs = 2 * latent.OBJECT + latent.TASK + 3
        self.wanted = mlp([inputs, config.goal_hidden, config.goal_hidden, 3])
        per_object = 2 * latent.OBJECT + 3
        self.look = mlp([per_object + 2 * layout.robot, config.goal_hidden, 128])
        self.which = nn.Linear(128, 2)  # logits of being the object, and of being the target
        self.skill = mlp([128 + 2 * layout.robot, 128, len(SKILLS) + 2])

    def text(self, z: Float[Tensor, "b z"], code: Float[Tensor, "b t"]) -> Float[Tensor, "b g"]:
        """Complete a task's code (`latent.task_code`) to a goal point, given the current positions."""
        _, objects = latent.split(z)
        thing = latent.pick(objects, code[:, latent.GOAL_OBJECT])
        target = latent.pick(objects, code[:, latent.GOAL_TARGET])
        between = target[:, latent.POSITION] - thing[:, latent.POSITION]
        offset = self.wanted(torch.cat([thing, target, code, between], dim=-1))
        has = thing[:, latent.CODES].amax(-1, keepdim=True)
        wanted = (thing[:, latent.POSITION] + offset) * has
        is_home = code[:, HOME, None]
        pose = is_home * self.home
        return torch.cat([code, wanted + pose[:, :3], pose[:, 3:]], dim=-1)

    def picture(self, z: Float[Tensor, "b z"], z_wanted: Float[Tensor, "b z"]) -> dict[str, Tensor]:
        """Compute logits of skill, object slot and target slot, and the raw direction."""
        robot, objects = latent.split(z)
        robot_w, objects_w = latent.split(z_wanted)
        moved = (objects_w - objects)[..., latent.POSITION] * 5.0
        robots = torch.cat([robot, robot_w], dim=-1)
        each = torch.cat([objects, objects_w, moved, robots[:, None].expand(-1, latent.SLOTS, -1)], dim=-1)
        h = F.silu(self.look(each))
        which = self.which(h).masked_fill((objects[..., 0] < 0.5)[..., None], -20.0)
        skill = self.skill(torch.cat([h.amax(1), robots], dim=-1))
        n = len(SKILLS)
        return {"skill": skill[:, :n], "direction": skill[:, n:], "object": which[..., 0], "target": which[..., 1]}


class Decoder(nn.Module):
    """Decodes a latent to the overview picture, for display. Trained on detached latents."""

    def __init__(self, config: HeadsConfig, side: int, layout: latent.Layout) -> None:
        super().__init__()
        self.cells, width = side // 8, config.decoder_width
        axis = torch.linspace(-1.0, 1.0, self.cells)
        self.register_buffer("grid", torch.stack(torch.meshgrid(axis, axis, indexing="xy"), 0), persistent=False)
        self.broadcast = nn.Sequential(nn.Linear(layout.z, 256), nn.SiLU(), nn.Linear(256, width * self.cells**2))
        up = lambda a, b: [nn.Upsample(scale_factor=2), nn.Conv2d(a, b, 3, padding=1), nn.ReLU(inplace=True)]  # noqa: E731
        self.up = nn.Sequential(*up(width, width), *up(width, 32), *up(32, 16), nn.Conv2d(16, 3, 3, padding=1))

    def forward(self, z: Float[Tensor, "b z"]) -> Float[Tensor, "b 3 h w"]:
        """Decode to pictures in [0, 1]."""
        return self.up(self.broadcast(z).unflatten(-1, (-1, self.cells, self.cells))).sigmoid()
