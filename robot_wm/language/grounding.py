"""Grounds an instruction in what is on the table: goals, or a refusal in words that a person understands.

Knows nothing of pictures: what is on the table is given as a probability for each of the 24 names.
"""

from collections.abc import Mapping
from pathlib import Path

from robot_wm.goals import Task, skill_named
from robot_wm.language import answers, objections
from robot_wm.language.encoder import SentenceEncoder
from robot_wm.language.interpreter import Interpretation, Interpreter
from robot_wm.language.normalise import Normaliser
from robot_wm.language.reading import Reading
from robot_wm.language.scene import Description, Discourse, Unresolved
from robot_wm.language.skills import TRANSPORT, spoken
from robot_wm.language.splitting import Splitter
from robot_wm.language.text import validated
from robot_wm.language.weights import LoadedReaders, load_readers
from robot_wm.records import Refusal, Understanding


class Grounding:
    """Understands instructions with a frozen sentence encoder and trained readers."""

    def __init__(self, encoder: SentenceEncoder, loaded: LoadedReaders, normalise: Normaliser | None = None) -> None:
        self._normalise = normalise or Normaliser(encoder.vocabulary)
        self._interpreter = Interpreter(encoder, loaded.readers, self._normalise.lexicon)
        self._threshold = loaded.threshold
        self._split = Splitter(self._normalise.lexicon, self._is_complete)

    @classmethod
    def load(cls, path: Path | None = None, encoder: SentenceEncoder | None = None) -> "Grounding":
        """Load the weights at `path` (None: the shipped ones) and an encoder (None: the installed MiniLM)."""
        return cls(encoder or SentenceEncoder(), load_readers(path))

    def understand(self, instruction: str, present: Mapping[str, float]) -> Understanding | Refusal:
        """Return the goals that an instruction asks for on this table, or why it is refused.

        Args:
            instruction: as typed, in English.
            present: thing's name -> probability that it is on the table.

        Raises:
            InstructionError: the instruction is empty, too long or not text.
        """
        text = self._normalise(validated(instruction))
        objection = objections.to_instruction(instruction)
        if objection is not None:
            return Refusal(objection.words, objection.reason)
        discourse = Discourse.of(present)
        tasks: list[Task] = []
        confidence = 1.0
        for clause in self._split(text):
            interpretation = self._interpreter.interpret(clause)
            task = self._ground(clause, interpretation, discourse)
            if isinstance(task, Refusal):
                return task
            if task not in tasks[-1:] or task.declaration.accumulates:  # all else is done already
                tasks.append(task)
            discourse = discourse.after(task.names)
            confidence *= interpretation.confidence * _presence(task, present)
        return Understanding(tuple(tasks), confidence, ", then ".join(task.words() for task in tasks))

    def _is_complete(self, clause: str) -> bool:
        reading = self._interpreter.interpret(clause).reading
        return reading.fault not in ("skill", "object", "target", "direction")

    def _ground(self, clause: str, interpretation: Interpretation, discourse: Discourse) -> Task | Refusal:
        reading = interpretation.reading
        if reading.fault is not None:
            return Refusal(answers.faulty(reading.fault, clause, discourse.seen), reading.fault)
        objection = objections.to_clause(clause, spoken(reading.skill).objections)
        if objection is not None:
            return Refusal(objection.words, objection.reason)
        if reading.skill in TRANSPORT and objections.moves_fixed_thing(clause):
            return Refusal(answers.faulty("fixed", clause, discourse.seen), "fixed")
        task = _resolve(reading, interpretation.skills, discourse)
        if isinstance(task, Unresolved):
            return Refusal(task.words, task.reason)
        if interpretation.confidence < self._threshold:
            return Refusal(answers.unsure(clause, task.words()), "unsure")
        return task


def _presence(task: Task, present: Mapping[str, float]) -> float:
    share = 1.0
    for name in task.names:
        share *= present[name]
    return share


def _resolve(reading: Reading, skills: Mapping[str, float], discourse: Discourse) -> Task | Unresolved:
    """Return the goal that a reading without fault means on this table."""
    skill = skill_named(reading.skill)
    if not skill.arguments:
        return Task(skill.name)
    thing = Description(str(reading.object_colour), str(reading.object_kind), skill.kinds("object"))
    if skill.takes("target"):
        return _resolve_transport(reading, skills, thing, discourse)
    name = discourse.resolve(thing)
    if isinstance(name, Unresolved):
        return name
    return Task(skill.name, name, direction=reading.direction if skill.takes("direction") else None)


def _resolve_transport(
    reading: Reading, skills: Mapping[str, float], thing: Description, discourse: Discourse
) -> Task | Unresolved:
    """Resolve object and target, the better named of the two first; the target's kind tells the skill."""
    likely = sorted(TRANSPORT, key=lambda skill: -skills[skill])
    answer: Task | Unresolved | None = None
    for skill in likely:  # a target called "one" or "it" may be of several kinds: the likeliest that is there
        where = Description(str(reading.target_colour), str(reading.target_kind), TRANSPORT[skill].kinds("target"))
        pair = _pair(thing, where, discourse)
        if not isinstance(pair, Unresolved):
            return Task(skill, pair[0], pair[1])
        answer = answer if answer is not None and pair.reason == "absent" else pair
    assert answer is not None
    return answer


def _pair(thing: Description, where: Description, discourse: Discourse) -> tuple[str, str] | Unresolved:
    target_first = where.is_named and not thing.is_named
    first = discourse.resolve(where if target_first else thing)
    if isinstance(first, Unresolved):
        return first
    second = discourse.resolve(thing if target_first else where, taken=first)
    if isinstance(second, Unresolved):
        return second
    return (second, first) if target_first else (first, second)
