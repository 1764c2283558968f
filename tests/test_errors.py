"""Errors name the offender, what is known, and the nearest; each says what the process exits with."""

import pytest

from robot_wm import errors
from robot_wm.errors import DeviceError, RefusedError, RobotWMError, UnknownNameError


def test_an_unknown_name_lists_the_known_ones_and_the_nearest() -> None:
    error = UnknownNameError("arm", "mujocco", ["so101", "mujoco"], "Or give a file.")
    assert str(error) == "unknown arm 'mujocco'; known: mujoco, so101. Did you mean 'mujoco'? Or give a file."


def test_where_nothing_is_near_nothing_is_guessed() -> None:
    assert str(UnknownNameError("arm", "x", ["mujoco"])) == "unknown arm 'x'; known: mujoco."


@pytest.mark.parametrize(("kind", "status"), [(RobotWMError, 2), (RefusedError, 4), (DeviceError, 5)])
def test_exit_statuses(kind: type[RobotWMError], status: int) -> None:
    assert kind.exit_status == status


def test_every_error_has_the_one_root() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    assert len(kinds) > 5
    assert all(issubclass(kind, RobotWMError) for kind in kinds)
