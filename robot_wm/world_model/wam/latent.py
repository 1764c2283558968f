"""The layout of the WAM's latent and of its goal points, and how things are written in them.

z is one flat vector: a robot token, then `SLOTS` object tokens. Parts of it mean something (positions, sizes), the
rest is learned. Lengths are in units of `UNIT_M`, positions relative to `CENTRE_M`, so that all numbers are near 1.

    robot token   state (2 n + 13, scaled) | learned (ROBOT_LEARNED)
    object token  presence 1 | position 3 | log scale 1 | half width 1 | cos, sin of 4 yaw | colour 6 | kind 4 | learned
    goal point    skill | direction 2 | object | target | where the object shall be 3 | joints of the arm n

What depends on the arm (its joint count n, its heading) is in `Layout`. The joints come first in the state and last in
a goal point, so that every other slice fits any arm.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from jaxtyping import Float, Int
from torch import Tensor

from robot_wm.errors import ConfigError
from robot_wm.goals import COLOURS, DIRECTIONS, KINDS, NAMES, SKILLS, Task, kind_of
from robot_wm.proprioception import state_names

CENTRE_M = (0.20, 0.0, 0.03)
UNIT_M = 0.1
SLOTS = 5  # things followed at once
EMPTY = -1  # what stands for a row of NAMES where a slot follows nothing
ROBOT_LEARNED = 41
OBJECT_LEARNED = 14
PHYSICAL = 8  # presence, position, log scale, half width, cos and sin of 4 yaw
CODE = len(COLOURS) + len(KINDS)  # one-hot colour and kind: the token's name
OBJECT = PHYSICAL + CODE + OBJECT_LEARNED

_AFTER_JOINTS = state_names(0)  # the state's names behind the joints, the same for every arm


def _state_slice(first: str, count: int) -> slice:
    """Where `count` numbers of the state from `first` on are in a robot token, counted from its end."""
    start = _AFTER_JOINTS.index(first) - len(_AFTER_JOINTS) - ROBOT_LEARNED
    return slice(start, start + count)


TOOL = _state_slice("tool_x", 3)
YAW = _state_slice("sin_2yaw", 2)  # sine, cosine of twice the measured tool's yaw
SENT = _state_slice("sent_x", 3)
SENT_YAW = _state_slice("sent_sin_2yaw", 2)
LEARNED = slice(-ROBOT_LEARNED, None)  # of a robot token
POSITION = slice(1, 4)
CODES = slice(PHYSICAL, PHYSICAL + CODE)

GOAL_SKILL = slice(0, len(SKILLS))
GOAL_DIRECTION = slice(GOAL_SKILL.stop, GOAL_SKILL.stop + 2)
GOAL_OBJECT = slice(GOAL_DIRECTION.stop, GOAL_DIRECTION.stop + CODE)
GOAL_TARGET = slice(GOAL_OBJECT.stop, GOAL_OBJECT.stop + CODE)
GOAL_WANTED = slice(GOAL_TARGET.stop, GOAL_TARGET.stop + 3)  # where the object shall be
GOAL_JOINTS = slice(GOAL_WANTED.stop, None)  # of the arm, where the goal is a pose of it: home
TASK = GOAL_WANTED.start  # numbers of a task's code: a goal point up to where the object shall be


@dataclass(frozen=True)
class Layout:
    """What in the latent and in goal points depends on the arm.

    The heading of the hand, which unlike the yaw tells the fixed finger from the moving one, is a signed sum of joint
    angles where the arm's axes allow it; else the measured yaw stands in for it.
    """

    n_joints: int
    heading_signs: tuple[int, ...] = ()  # n coefficients, 0 where a joint does not turn the hand; () takes the yaw
    heading_zero_rad: float = 0.0  # added to the sum

    def __post_init__(self) -> None:
        if self.heading_signs and len(self.heading_signs) != self.n_joints:
            raise ConfigError(
                f"heading_signs needs one number a joint, {self.n_joints}, or none; received {self.heading_signs}"
            )
        if not set(self.heading_signs) <= {-1, 0, 1}:
            raise ConfigError(f"heading_signs may be -1, 0 and 1, received {self.heading_signs}")

    @property
    def joints(self) -> slice:
        """Joint angles in a state or a robot token."""
        return slice(0, self.n_joints)

    @property
    def state(self) -> int:
        """Size of the proprioception."""
        return 2 * self.n_joints + len(_AFTER_JOINTS)

    @property
    def robot(self) -> int:
        """Size of the robot token."""
        return self.state + ROBOT_LEARNED

    @property
    def z(self) -> int:
        """Size of the latent."""
        return self.robot + SLOTS * OBJECT

    @property
    def goal(self) -> int:
        """Size of a goal point."""
        return GOAL_WANTED.stop + self.n_joints

    @cached_property
    def _scales(self) -> tuple[Sequence[float], Sequence[float]]:
        middles, units = zip(*map(_scale, state_names(self.n_joints)), strict=True)
        return middles, units

    def scale_state(self, state: Float[Tensor, "*b s"]) -> Float[Tensor, "*b s"]:
        """Scale proprioception (`robot_wm.proprioception`, SI units) to numbers near 1."""
        middles, units = self._scales
        return (state - state.new_tensor(middles)) / state.new_tensor(units)

    def heading(self, robot: Float[Tensor, "*b r"]) -> Float[Tensor, "*b"]:
        """Heading of the hand about base z, rad, of robot tokens; with `heading_signs` (), only up to half a turn."""
        if not self.heading_signs:
            sine, cosine = robot[..., YAW].unbind(-1)
            return 0.5 * torch.atan2(sine, cosine)
        last, *before = [(i, sign) for i, sign in reversed(list(enumerate(self.heading_signs))) if sign]
        heading = robot[..., last[0]] if last[1] > 0 else -robot[..., last[0]]
        for index, sign in before:
            heading = heading + robot[..., index] if sign > 0 else heading - robot[..., index]
        return heading + self.heading_zero_rad if self.heading_zero_rad else heading


def name_codes() -> Float[Tensor, "24 10"]:
    """One-hot colour and kind of each of `NAMES`."""
    codes = torch.zeros(len(NAMES), CODE)
    for row, name in enumerate(NAMES):
        codes[row, COLOURS.index(name.split(" ")[0])] = 1.0
        codes[row, len(COLOURS) + KINDS.index(kind_of(name))] = 1.0
    return codes


def by_part(codes: Float[Tensor, "*b c"]) -> tuple[Float[Tensor, "*b 6"], Float[Tensor, "*b 4"]]:
    """Colour and kind of codes, or of logits of them."""
    return codes[..., : len(COLOURS)], codes[..., len(COLOURS) :]


def to_units(position_m: Float[Tensor, "*b 3"]) -> Float[Tensor, "*b 3"]:
    """Base-frame metres to the latent's units."""
    return (position_m - position_m.new_tensor(CENTRE_M)) / UNIT_M


def to_metres(position: Float[Tensor, "*b 3"]) -> Float[Tensor, "*b 3"]:
    """The latent's units to base-frame metres."""
    return position * UNIT_M + position.new_tensor(CENTRE_M)


def _scale(name: str) -> tuple[float, float]:
    """The middle and the unit of one of the state's names."""
    if name.endswith(("_x", "_y", "_z")):
        return CENTRE_M["xyz".index(name[-1])], UNIT_M
    return 0.0, 0.2 if name == "tilt" else 2.0 if name.startswith("dq") else 1.0


def split(z: Float[Tensor, "*b z"]) -> tuple[Float[Tensor, "*b r"], Float[Tensor, "*b k o"]]:
    """Robot token and object tokens of a latent."""
    objects = SLOTS * OBJECT  # the rest is the robot's, whatever its size
    return z[..., :-objects], z[..., -objects:].unflatten(-1, (SLOTS, OBJECT))


def join(robot: Float[Tensor, "*b r"], objects: Float[Tensor, "*b k o"]) -> Float[Tensor, "*b z"]:
    """The latent of a robot token and object tokens."""
    return torch.cat([robot, objects.flatten(-2)], dim=-1)


def task_code(tasks: list[Task]) -> Float[Tensor, "b t"]:
    """Goal points of tasks up to where the object and the arm shall be, which only a model can say."""
    points = torch.zeros(len(tasks), TASK)
    codes = name_codes()
    for row, task in enumerate(tasks):
        points[row, SKILLS.index(task.skill)] = 1.0
        if task.direction is not None:
            points[row, GOAL_DIRECTION] = torch.tensor(DIRECTIONS[task.direction])
        for part, name in ((GOAL_OBJECT, task.object), (GOAL_TARGET, task.target)):
            if name is not None:
                points[row, part] = codes[NAMES.index(name)]
    return points


def pick(objects: Float[Tensor, "b k o"], code: Float[Tensor, "b c"]) -> Float[Tensor, "b o"]:
    """The token whose name fits `code`; zeros where none does. Differentiable in both."""
    return pick_each(objects, code[:, None])[:, 0]


def pick_each(objects: Float[Tensor, "b k o"], codes: Float[Tensor, "b n c"]) -> Float[Tensor, "b n o"]:
    """The token whose name fits each of `codes`."""
    pairs = zip(by_part(codes), by_part(objects[..., CODES]), strict=True)
    colour, kind = (wanted @ named.transpose(1, 2) for wanted, named in pairs)  # (B, N, K)
    return ((colour * kind).unsqueeze(-1) * objects[:, None]).sum(-2)  # no matrix product: autocast would round places


def chosen_slots(presence: Float[Tensor, "b 24"]) -> Int[Tensor, "b k"]:
    """The `SLOTS` most probable names, in the order of `NAMES`, so that the same things keep the same slots."""
    return presence.topk(SLOTS, dim=-1).indices.sort(dim=-1).values
