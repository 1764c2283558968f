"""The records that cross the seams are frozen, all the way down."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from robot_wm.fake import fake_spec
from robot_wm.types import ArmCommand, ArmState, Frame, Observation


def test_arrays_are_copied_in_and_cannot_be_written() -> None:
    q = np.zeros(5)
    state = ArmState(q, q, None, 0.5, 0.0)
    q[0] = 1.0
    assert state.q_rad[0] == 0.0
    with pytest.raises(ValueError, match="read-only"):
        state.q_rad[0] = 1.0
    with pytest.raises(FrozenInstanceError):
        state.gripper = 1.0  # type: ignore[misc]


def test_an_observations_frames_cannot_be_changed() -> None:
    frames = {"overview": Frame(np.zeros((2, 2, 3), np.uint8), 0.0)}
    state = ArmState(np.zeros(5), np.zeros(5), None, 0.5, 0.0)
    observation = Observation(frames, state, ArmCommand(np.zeros(5), 0.5, 0.0))
    frames.clear()
    assert list(observation.frames) == ["overview"]
    with pytest.raises(TypeError):
        observation.frames["wrist"] = observation.frames["overview"]  # type: ignore[index]


def test_the_number_of_joints_is_that_of_their_names() -> None:
    assert fake_spec().n_joints == 5
