"""Arm replay on the serial driver over an emulated bus: it follows, and a servo that is stuck stops it."""

from pathlib import Path

from hardware.emulator.faults import Fault, FaultSchedule
from hardware.station import EmulatedStation, emulated_station
from robot_wm.errors import DeviceError
from robot_wm.log.read import load_log
from robot_wm.replay.arm import Manner
from robot_wm.replay.arm_run import replay_on_arm
from robot_wm.replay.keys import NoControls


def test_an_emulated_arm_follows_within_the_bound(hand_file: Path) -> None:
    outcome = replay_on_arm(load_log(hand_file), emulated_station("tabletop"), Manner(approach=True), NoControls())
    assert outcome.exit_status == 0, outcome.words
    assert 0.0 < outcome.values["tracking_max_rad"] <= outcome.values["bound_rad"]


def test_a_stuck_servo_stops_it(hand_file: Path) -> None:
    """By the bound, or by the driver's own guard where that is quicker."""
    stuck = FaultSchedule((Fault("stuck", servos=(2, 3), from_s=0.8),))
    words = how_it_ended(hand_file, emulated_station("tabletop", stuck))
    assert "shoulder_lift" in words or "elbow_flex" in words


def how_it_ended(log: Path, station: EmulatedStation) -> str:
    """The verdict where it does not hold, or the arm's fault."""
    try:
        outcome = replay_on_arm(load_log(log), station, Manner(approach=True, bound_rad=0.08), NoControls())
    except DeviceError as error:
        return str(error)
    return outcome.words if outcome.exit_status == 3 else "nothing stopped it"
