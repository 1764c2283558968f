"""Laws of keys and scripts as policies."""

import numpy as np
import pytest

from robot_wm.agents.teleop import KEYS, Keyboard, Script, UntilOver
from robot_wm.types import ArmCommand, ArmState, Observation

SEEN = Observation({}, ArmState(np.zeros(5), np.zeros(5), None, 0.2, 0.0), ArmCommand(np.zeros(5), 0.2, 0.0))


def test_keys_add_up_and_opposite_ones_cancel() -> None:
    typed = iter(["", "wa", "ws", "wwww"])
    keyboard = Keyboard(lambda: next(typed))
    steps = [keyboard.decide(SEEN).action for _ in range(4)]
    assert steps[0].tolist() == [0, 0, 0, 0, 0.2]  # nothing pressed: the gripper as it is
    assert np.array_equal(steps[1][:4], KEYS["w"] + KEYS["a"])
    assert not steps[2][:4].any()
    assert np.array_equal(steps[3][:4], KEYS["w"])  # a key that repeats is one step a tick


def test_the_gripper_toggles_and_stays() -> None:
    typed = iter([" ", "", " ", "  "])
    keyboard = Keyboard(lambda: next(typed))
    assert [keyboard.decide(SEEN).action[4] for _ in range(4)] == [1.0, 1.0, 0.0, 0.0]


@pytest.mark.parametrize("key", ["x", "\x1b"])
def test_a_session_ends_by_key(key: str) -> None:
    keyboard = Keyboard(lambda: key)
    judge = UntilOver(keyboard)
    assert not judge.done
    keyboard.decide(SEEN)
    assert judge.done


def test_a_script_is_over_after_its_last_action() -> None:
    script = Script([np.full(5, 0.1), np.full(5, 0.2)])
    judge = UntilOver(script)
    assert [script.decide(SEEN).action[0], judge.done] == [0.1, False]
    assert [script.decide(SEEN).action[0], judge.done] == [0.2, True]
