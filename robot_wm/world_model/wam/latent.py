"""How the WAM's latent is laid out, and how things are written in it.

z is one flat vector: a robot token, then `SLOTS` object tokens. Parts of it mean something (positions, sizes), the
rest is learned. Lengths are in units of `UNIT_M`, positions relative to `CENTRE_M`, so that all numbers are near 1.

    robot token   state (23, scaled) | learned (ROBOT_LEARNED)
    object token  presence 1 | position 3 | log scale 1 | half width 1 | cos, sin of 4 yaw | colour 6 | kind 4 | learned
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from robot_wm.actions import STATE_NAMES
from robot_wm.goals import COLOURS, DIRECTIONS, KINDS, NAMES, SKILLS, Task, kind_of

CENTRE_M = (0.20, 0.0, 0.03)
UNIT_M = 0.1
SLOTS = 5  # things followed at once
EMPTY = -1  # what stands for a row of NAMES where a slot follows nothing
ROBOT_LEARNED = 41
OBJECT_LEARNED = 14
STATE = len(STATE_NAMES)
ROBOT = STATE + ROBOT_LEARNED
PHYSICAL = 8  # presence, position, log scale, half width, cos and sin of 4 yaw
CODE = len(COLOURS) + len(KINDS)  # one-hot colour and kind: the token's name
OBJECT = PHYSICAL + CODE + OBJECT_LEARNED
Z = ROBOT + SLOTS * OBJECT

JOINTS = slice(0, 5)
TOOL = slice(STATE_NAMES.index("tool_x"), STATE_NAMES.index("tool_x") + 3)
SENT = slice(STATE_NAMES.index("sent_x"), STATE_NAMES.index("sent_x") + 3)
POSITION = slice(1, 4)
CODES = slice(PHYSICAL, PHYSICAL + CODE)

GOAL_SKILL = slice(0, len(SKILLS))
GOAL_DIRECTION = slice(GOAL_SKILL.stop, GOAL_SKILL.stop + 2)
GOAL_OBJECT = slice(GOAL_DIRECTION.stop, GOAL_DIRECTION.stop + CODE)
GOAL_TARGET = slice(GOAL_OBJECT.stop, GOAL_OBJECT.stop + CODE)
GOAL_WANTED = slice(GOAL_TARGET.stop, GOAL_TARGET.stop + 3)  # where the object shall be
GOAL_JOINTS = slice(GOAL_WANTED.stop, GOAL_WANTED.stop + 5)  # of the arm, where the goal is a pose of it: home
G = GOAL_JOINTS.stop


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
    """The middle and the unit of one of `STATE_NAMES`."""
    if name.endswith(("_x", "_y", "_z")):
        return CENTRE_M["xyz".index(name[-1])], UNIT_M
    return 0.0, 0.2 if name == "tilt" else 2.0 if name.startswith("dq") else 1.0


_MIDDLES, _UNITS = zip(*map(_scale, STATE_NAMES), strict=True)


def scale_state(state: Float[Tensor, "*b s"]) -> Float[Tensor, "*b s"]:
    """Proprioception (`STATE_NAMES`, SI units) to numbers near 1."""
    return (state - state.new_tensor(_MIDDLES)) / state.new_tensor(_UNITS)


def split(z: Float[Tensor, "*b z"]) -> tuple[Float[Tensor, "*b r"], Float[Tensor, "*b k o"]]:
    """Robot token and object tokens of a latent."""
    return z[..., :ROBOT], z[..., ROBOT:].unflatten(-1, (SLOTS, OBJECT))


def join(robot: Float[Tensor, "*b r"], objects: Float[Tensor, "*b k o"]) -> Float[Tensor, "*b z"]:
    """The latent of a robot token and object tokens."""
    return torch.cat([robot, objects.flatten(-2)], dim=-1)


def task_code(tasks: list[Task]) -> Float[Tensor, "b g"]:
    """Goal points of tasks, all but where the object or the arm shall be (left at 0: only a model can say)."""
    points = torch.zeros(len(tasks), G)
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
