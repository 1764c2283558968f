"""What a clause says before it is held against a scene: skill, object, target and direction, as classes."""

from dataclasses import dataclass

from robot_wm.goals import COLOURS, DIRECTIONS, KINDS, MOVABLE_KINDS, SKILLS

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
# Skills that carry a thing to another; which one it is, the target's kind tells.
TRANSPORT = {"place": "bin", "stack": "cube", "push_to": "pad"}


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

    @property
    def slots(self) -> tuple[str, ...]:
        """Slots that matter for the skill."""
        if self.skill in ("none", "home"):
            return ("skill",)
        named = ("skill", "object_colour", "object_kind")
        if self.skill in TRANSPORT:
            return (*named, "target_colour", "target_kind")
        return (*named, "direction") if self.skill == "push" else named

    @property
    def fault(self) -> str | None:
        """Why no table at all could satisfy it, or None.

        One of skill, thing, colour, object, target, direction, way, fixed (it cannot be moved), base (no stack on it).
        """
        if self.skill == "none":
            return "skill"
        if self.skill == "home":
            return None
        faults = (
            ("thing", self.object_kind == "unknown"),
            ("colour", self.object_colour == "unknown"),
            ("object", self.object_kind == "absent"),
            ("fixed", self.skill != "reach" and self.object_kind in KINDS and self.object_kind not in MOVABLE_KINDS),
            *(self._target_faults() if self.skill in TRANSPORT else ()),
            ("direction", self.skill == "push" and self.direction == "none"),
            ("way", self.skill == "push" and self.direction == "unknown"),
        )
        return next((name for name, is_so in faults if is_so), None)

    def _target_faults(self) -> tuple[tuple[str, bool], ...]:
        return (
            ("thing", self.target_kind == "unknown"),
            ("colour", self.target_colour == "unknown"),
            ("target", self.target_kind == "absent"),
            ("base", self.target_kind == "cylinder"),
        )
