"""What a sentence says before it is held against a scene: skill, object, target and direction, as classes."""

from dataclasses import dataclass

from robot_wm.tasks import COLOURS, DIRECTIONS, KINDS, SKILLS

SKILL_CLASSES = (*SKILLS, "none")  # none: not one of the skills
# missing: no colour said; other: "the other one"; unknown: a colour that none of our things has.
COLOUR_CLASSES = (*COLOURS, "missing", "other", "unknown")
# box: cube or bin, the scene tells; any: "one", "thing"; it: a pronoun; absent: not mentioned; unknown: a banana.
KIND_CLASSES = (*KINDS, "box", "any", "it", "absent", "unknown")
DIRECTION_CLASSES = (*DIRECTIONS, "none", "unknown")
SLOTS = {
    "skill": SKILL_CLASSES,
    "object_colour": COLOUR_CLASSES,
    "object_kind": KIND_CLASSES,
    "target_colour": COLOUR_CLASSES,
    "target_kind": KIND_CLASSES,
    "direction": DIRECTION_CLASSES,
}


@dataclass(frozen=True)
class Reading:
    """One class per slot of SLOTS. None where a slot says nothing (and is not trained)."""

    skill: str
    object_colour: str | None = None
    object_kind: str | None = None
    target_colour: str | None = None
    target_kind: str | None = None
    direction: str | None = None

    def indices(self) -> list[int]:
        """Class index per slot in the order of SLOTS, -100 (ignored by the loss) for None."""
        values = (getattr(self, slot) for slot in SLOTS)
        return [
            -100 if value is None else classes.index(value)
            for value, classes in zip(values, SLOTS.values(), strict=True)
        ]
