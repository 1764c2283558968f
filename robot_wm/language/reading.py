"""The reading of a clause before it is grounded in a scene: skill, object, target and direction, as classes."""

from dataclasses import dataclass

from robot_wm.goals import COLOURS, DIRECTIONS, KINDS, NONE, SKILLS, skill_named

SKILL_CLASSES = (*SKILLS, NONE.name)  # the last: not one of the skills
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
        """Return the class index per slot in the order of SLOTS, -100 (ignored by the loss) for None."""
        values = (getattr(self, slot) for slot in SLOTS)
        return [
            -100 if value is None else classes.index(value)
            for value, classes in zip(values, SLOTS.values(), strict=True)
        ]

    @property
    def slots(self) -> tuple[str, ...]:
        """The slots that matter for the skill."""
        skill = skill_named(self.skill)
        things = [
            slot for role in ("object", "target") if skill.takes(role) for slot in (f"{role}_colour", f"{role}_kind")
        ]
        return ("skill", *things, *(("direction",) if skill.takes("direction") else ()))

    @property
    def fault(self) -> str | None:
        """Why no table at all could satisfy it, or None.

        One of skill, thing, colour, object, target, direction, way, fixed (it cannot be moved), base (no stack on it).
        """
        skill = skill_named(self.skill)
        if skill is NONE:
            return "skill"
        faults = (
            *(self._object_faults(skill.kinds("object")) if skill.takes("object") else ()),
            *(self._target_faults() if skill.takes("target") else ()),
            ("direction", skill.takes("direction") and self.direction == "none"),
            ("way", skill.takes("direction") and self.direction == "unknown"),
        )
        return next((name for name, is_so in faults if is_so), None)

    def _object_faults(self, allowed: tuple[str, ...]) -> tuple[tuple[str, bool], ...]:
        return (
            ("thing", self.object_kind == "unknown"),
            ("colour", self.object_colour == "unknown"),
            ("object", self.object_kind == "absent"),
            ("fixed", self.object_kind in KINDS and self.object_kind not in allowed),
        )

    def _target_faults(self) -> tuple[tuple[str, bool], ...]:
        return (
            ("thing", self.target_kind == "unknown"),
            ("colour", self.target_colour == "unknown"),
            ("target", self.target_kind == "absent"),
            ("base", self.target_kind == "cylinder"),
        )
