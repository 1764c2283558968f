"""Instructions are cut where one goal ends, put in the order of doing, and their gaps filled in."""

import pytest

from robot_wm.language.lexicon import Lexicon
from robot_wm.language.splitting import Splitter

WHOLE = ("left", "right", "forward", " in ", " on ", "lift", "touch", "home", "sing")


@pytest.fixture(scope="module")
def split() -> Splitter:
    """A splitter whose reader is a list of words that complete a goal."""
    return Splitter(Lexicon(), lambda clause: any(word in f"{clause} " for word in WHOLE))


A, B = "push the red cube left", "lift the green cube"


@pytest.mark.parametrize(
    "joint",
    [
        "{a}, then {b}",
        "{a} and then {b}",
        "{a} then {b}",
        "{a}. {b}",
        "{a}; {b}",
        "{a}. after that, {b}",
        "first {a}, then {b}",
        "{a} and {b}",
        "{a}, {b}",
        "{a}, and {b}",
        "please {a}. thanks. now {b}",
        "{a}, afterwards {b}",
        "before you {b}, {a}",
        "{b} after pushing the red cube left",
        "after pushing the red cube left, {b}",
        "1. {a} 2. {b}",
    ],
)
def test_two_goals_come_out_in_order_however_they_are_joined(split: Splitter, joint: str) -> None:
    clauses = [clause.removeprefix("please ").removeprefix("now ") for clause in split(joint.format(a=A, b=B))]
    assert clauses == [A, B]


@pytest.mark.parametrize(
    "text",
    [
        A,
        "to the left, push the red cube",
        "red cube, left please",
        "go and touch the red cube",
        "take the red cube and put it in the bin",
        "please, could you lift the red cube, thanks",
        "lift the red cube and hold it",
    ],
)
def test_one_goal_is_not_cut(split: Splitter, text: str) -> None:
    assert len(split(text)) == 1


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        (
            "put the red cube and the green cube in the bin",
            ["put the red cube in the bin", "put the green cube in the bin"],
        ),
        ("touch the red cube, then the blue one", ["touch the red cube", "touch the blue one"]),
        ("lift the red cube and the green cube", ["lift the red cube", "lift the green cube"]),
        ("push the red cube left, then right", ["push the red cube left", "push it right"]),
    ],
)
def test_left_out_words_are_filled_in(split: Splitter, text: str, clauses: list[str]) -> None:
    assert split(text) == clauses


def test_the_lexicon_says_things_in_their_simplest_words() -> None:
    lexicon = Lexicon()
    assert lexicon.simplest("push that tiny scarlet brick over there left") == "push the red cube left"
    assert lexicon.simplest("can you push the can to the left") == "can you push the cylinder to the left"
    assert lexicon.simplest("lift the lemon") == "lift the lemon"


def test_synonyms_of_the_held_out_split_can_be_withheld() -> None:
    assert Lexicon(("train",)).simplest("lift the scarlet cube") == "lift the scarlet cube"


def test_stand_ins_follow_the_order_of_appearance() -> None:
    hidden, stands_for = Lexicon().anonymous("put the purple cube on the orange pad")
    assert hidden == "put the red cube on the green pad" and stands_for == {"red": "purple", "green": "orange"}
