"""The skills, each declared once. Other layers bind what they know of a skill to these objects.

To add one, declare it here, append it to DECLARED, and bind it in `robot_wm.language.skills` (how people ask for it)
and `sim.skills` (judge, expert, feasibility). Models are trained on the order of DECLARED.
"""

from robot_wm.errors import UnknownNameError
from robot_wm.goals.skill import DirectionArgument, Skill, ThingArgument
from robot_wm.goals.things import KINDS, MOVABLE_KINDS

_MOVABLE = ThingArgument("object", MOVABLE_KINDS)

REACH = Skill("reach", "reach the {object}", (ThingArgument("object", KINDS),), from_start=True)
PUSH = Skill(
    "push", "push the {object} {direction}", (_MOVABLE, DirectionArgument()), from_start=True, accumulates=True
)
PUSH_TO = Skill("push_to", "push the {object} onto the {target}", (_MOVABLE, ThingArgument("target", ("pad",))))
LIFT = Skill("lift", "lift the {object}", (_MOVABLE,))
PLACE = Skill("place", "put the {object} in the {target}", (_MOVABLE, ThingArgument("target", ("bin",))))
STACK = Skill("stack", "stack the {object} on the {target}", (_MOVABLE, ThingArgument("target", ("cube",))))
HOME = Skill("home", "go home")
NONE = Skill("none", "nothing")  # refuse, and move nothing; also a goal that is not known

DECLARED = (REACH, PUSH, PUSH_TO, LIFT, PLACE, STACK, HOME)  # every skill that moves the arm; a one-hot's order
SKILLS = tuple(skill.name for skill in DECLARED)
_BY_NAME = {skill.name: skill for skill in (*DECLARED, NONE)}


def skill_named(name: object) -> Skill:
    """Return the declared skill of that name, NONE included. Raises UnknownNameError."""
    if name not in _BY_NAME:
        raise UnknownNameError("skill", str(name), _BY_NAME)
    return _BY_NAME[str(name)]
