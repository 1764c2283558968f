"""Layout of the WAM's latent and goal points, and conversions to and from it.

z is one flat vector: a robot token, then `SLOTS` object tokens. Some components are physical (positions, sizes), the
others are learned. Lengths are in units of `UNIT_M`, positions relative to `CENTRE_M`, so that all values are near 1.

    robot token   state (2 n + 13, scaled) | learned (ROBOT_LEARNED)
    object token  presence 1 | position 3 | log scale 1 | half width 1 | cos, sin of 4 yaw | colour 6 | kind 4 | learned
    goal point    skill | direction 2 | object | target | wanted position of the object 3 | joints of the arm n

`Layout` holds what depends on the arm (joint count n, heading). Joints come first in the state and last in a goal
point, so that all other slices fit any arm.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from jaxtyping import Float
from torch import Tensor

from robot_wm.errors import ConfigError
from robot_wm.goals import COLOURS, DIRECTIONS, KINDS, NAMES, SKILLS, Task, kind_of
from robot_wm.proprioception import state_names

CENTRE_M = (0.20, 0.0, 0.03)
UNIT_M = 0.1
SLOTS = 5  # objects followed at once
EMPTY = -1  # stands for a row of NAMES in an empty slot
ROBOT_LEARNED = 41
OBJECT_LEARNED = 14
PHYSICAL = 8  # presence, position, log scale, half width, cos and sin of 4 yaw
CODE = len(COLOURS) + len(KINDS)  # one-hot colour and kind: the token's name
OBJECT = PHYSICAL + CODE + OBJECT_LEARNED

_AFTER_JOINTS = state_names(0)  # names of the state after the joints, equal for all arms


def _state_slice(first: str, count: int) -> slice:
    """Return the slice of `count` state components from `first` on in a robot token, indexed from its end."""
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
GOAL_WANTED = slice(GOAL_TARGET.stop, GOAL_TARGET.stop + 3)  # wanted position of the object
GOAL_JOINTS = slice(GOAL_WANTED.stop, None)  # of the arm, for goals that are a pose of it: home
TASK = GOAL_WANTED.start  # size of a task's code: a goal point up to the wanted position


@dataclass(frozen=True)
class Layout:
    """The parts of latents and goal points that depend on the arm.

    The heading of the hand, which unlike yaw distinguishes the fixed finger from the moving one, is a signed sum of
    joint angles if the arm's axes allow it; otherwise the measured yaw replaces it.
    """

    n_joints: int
    heading_signs: tuple[int, ...] = ()  # n coefficients, 0 for joints that do not rotate the hand; () uses the yaw
    heading_zero_rad: float = 0.0  # added to the sum

    def __post_init__(self) -> None:
        if self.heading_signs and len(self.heading_signs) != self.n_joints:
            raise ConfigError(
                f"heading_signs needs {self.n_joints} values, one per joint, or none; received {self.heading_signs}"
            )
        if not set(self.heading_signs) <= {-1, 0, 1}:
            raise ConfigError(f"heading_signs must be -1, 0 or 1, received {self.heading_signs}")

    @property
    def joints(self) -> slice:
        """Slice of the joint angles in a state or robot token."""
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
        """Scale proprioception (`robot_wm.proprioception`, SI units) to values near 1."""
        middles, units = self._scales
        return (state - state.new_tensor(middles)) / state.new_tensor(units)

    def heading(self, robot: Float[Tensor, "*b r"]) -> Float[Tensor, "*b"]:
        """Return the heading of the hand about base z, rad; without `heading_signs`, only modulo half a turn."""
        if not self.heading_signs:
            sine, cosine = robot[..., YAW].unbind(-1)
            return 0.5 * torch.atan2(sine, cosine)
        last, *before = [(i, sign) for i, sign in reversed(list(enumerate(self.heading_signs))) if sign]
        heading = robot[..., last[0]] if last[1] > 0 else -robot[..., last[0]]
        for index, sign in before:
            heading = heading + robot[..., index] if sign > 0 else heading - robot[..., index]
        return heading + self.heading_zero_rad if self.heading_zero_rad else heading


def name_codes() -> Float[Tensor, "24 10"]:
    """Return one-hot colour and kind of each of `NAMES`."""
    codes = torch.zeros(len(NAMES), CODE)
    for row, name in enumerate(NAMES):
        codes[row, COLOURS.index(name.split(" ")[0])] = 1.0
        codes[row, len(COLOURS) + KINDS.index(kind_of(name))] = 1.0
    return codes


def by_part(codes: Float[Tensor, "*b c"]) -> tuple[Float[Tensor, "*b 6"], Float[Tensor, "*b 4"]]:
    """Split codes, or their logits, into colour and kind."""
    return codes[..., : len(COLOURS)], codes[..., len(COLOURS) :]


def to_units(position_m: Float[Tensor, "*b 3"]) -> Float[Tensor, "*b 3"]:
    """Convert base-frame metres to the latent's units."""
    return (position_m - position_m.new_tensor(CENTRE_M)) / UNIT_M


def to_metres(position: Float[Tensor, "*b 3"]) -> Float[Tensor, "*b 3"]:
    """Convert the latent's units to base-frame metres."""
    return position * UNIT_M + position.new_tensor(CENTRE_M)


def _scale(name: str) -> tuple[float, float]:
    """Return centre and unit of a state component."""
    if name.endswith(("_x", "_y", "_z")):
        return CENTRE_M["xyz".index(name[-1])], UNIT_M
    return 0.0, 0.2 if name == "tilt" else 2.0 if name.startswith("dq") else 1.0


def split(z: Float[Tensor, "*b z"]) -> tuple[Float[Tensor, "*b r"], Float[Tensor, "*b k o"]]:
    """Split a latent into robot token and object tokens."""
    objects = SLOTS * OBJECT  # the rest is the robot token
    return z[..., :-objects], z[..., -objects:].unflatten(-1, (SLOTS, OBJECT))


def join(robot: Float[Tensor, "*b r"], objects: Float[Tensor, "*b k o"]) -> Float[Tensor, "*b z"]:
    """Join a robot token and object tokens to a latent."""
    return torch.cat([robot, objects.flatten(-2)], dim=-1)


def task_code(tasks: list[Task]) -> Float[Tensor, "b t"]:
    """Return goal points of tasks without wanted positions, which only a model can predict."""
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
    """Return the token whose name matches `code`; zeros if none does. Differentiable in both."""
    return pick_each(objects, code[:, None])[:, 0]


def pick_each(objects: Float[Tensor, "b k o"], codes: Float[Tensor, "b n c"]) -> Float[Tensor, "b n o"]:
    """Return the token whose name matches each of `codes`."""
    pairs = zip(by_part(codes), by_part(objects[..., CODES]), strict=True)
    colour, kind = (wanted @ named.transpose(1, 2) for wanted, named in pairs)  # (B, N, K)
    return ((colour * kind).unsqueeze(-1) * objects[:, None]).sum(
        -2
    )  # no matrix product: autocast would round positions
