"""Camera poses and projection in torch: a camera fixed above the table, and one on the arm.

Rotations have the camera's right, up and back as columns, as in MuJoCo. A place in a square picture is (x to the
right, y down), its edges at -1 and 1. Lengths in metres, base frame.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from robot_wm.errors import ConfigError

_UNIT_SLACK = 1e-3  # tolerance of the length of unit vectors and quaternions
_LEAST_FALL = 0.15  # smallest slope of a ray; flatter ones meet the table too far away


@dataclass(frozen=True)
class View:
    """A batch of cameras."""

    position: Float[Tensor, "b 3"]
    rotation: Float[Tensor, "b 3 3"]
    tan_half: float  # tangent of half the field of view

    def project(self, points: Float[Tensor, "b q 3"]) -> Float[Tensor, "b q 2"]:
        """Project points into the picture; points behind the camera land far outside it."""
        right, up, back = ((points - self.position[:, None]) @ self.rotation).unbind(-1)
        depth = (-back).clamp(min=1e-3) * self.tan_half
        return torch.stack([right / depth, -up / depth], dim=-1).clamp(-9.0, 9.0)

    def at_height(
        self, places: Float[Tensor, "b q 2"], height_m: float
    ) -> tuple[Float[Tensor, "b q 2"], Float[Tensor, "b q 2"]]:
        """Intersect the rays through `places` with a horizontal plane; return x, y and their derivatives by height."""
        x, y = places.unbind(-1)
        ahead = torch.stack([x * self.tan_half, -y * self.tan_half, -torch.ones_like(x)], dim=-1)
        ray = ahead @ self.rotation.transpose(1, 2)
        slope = ray[..., :2] / ray[..., 2:].clamp(max=-_LEAST_FALL)
        return self.position[:, None, :2] + slope * (height_m - self.position[:, None, 2:]), slope

    def moved(self, shift_m: Float[Tensor, "b 3"], turn_rad: Float[Tensor, "b 3"]) -> "View":
        """Return the cameras shifted and rotated (by a small angle) in their own frames."""
        position = self.position + (self.rotation @ shift_m[..., None])[..., 0]
        return View(position, self.rotation @ rotation_of(turn_rad), self.tan_half)

    def offset_of(
        self, position: Float[Tensor, "b 3"], rotation: Float[Tensor, "b 3 3"]
    ) -> tuple[Float[Tensor, "b 3"], Float[Tensor, "b 3"]]:
        """Return the arguments of `moved` that give a nearby pose."""
        back = self.rotation.transpose(1, 2)
        turn = back @ rotation
        skew = 0.5 * (turn - turn.transpose(1, 2))
        return (back @ (position - self.position)[..., None])[..., 0], torch.stack(
            [skew[:, 2, 1], skew[:, 0, 2], skew[:, 1, 0]], dim=-1
        )


@dataclass(frozen=True)
class FixedCamera:
    """The nominal pose of a fixed, upright camera that looks at a point."""

    eye_m: tuple[float, float, float]
    at_m: tuple[float, float, float]
    fovy_deg: float

    @property
    def tan_half(self) -> float:
        """Tangent of half the field of view."""
        return math.tan(math.radians(self.fovy_deg) / 2)

    def view(self, like: Float[Tensor, "b s"]) -> View:
        """Return the camera repeated for a batch."""
        eye, at = like.new_tensor(self.eye_m), like.new_tensor(self.at_m)
        back = F.normalize(eye - at, dim=0)
        right = F.normalize(torch.linalg.cross(like.new_tensor((0.0, 0.0, 1.0)), back), dim=0)
        rotation = torch.stack([right, torch.linalg.cross(back, right), back], dim=1)
        count = len(like)
        return View(eye.expand(count, 3), rotation.expand(count, 3, 3), self.tan_half)


@dataclass(frozen=True)
class Joint:
    """A joint of the arm: its anchor in the frame of the previous joint at the zero pose, and its axis."""

    at_m: tuple[float, float, float]
    axis: tuple[float, float, float]  # unit vector of the rotation or, for a slide, of the translation
    slide: bool = False


@dataclass(frozen=True)
class WristMount:
    """The camera on the arm's last link, and landmarks in its view, in that link's frame; n joints.

    `robot_wm.world_model.wam.arm_config` derives one from an arm's description. Raises ConfigError if its parts are
    inconsistent.
    """

    hinges: tuple[Joint, ...]  # n
    eye_m: tuple[float, float, float]
    quaternion: tuple[float, float, float, float]  # w, x, y, z
    fovy_deg: float
    landmarks_m: tuple[tuple[float, float, float], ...]  # in view of this camera; the first is the tool
    rest_rad: tuple[float, ...]  # n, joint angles at rest
    heading_signs: tuple[int, ...] = ()  # n coefficients of the hand's heading, or (); see `latent.Layout`
    heading_zero_rad: float = 0.0

    def __post_init__(self) -> None:
        count = len(self.hinges)
        if not count or len(self.rest_rad) != count:
            raise ConfigError(
                f"a wrist camera's mount needs one hinge or more and as many numbers in rest_rad, received {count} "
                f"hinges and {len(self.rest_rad)} numbers; give both for each of the arm's joints, base to tip"
            )
        if not self.landmarks_m:
            raise ConfigError("a wrist camera's mount needs landmarks_m, the tool first; received none")
        for name, vector in (("quaternion", self.quaternion), *(("axis", hinge.axis) for hinge in self.hinges)):
            if abs(math.hypot(*vector) - 1.0) > _UNIT_SLACK:
                raise ConfigError(f"a mount's {name} must have length 1, received {vector}; divide it by its length")

    def pose(self, q_rad: Float[Tensor, "b n"]) -> "Posture":
        """Compute forward kinematics at joint angles (b, n)."""
        axes = q_rad.new_tensor([hinge.axis for hinge in self.hinges])  # (n, 3)
        turning = axes * axes.new_tensor([float(not hinge.slide) for hinge in self.hinges])[:, None]
        turns = rotation_of(q_rad[..., None] * turning)  # (B, n, 3, 3)
        steps_m = q_rad.new_tensor([hinge.at_m for hinge in self.hinges])  # (n, 3)
        position, rotation, origins = q_rad.new_zeros(len(q_rad), 3), None, []
        for i, hinge in enumerate(self.hinges):
            position = position + (steps_m[i] if rotation is None else rotation @ steps_m[i])
            if hinge.slide:
                along = q_rad[:, i, None] * axes[i]  # (B, 3)
                position = position + (along if rotation is None else (rotation @ along[..., None])[..., 0])
            rotation = turns[:, i] if rotation is None else rotation @ turns[:, i]
            origins.append(position)
        assert rotation is not None  # there is one hinge or more
        landmarks = position[:, None] + q_rad.new_tensor(self.landmarks_m) @ rotation.transpose(1, 2)
        eye = position + rotation @ q_rad.new_tensor(self.eye_m)
        turned = q_rad.new_tensor(_rotation_of_quaternion(*self.quaternion))
        view = View(eye, rotation @ turned, math.tan(math.radians(self.fovy_deg) / 2))
        return Posture(view, torch.stack(origins, dim=1), landmarks)


@dataclass(frozen=True)
class Posture:
    """Positions of an arm's parts at given joint angles."""

    camera: View
    hinges: Float[Tensor, "b n 3"]
    landmarks: Float[Tensor, "b l 3"]


def rotation_of(turn_rad: Float[Tensor, "*b 3"]) -> Float[Tensor, "*b 3 3"]:
    """Return the rotation matrices of rotation vectors (Rodrigues' formula)."""
    angle = turn_rad.norm(dim=-1).clamp(min=1e-8)[..., None, None]
    x, y, z = turn_rad.unbind(-1)
    zero = torch.zeros_like(x)
    skew = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], dim=-1).unflatten(-1, (3, 3))
    eye = torch.eye(3, dtype=turn_rad.dtype, device=turn_rad.device)
    return eye + angle.sin() / angle * skew + (1.0 - angle.cos()) / angle.square() * (skew @ skew)


def _rotation_of_quaternion(w: float, x: float, y: float, z: float) -> list[list[float]]:
    """Return the rotation matrix, row by row, of a unit quaternion."""
    return [
        [1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y - w * z), 2.0 * (x * z + w * y)],
        [2.0 * (x * y + w * z), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z - w * x)],
        [2.0 * (x * z - w * y), 2.0 * (y * z + w * x), 1.0 - 2.0 * (x * x + y * y)],
    ]
