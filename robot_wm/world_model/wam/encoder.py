"""The encoder: from two pictures, proprioception and phrases to object positions, and to the latent.

Each camera's feature map is queried with each phrase (a projected sentence vector), which gives an attention map of the
object's place. Crops of the overview at its two peaks are localised and classified; the better match counts. Landmarks
on the arm, whose positions follow from the joints, show each camera's deviation from its nominal pose. Rays from the
corrected cameras are intersected with the table, and a network corrects the result. Trained with the simulator's
labels; knows nothing of goals or actions.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor, nn
from torch.nn import functional as F

from robot_wm.world_model.wam import latent
from robot_wm.world_model.wam.backbone import Backbone, CropHead
from robot_wm.world_model.wam.camera_geometry import FixedCamera, View, WristMount


@dataclass(frozen=True)
class EncoderConfig:
    """Sizes of the encoder."""

    width: int = 48  # channels of the feature maps; with 40, bf16 convolutions of torch 2.13 give NaN gradients
    residual_blocks: int = 2  # of the overview camera; the wrist camera has one
    window: int = 24  # side of a crop, pixels
    hidden: int = 256  # of the grounding head
    phrase: int = 384  # size of a sentence vector


@dataclass(frozen=True)
class Percept:
    """Detections of q phrases, in the latent's units."""

    presence: Float[Tensor, "b q"]  # logit
    position: Float[Tensor, "b q 3"]
    log_scale: Float[Tensor, "b q"]  # log of the expected absolute error of the position
    half_width: Float[Tensor, "b q"]
    yaw: Float[Tensor, "b q 2"]  # cos, sin of 4 yaw
    learned: Float[Tensor, "b q k"]
    scene: Float[Tensor, "b r"]  # learned summary of both pictures

    def take(self, slots: Int[Tensor, "b k"]) -> "Percept":
        """Select the phrases of the rows in `slots`; negative rows give row 0, to be masked."""
        rows = slots.clamp(min=0)

        def of(x: Tensor) -> Tensor:
            return x.gather(1, rows.reshape(*rows.shape, *[1] * (x.dim() - 2)).expand(-1, -1, *x.shape[2:]))

        physical = of(self.log_scale), of(self.half_width), of(self.yaw)
        return Percept(of(self.presence), of(self.position), *physical, of(self.learned), self.scene)


@dataclass(frozen=True)
class Sight:
    """Intermediate results of one camera, for the perception losses."""

    places: Float[Tensor, "b q 2"]  # of the phrases in the picture
    where: Float[Tensor, "b q n"]  # log probability of each cell
    landmark_where: Float[Tensor, "b l n"]
    landmark_places: Float[Tensor, "b l 2"]
    landmarks_m: Float[Tensor, "b l 3"]  # true positions
    nominal: View
    shift: Float[Tensor, "b 3"]  # estimated deviation from the nominal pose, in SHIFT_M and TURN_RAD
    turn: Float[Tensor, "b 3"]
    grid: Float[Tensor, "n 2"]


@dataclass(frozen=True)
class Evidence:
    """Intermediate results of the encoder, for the perception losses."""

    overview: Sight
    wrist: Sight
    meant: Float[Tensor, "q c"]  # logits of the colour and kind in each phrase


SHIFT_M, TURN_RAD = 0.006, 0.014  # units of a camera's deviation
_TABLE_M = 0.015  # height of the plane that rays are intersected with: half that of a typical object
_GEOMETRY = 2 * 4 + 2
_ODD = 0.05  # smallest prior probability of a peak
_LOOKS = 2  # peaks per phrase in the overview whose crops are examined


def mlp(sizes: list[int]) -> nn.Sequential:
    """Stack linear layers with SiLU between them."""
    layers: list[nn.Module] = []
    for i, (a, b) in enumerate(pairwise(sizes)):
        layers += [nn.Linear(a, b)] + ([nn.SiLU()] if i < len(sizes) - 2 else [])
    return nn.Sequential(*layers)


class _Camera(nn.Module):
    """One camera: a backbone, queries for phrases and landmarks, and an estimate of its deviation from nominal."""

    def __init__(self, side: int, config: EncoderConfig, blocks: int, landmarks: int, state: int) -> None:
        super().__init__()
        width = config.width
        self.eye = Backbone(side, width, blocks)
        self.queries = mlp([config.phrase, 128, width])
        self.landmarks = nn.Parameter(torch.randn(landmarks, width))
        self.stand = mlp([landmarks * (2 + 5 + width) + state, 128, 6])

    def forward(
        self,
        features: Float[Tensor, "b n c"],
        queries: Float[Tensor, "q c"],
        landmarks_m: Float[Tensor, "b l 3"],
        nominal: View,
        state: Float[Tensor, "b s"],
        looks: int = 1,
    ) -> tuple[Float[Tensor, "b q k a"], Float[Tensor, "b q k 2"], Sight]:
        """Query the feature map with phrases and landmarks; `state` is scaled.

        Returns:
            Answers and their places in the picture, one per peak, and the intermediate results (of the first peak).
        """
        keys = self.eye.keys(features)
        answers, places, where = self.eye.ask(features, keys, queries, looks)
        known, seen, landmark_where = self.eye.ask(features, keys, self.landmarks)
        known, seen = known[:, :, 0], seen[:, :, 0]
        gap = ((seen - nominal.project(landmarks_m)) * 10.0).clamp(-5.0, 5.0)
        deviation = self.stand(torch.cat([gap.flatten(1), known.flatten(1), state], dim=-1))
        shift, turn = deviation.split(3, dim=-1)
        sight = Sight(places[:, :, 0], where, landmark_where, seen, landmarks_m, nominal, shift, turn, self.eye.grid)
        return answers, places, sight


class Encoder(nn.Module):
    """Maps pictures, proprioception and phrases to a `Percept`, and a percept to a latent."""

    codes: Tensor
    phrase_mean: Tensor
    phrase_scale: Tensor

    def __init__(
        self,
        config: EncoderConfig,
        sides: dict[str, int],
        fixed_camera: FixedCamera,
        mount: WristMount,
        layout: latent.Layout,
    ) -> None:
        super().__init__()
        self.fixed_camera, self.mount, self.layout = fixed_camera, mount, layout
        width, hinges = config.width, len(mount.hinges)
        self.overview = _Camera(sides["overview"], config, config.residual_blocks, hinges + 1, layout.state)
        self.wrist = _Camera(sides["wrist"], config, 1, len(mount.landmarks_m), layout.state)
        self.glimpse = CropHead(config.window, 64, latent.CODE)
        self.adjust = nn.Linear(64 + 2 * width, 2)
        self.meant = nn.Linear(width, latent.CODE)  # colour and kind in the phrase
        self.reach = config.window / sides["overview"]  # half a window, in the units of places
        answers = 2 * (5 + width) + 64 + width + latent.CODE + 2
        outputs = 1 + 1 + 3 + 1 + 1 + 2 + latent.OBJECT_LEARNED
        self.merge = mlp([answers + layout.state + _GEOMETRY, config.hidden, config.hidden, outputs])
        self.summary = nn.Sequential(
            nn.Linear(4 * width + layout.state, latent.ROBOT_LEARNED),
            nn.BatchNorm1d(latent.ROBOT_LEARNED),  # SIGReg wants a batch-normed projection
        )
        self.register_buffer("codes", latent.name_codes(), persistent=False)
        self.register_buffer("phrase_mean", torch.zeros(config.phrase))
        self.register_buffer("phrase_scale", torch.ones(()))

    @torch.no_grad()
    def centre(self, phrases: Float[Tensor, "n p"]) -> None:
        """Set the mean and scale for standardising sentence vectors, which are nearly parallel."""
        self.phrase_mean.copy_(phrases.mean(0))
        self.phrase_scale.copy_((phrases - self.phrase_mean).std())

    def perceive(
        self,
        overview: UInt8[Tensor, "b h w 3"],
        wrist: UInt8[Tensor, "b h2 w2 3"],
        state: Float[Tensor, "b s"],
        phrases: Float[Tensor, "q p"],
    ) -> tuple[Percept, "Evidence"]:
        """Locate each phrase in both pictures; `state` is in SI units. Only convolutions may run in (coarse) bf16."""
        f_overview, f_wrist = self.overview.eye(overview), self.wrist.eye(wrist)
        with torch.autocast(state.device.type, enabled=False):
            f_overview, f_wrist = f_overview.float(), f_wrist.float()
            centred = (phrases - self.phrase_mean) / self.phrase_scale
            scaled = self.layout.scale_state(state)
            posture = self.mount.pose(state[:, self.layout.joints])
            arm = torch.cat([posture.hinges, posture.landmarks[:, :1]], dim=1)
            queries, nearer = self.overview.queries(centred), self.wrist.queries(centred)
            over, places, sight = self.overview(f_overview, queries, arm, self.fixed_camera.view(state), scaled, _LOOKS)
            near, _, by_wrist = self.wrist(f_wrist, nearer, posture.landmarks, posture.camera, scaled)
            query, meant = queries.expand(len(state), -1, -1), self.meant(queries)
        windows, middles = self.glimpse.windows(overview, places.flatten(1, 2))
        with torch.no_grad():  # the classifier is trained separately, on crops around labelled objects
            named = self.glimpse.name(windows).float().unflatten(0, places.shape[:3])
        look = _likelier(named, meant, over[..., 4] * 10.0)
        closer = self.glimpse.net(_of(windows.unflatten(0, places.shape[:3]), look).flatten(0, 1))
        with torch.autocast(state.device.type, enabled=False):
            closer = closer.float().unflatten(0, look.shape)
            over, middle, called = (_of(x, look) for x in (over, middles.view_as(places), named))
            hints = torch.cat([closer, over[..., 5:], query], dim=-1)
            sight = replace(sight, places=middle + self.reach * self.adjust(hints).tanh())
            rays = _rays(sight, 10.0), _rays(by_wrist, 3.0)
            state_row = scaled[:, None].expand(-1, len(phrases), -1)
            seen = [over, near[:, :, 0], closer, query, *_match(called, meant), state_row, *_geometry(rays)]
            out = self.merge(torch.cat(seen, dim=-1))
            pooled = [pool for f in (f_overview, f_wrist) for pool in (f.mean(1), f.amax(1))]
            scene = self.summary(torch.cat([*pooled, scaled], dim=-1))
            position = _position(rays, out[..., 1], out[..., 2:5])
        percept = Percept(out[..., 0], position, out[..., 5], out[..., 6], out[..., 7:9], out[..., 9:], scene)
        return percept, Evidence(sight, by_wrist, meant)

    def latent(self, percept: Percept, state: Float[Tensor, "b s"], slots: Int[Tensor, "b k"]) -> Float[Tensor, "b z"]:
        """Compose the latent that follows the names in `slots` (rows of NAMES, or EMPTY), of which `percept` is.

        Slots beyond k are empty.
        """
        pieces = [
            percept.presence.sigmoid().unsqueeze(-1),
            percept.position,
            percept.log_scale.unsqueeze(-1),
            percept.half_width.unsqueeze(-1),
            percept.yaw,
            self.codes[slots.clamp(min=0)],
            percept.learned,
        ]
        objects = torch.cat(pieces, dim=-1) * (slots >= 0).float().unsqueeze(-1)
        objects = F.pad(objects, (0, 0, 0, latent.SLOTS - slots.shape[1]))
        robot = torch.cat([self.layout.scale_state(state), percept.scene], dim=-1)
        return latent.join(robot, objects)


def _of(x: Float[Tensor, "b q k *r"], look: Int[Tensor, "b q"]) -> Float[Tensor, "b q *r"]:
    """Select the chosen peak of each phrase."""
    index = look.reshape(*look.shape, *[1] * (x.dim() - 2)).expand(-1, -1, 1, *x.shape[3:])
    return x.gather(2, index).squeeze(2)


def _likelier(
    named: Float[Tensor, "b q k c"], meant: Float[Tensor, "q c"], height: Float[Tensor, "b q k"]
) -> Int[Tensor, "b q"]:
    """Choose the peak that best matches the phrase, by colour, kind and height of the map."""
    pairs = zip(latent.by_part(named), latent.by_part(meant.detach()), strict=True)
    fits = [(seen.softmax(-1) * asked.softmax(-1)[:, None]).sum(-1) for seen, asked in pairs]
    return (fits[0] * fits[1] * (height.detach().softmax(-1) + _ODD)).argmax(-1)


def _match(named: Float[Tensor, "b q c"], meant: Float[Tensor, "q c"]) -> list[Tensor]:
    """Return the colour and kind seen in the window, and how well each matches the phrase; trained by names alone."""
    pairs = zip(latent.by_part(named), latent.by_part(meant.detach()), strict=True)
    parts = [(seen.softmax(-1), asked.softmax(-1)) for seen, asked in pairs]
    return [*(seen for seen, _ in parts), *((seen * asked).sum(-1, keepdim=True) for seen, asked in parts)]


Rays = tuple[Tensor, Tensor]  # x, y on the table's plane (B, Q, 2) and their change by height, latent units


def _rays(sight: Sight, farthest: float) -> Rays:
    """Intersect the rays of detections with the table plane, using the estimated camera pose."""
    view = sight.nominal.moved(sight.shift * SHIFT_M, sight.turn * TURN_RAD)
    ground_m, slope = view.at_height(sight.places, _TABLE_M)
    centre = ground_m.new_tensor(latent.CENTRE_M[:2])
    return ((ground_m - centre) / latent.UNIT_M).clamp(-farthest, farthest), slope.clamp(-3.0, 3.0)


def _geometry(rays: tuple[Rays, Rays]) -> list[Tensor]:
    """Return the rays and the gap between them as features."""
    (ground, slope), (ground_wrist, slope_wrist) = rays
    return [ground, slope, ground_wrist, slope_wrist, ((ground - ground_wrist) * 3.0).tanh()]


def _position(rays: tuple[Rays, Rays], trust: Float[Tensor, "b q"], free: Float[Tensor, "b q 3"]) -> Tensor:
    """Combine both rays at the predicted height, weighted by the trust in the wrist camera, plus a correction."""
    height = free[..., 2:]
    rise = height - (_TABLE_M - latent.CENTRE_M[2]) / latent.UNIT_M
    by_overview, by_wrist = (ground + slope * rise for ground, slope in rays)
    share = (trust - 2.0).sigmoid()[..., None]
    return torch.cat([by_overview + share * (by_wrist - by_overview) + 0.3 * free[..., :2], height], dim=-1)
