"""Input is checked, cleaned and spelt before it is read."""

import pytest

from robot_wm.errors import InstructionError
from robot_wm.language.text import Speller, clean, slip_distance, validated


@pytest.mark.parametrize(
    ("received", "complaint"),
    [
        ("", "empty"),
        (" \n\t ", "empty"),
        ("x" * 10_000, "10,000 characters"),
        (b"lift the red cube", "received bytes"),
        (None, "received NoneType"),
        ("lift\x00 the cube", "not text"),
        ("lift \udcff the cube", "not text"),
    ],
)
def test_what_is_no_instruction_is_an_error_that_says_so(received: object, complaint: str) -> None:
    with pytest.raises(InstructionError, match=complaint) as raised:
        validated(received)
    assert raised.value.exit_status == 2


def test_a_thousand_characters_are_allowed() -> None:
    assert validated("a" * 1000) == "a" * 1000


@pytest.mark.parametrize("text", ["Push  THE red cube…", "  lift “it” !!", "move 3.5 cm left"])
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


def test_numbers_keep_their_point() -> None:
    assert clean("move it 3.5 cm. Then stop.") == "move it 3.5 cm. then stop."


def test_typos_near_a_word_of_ours_are_mended_and_english_is_left_alone() -> None:
    speller = Speller({"push", "the", "cat", "curb", "banana", "list"})
    assert speller("puhs teh gren cylnder leftt") == "push the green cylinder left"
    assert speller("list the banana") == "list the banana"


def test_slips_are_counted_as_fingers_make_them() -> None:
    assert slip_distance("puhs", "push", 2) == 1
    assert slip_distance("cub", "cube", 2) == 1
    assert slip_distance("red", "red", 2) == 0
    assert slip_distance("banana", "cube", 2) > 2
