"""With the shipped weights: what people type becomes the goal they mean, however it looks, or a helpful refusal."""

import json
from pathlib import Path

import numpy as np
import pytest

from robot_wm.errors import InstructionError
from robot_wm.goals import NAMES, Task
from robot_wm.language.grounding import Grounding
from robot_wm.records import Refusal, Understanding

TABLE = {"red cube": 0.98, "green cube": 0.97, "yellow cylinder": 0.99, "blue bin": 0.96, "orange pad": 0.98}
PUSH = Task("push", "red cube", direction="left")


def understood(grounding: Grounding, text: str, table: dict[str, float] | None = None) -> tuple[Task, ...]:
    answer = grounding.understand(text, table or TABLE)
    assert isinstance(answer, Understanding), f"{text!r} refused: {answer.words}"
    return answer.tasks


@pytest.mark.parametrize(
    "text",
    [
        "push the red cube left",
        "PUSH THE RED CUBE LEFT",
        "Push the red cube left.",
        "push teh red cub leftt",
        "puhs teh red cube left",
        "please push the red cube left",
        "could you push the red cube to the left?",
        "left, push the red cube",
        "  push   the red   cube left !!",
        "hey robot, push the red cube leftwards, thanks",
        "red cube left",
        "shove the crimson block to your left",
    ],
)
def test_looks_do_not_matter(grounding: Grounding, text: str) -> None:
    assert understood(grounding, text) == (PUSH,)


@pytest.mark.parametrize(
    "text",
    [
        "excuse me, {}",
        "good morning! {}",
        "please, if you would be so kind, {}",
        "if you don't mind, {}",
        "{}, if it's not too much trouble",
        "when you get a chance, {}",
        "hey there, {}, that would be great",
    ],
)
def test_politeness_does_not_matter(grounding: Grounding, text: str) -> None:
    assert understood(grounding, text.format("push the red cube left")) == (PUSH,)


@pytest.mark.parametrize("name", NAMES)
def test_every_thing_can_be_named(grounding: Grounding, name: str) -> None:
    assert understood(grounding, f"touch the {name}", {name: 0.9}) == (Task("reach", name),)


@pytest.mark.parametrize("direction", ["left", "right", "forward", "backward"])
def test_every_direction_is_read(grounding: Grounding, direction: str) -> None:
    assert understood(grounding, f"push the green cube {direction}") == (Task("push", "green cube", None, direction),)


@pytest.mark.parametrize(
    ("text", "task"),
    [
        ("put the cylinder in the bin", Task("place", "yellow cylinder", "blue bin")),
        ("stack the red cube on the green one", Task("stack", "red cube", "green cube")),
        ("put the green one on top of the red one", Task("stack", "green cube", "red cube")),
        ("slide the cylinder onto the pad", Task("push_to", "yellow cylinder", "orange pad")),
        ("lift the red one", Task("lift", "red cube")),
        ("go back to your rest position", Task("home")),
    ],
)
def test_what_is_unique_need_not_be_named_in_full(grounding: Grounding, text: str, task: Task) -> None:
    assert understood(grounding, text) == (task,)


def test_two_goals_are_done_in_order_and_it_is_what_was_spoken_of(grounding: Grounding) -> None:
    tasks = understood(grounding, "lift the red cube and put it in the blue bin, then push the green one left")
    assert [task.skill for task in tasks] == ["lift", "place", "push"]
    assert tasks[1].object == "red cube" and tasks[2].object == "green cube"


def test_what_is_said_twice_is_done_once_but_for_pushes(grounding: Grounding) -> None:
    push = Task("push", "red cube", direction="left")
    assert understood(grounding, "pick up the red cube and lift the red cube") == (Task("lift", "red cube"),)
    assert understood(grounding, "push the red cube left, then push the red cube left") == (push, push)


def test_words_and_confidence_speak_of_the_goals(grounding: Grounding) -> None:
    answer = grounding.understand("lift the red cube, then go home", TABLE)
    assert isinstance(answer, Understanding)
    assert answer.words == "lift the red cube, then go home" and 0.3 < answer.confidence <= 1.0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("make coffee", "I can reach, push, lift, place, stack and go home; I don't know how to make coffee"),
        ("could you please make coffee", "I don't know how to make coffee"),
        ("I want you to make coffee", "I don't know how to make coffee"),
        ("hello robot", "I don't know what to do about 'hello robot'"),
        ("hello", "I don't know what to do about 'hello'"),
        ("what do you see?", "I don't know what to do about 'what do you see'"),
        ("lift the purple cube", "I see no purple cube; I see a red cube"),
        ("lift the cube", "two cubes, red and green: which one?"),
        ("lift the blue bin", "only move cubes and cylinders"),
        ("lift the banana", "I see a red cube"),
        ("push the red cube", "left, right, forward or backward"),
        ("stack the red cube on the yellow cylinder", "only stack on a cube"),
    ],
)
def test_refusals_say_why_and_what_is_seen(grounding: Grounding, text: str, says: str) -> None:
    answer = grounding.understand(text, TABLE)
    assert isinstance(answer, Refusal) and says in answer.words


def test_an_empty_table_is_said_to_be_empty(grounding: Grounding) -> None:
    answer = grounding.understand("lift the red cube", {})
    assert isinstance(answer, Refusal) and answer.words == "I see no red cube; I see nothing on the table."


def test_one_impossible_goal_stops_all(grounding: Grounding) -> None:
    assert isinstance(grounding.understand("lift the red cube, then make coffee", TABLE), Refusal)


def test_what_is_no_instruction_is_an_error(grounding: Grounding) -> None:
    for received in ("", "x" * 10_000):
        with pytest.raises(InstructionError):
            grounding.understand(received, TABLE)


def test_the_same_words_are_understood_alike_each_time(grounding: Grounding) -> None:
    first, again = (grounding.understand("put the red cube in the bin", TABLE) for _ in range(2))
    assert first == again


def test_a_sample_of_the_hand_written_instructions(grounding: Grounding) -> None:
    lines = (Path(__file__).parent / "handwritten.jsonl").read_text(encoding="utf-8").splitlines()
    sample = np.random.default_rng(0).choice(lines, 60, replace=False)
    assert np.mean([is_right(grounding, json.loads(line)) for line in sample]) >= 0.93


def is_right(grounding: Grounding, line: dict) -> bool:  # type: ignore[type-arg]
    """Whether a line of an instructions file is understood as meant."""
    goals = line["goal"] if isinstance(line["goal"], list) else [line["goal"]]
    answer = grounding.understand(line["instruction"], dict.fromkeys(line["scene"], 0.98))
    if isinstance(answer, Refusal):
        return goals == [{"skill": "none"}]
    return [task.to_json() for task in answer.tasks] == goals


def test_a_thing_hardly_seen_is_meant_by_who_names_it_and_by_nobody_else(grounding: Grounding) -> None:
    doubted = {**TABLE, "purple cube": 0.3, "purple pad": 0.1}
    assert understood(grounding, "lift the purple cube", doubted) == (Task("lift", "purple cube"),)
    assert understood(grounding, "lift the cylinder", {**TABLE, "blue cylinder": 0.3}) == (
        Task("lift", "yellow cylinder"),
    )
    assert isinstance(grounding.understand("touch the purple pad", doubted), Refusal)
    assert understood(grounding, "lift the red one", {**TABLE, "red cylinder": 0.3}) == (Task("lift", "red cube"),)
