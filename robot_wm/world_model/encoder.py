"""From two pictures, proprioception and phrases to where things are, and on to the latent.

The grounding head asks the feature maps with one query a phrase (a sentence vector, projected): a softmax over the
map says where the phrase's thing is seen, and a small network turns both cameras' answers and the arm's pose into a
presence, a position with its expected error, a size and a yaw. It is taught by the simulator's labels. It knows
nothing of goals or actions.
"""

from dataclasses import dataclass
from itertools import pairwise

import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor, nn
from torch.nn import functional as F

from robot_wm.world_model import latent


@dataclass(frozen=True)
class EncoderConfig:
    """Sizes of the encoder."""

    width: int = 48  # channels of the feature maps
    residual_blocks: int = 2  # of the overview camera; the wrist camera has one
    hidden: int = 192  # of the grounding head
    phrase: int = 384  # size of a sentence vector


@dataclass(frozen=True)
class Percept:
    """What is seen of q phrases: all in the latent's units."""

    presence: Float[Tensor, "b q"]  # logit
    position: Float[Tensor, "b q 3"]
    log_scale: Float[Tensor, "b q"]  # log of the expected absolute error of the position
    half_width: Float[Tensor, "b q"]
    yaw: Float[Tensor, "b q 2"]  # cos, sin of 4 yaw
    learned: Float[Tensor, "b q l"]
    scene: Float[Tensor, "b r"]  # learned summary of both pictures
    where: Float[Tensor, "b q n"]  # log probability of each cell of the overview picture


def _conv(inputs: int, outputs: int, kernel: int, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    padding = dilation * (kernel // 2)
    conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, dilation, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


class _Residual(nn.Module):
    """Two convolutions, the second dilated for context, around a skip."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.first, self.second = _conv(width, width, 3), _conv(width, width, 3, dilation=dilation)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        return x + self.second(self.first(x))


class Eye(nn.Module):
    """One camera's trunk and the answer of its feature map to queries."""

    grid: Tensor

    def __init__(self, side: int, width: int, residual_blocks: int, query: int) -> None:
        super().__init__()
        self.trunk = nn.Sequential(
            _conv(3, 24, 5, stride=2),
            _conv(24, width, 3, stride=2),
            *(_Residual(width, 2) for _ in range(residual_blocks)),
        )
        self.keys = nn.Linear(width, query)
        self.sharpness = nn.Parameter(torch.tensor(1.0))
        cells = side // 4
        axis = torch.linspace(-1.0, 1.0, cells)
        self.register_buffer("grid", torch.stack(torch.meshgrid(axis, axis, indexing="xy"), -1).reshape(-1, 2), False)

    def forward(self, rgb: UInt8[Tensor, "b h w 3"]) -> Float[Tensor, "b n c"]:
        """Features of each cell, rows first; the trunk works channels-last, so that this is no copy."""
        x = (rgb.permute(0, 3, 1, 2).float() / 255.0 - 0.45) * 4.0
        features = self.trunk(x.contiguous(memory_format=torch.channels_last))
        return features.permute(0, 2, 3, 1).flatten(1, 2)

    def ask(self, features: Float[Tensor, "b n c"], queries: Float[Tensor, "q k"]) -> tuple[Tensor, Tensor]:
        """Where each query is seen: expected cell (2), spread (2), peak of the raw map, and the features there, as one
        answer (B, Q, A); and the log probability of each cell (B, Q, N)."""
        keys = self.keys(features).float()  # (B, N, K)
        raw = queries.float() @ keys.transpose(1, 2) * (self.sharpness.exp() / keys.shape[2] ** 0.5)
        weights = raw.softmax(-1)  # (B, Q, N)
        where = weights @ self.grid  # (B, Q, 2)
        spread = (weights @ self.grid.square() - where.square()).clamp(min=1e-4).sqrt()
        there = weights @ features.float()  # (B, Q, C)
        return torch.cat([where, spread, raw.amax(-1, keepdim=True) * 0.1, there], dim=-1), raw.log_softmax(-1)


def mlp(sizes: list[int]) -> nn.Sequential:
    """Linear layers with SiLU between them."""
    layers: list[nn.Module] = []
    for i, (a, b) in enumerate(pairwise(sizes)):
        layers += [nn.Linear(a, b)] + ([nn.SiLU()] if i < len(sizes) - 2 else [])
    return nn.Sequential(*layers)


class Encoder(nn.Module):
    """Pictures, proprioception and phrases to a `Percept`, and a percept to a latent."""

    codes: Tensor
    phrase_mean: Tensor
    phrase_scale: Tensor

    def __init__(self, config: EncoderConfig, sides: dict[str, int]) -> None:
        super().__init__()
        query = config.width
        self.overview = Eye(sides["overview"], config.width, config.residual_blocks, query)
        self.wrist = Eye(sides["wrist"], config.width, 1, query)
        self.ask_overview = mlp([config.phrase, 128, query])
        self.ask_wrist = mlp([config.phrase, 128, query])
        answer = 2 * (5 + config.width)
        outputs = 1 + 3 + 1 + 1 + 2 + latent.OBJECT_LEARNED
        self.merge = mlp([answer + latent.STATE + query, config.hidden, config.hidden, outputs])
        self.summary = nn.Sequential(
            nn.Linear(4 * config.width + latent.STATE, latent.ROBOT_LEARNED),
            nn.BatchNorm1d(latent.ROBOT_LEARNED),  # SIGReg wants a batch-normed projection
        )
        self.register_buffer("codes", latent.name_codes(), persistent=False)
        self.register_buffer("phrase_mean", torch.zeros(config.phrase))
        self.register_buffer("phrase_scale", torch.ones(()))

    @torch.no_grad()
    def centre(self, phrases: Float[Tensor, "n p"]) -> None:
        """Take the mean and scale of sentence vectors from these: nearly parallel, they differ by little else."""
        self.phrase_mean.copy_(phrases.mean(0))
        self.phrase_scale.copy_((phrases - self.phrase_mean).std())

    def perceive(
        self,
        overview: UInt8[Tensor, "b h w 3"],
        wrist: UInt8[Tensor, "b h2 w2 3"],
        state: Float[Tensor, "b s"],
        phrases: Float[Tensor, "q p"],
    ) -> Percept:
        """Look for each phrase (a sentence vector) in both pictures. `state` in SI units."""
        f_overview, f_wrist = self.overview(overview), self.wrist(wrist)
        centred = (phrases - self.phrase_mean) / self.phrase_scale
        q_overview, q_wrist = self.ask_overview(centred), self.ask_wrist(centred)
        scaled = latent.scale_state(state)
        b, q = len(state), len(phrases)
        answer, where = self.overview.ask(f_overview, q_overview)
        seen = [
            answer,
            self.wrist.ask(f_wrist, q_wrist)[0],
            scaled[:, None].expand(b, q, -1),
            q_overview[None].expand(b, q, -1),
        ]
        out = self.merge(torch.cat(seen, dim=-1))
        pooled = [pool for f in (f_overview, f_wrist) for pool in (f.float().mean(1), f.amax(1).float())]
        scene = self.summary(torch.cat([*pooled, scaled], dim=-1))
        return Percept(out[..., 0], out[..., 1:4], out[..., 4], out[..., 5], out[..., 6:8], out[..., 8:], scene, where)

    def latent(self, percept: Percept, state: Float[Tensor, "b s"], slots: Int[Tensor, "b k"]) -> Float[Tensor, "b z"]:
        """The latent that follows the names in `slots` (rows of NAMES, -1 for an empty slot)."""
        rows = slots.clamp(min=0)
        filled = (slots >= 0).float().unsqueeze(-1)
        pieces = [
            percept.presence.sigmoid().unsqueeze(-1),
            percept.position,
            percept.log_scale.unsqueeze(-1),
            percept.half_width.unsqueeze(-1),
            percept.yaw,
            self.codes.expand(len(state), -1, -1),
            percept.learned,
        ]
        every = torch.cat(pieces, dim=-1)  # (B, 24, OBJECT)
        objects = every.gather(1, rows.unsqueeze(-1).expand(-1, -1, latent.OBJECT)) * filled
        robot = torch.cat([latent.scale_state(state), percept.scene], dim=-1)
        return latent.join(robot, objects)


@dataclass(frozen=True)
class Pose:
    """Where a camera is and what it looks at, base frame; its picture is square and its top is up."""

    eye_m: tuple[float, float, float]
    at_m: tuple[float, float, float]
    fovy_deg: float

    def project(self, position_m: Float[Tensor, "*b 3"]) -> Float[Tensor, "*b 2"]:
        """Where in the picture positions are: x to the right, y down, the picture's edges at -1 and 1."""
        eye, at = position_m.new_tensor(self.eye_m), position_m.new_tensor(self.at_m)
        ahead = F.normalize(at - eye, dim=0)
        right = F.normalize(torch.linalg.cross(ahead, position_m.new_tensor((0.0, 0.0, 1.0))), dim=0)
        down = torch.linalg.cross(ahead, right)
        ray = position_m - eye
        depth = (ray @ ahead).clamp(min=1e-3) * torch.tan(torch.deg2rad(ray.new_tensor(self.fovy_deg / 2)))
        return torch.stack([ray @ right / depth, ray @ down / depth], dim=-1)


def attention_loss(
    where: Float[Tensor, "b q n"], table: Float[Tensor, "b q 6"], pose: Pose, grid: Float[Tensor, "n 2"]
) -> Float[Tensor, ""]:
    """Cross entropy of the overview map with a blob where each thing that is there must be seen.

    The camera's nominal pose is near enough: this only shows the attention where to look, some times faster than it
    finds out by itself.
    """
    wanted = pose.project(table[..., 1:4])
    blob = (-(wanted[..., None, :] - grid).square().sum(-1) / (2 * 0.06**2)).softmax(-1)
    seen = table[..., 0] * (wanted.abs().amax(-1) < 1.0)
    return -((blob * where).sum(-1) * seen).sum() / seen.sum().clamp(min=1.0)


def grounding_loss(percept: Percept, table: Float[Tensor, "b q 6"]) -> dict[str, Float[Tensor, ""]]:
    """Losses of a percept against the simulator's labels (rows: present, x, y, z, yaw, half width; SI units).

    Position: negative log likelihood of a Laplace distribution with one scale for the three axes, so that the model
    knows how well it sees; only of things that are there, as are size and yaw.
    """
    there = table[..., 0]
    count = there.sum().clamp(min=1.0)
    error = (percept.position - latent.to_units(table[..., 1:4])).abs().sum(-1)
    log_scale = percept.log_scale.clamp(-4.5, 2.0)
    position = ((error * (-log_scale).exp() + 3.0 * log_scale + 2.0 * error) * there).sum() / count
    presence = F.binary_cross_entropy_with_logits(percept.presence, there)
    half_width = ((percept.half_width - table[..., 5] / latent.UNIT_M).abs() * there).sum() / count
    yaw4 = torch.stack([(4 * table[..., 4]).cos(), (4 * table[..., 4]).sin()], dim=-1)
    yaw = ((percept.yaw - yaw4).square().sum(-1) * there).sum() / count
    return {"presence": 5.0 * presence, "position": position, "half_width": half_width, "yaw": 0.2 * yaw}
