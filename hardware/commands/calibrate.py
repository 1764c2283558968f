"""`robot-wm arm calibrate`: guided, and taken up again where it was left. Writes the arm's file and servos' EEPROM.

For each joint a person moves it by hand to the middle, where (on STS servos) the encoder's seam is put half a turn
away, then through all of its range. The middle of the range is the middle of the model's range; the limits go into the
servo too, so that it keeps them by itself.
"""

import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import tyro

from hardware.arm.calibration import (
    TURN_TICKS,
    Calibration,
    JointCalibration,
    JointModel,
    from_lerobot,
    save_calibration,
)
from hardware.arm.config import SerialArmConfig, calibration_path
from hardware.arm.servo_family import POSITION, TORQUE, family_of
from hardware.arm.start_stop import release
from hardware.bus import NoReplyError, ServoBus
from hardware.commands.common import open_arm_bus, select_arm
from robot_wm.config import load_config
from robot_wm.errors import ConfigError, DeviceError

Ask = Callable[[str], str]
LEAST_TICKS = 300  # a joint that was moved through less than 26 degrees was not moved through its range
_CENTRE = TURN_TICKS // 2
_OFFSET_MAX = _CENTRE - 1
_POLL_S = 0.02
_EEPROM_S = 0.3  # a read sooner after a write has been seen to return 0


@dataclass(frozen=True)
class CalibrateArguments:
    """Find out where each joint's ticks are in radians. The arm is released: support it before you begin."""

    port: str | None = None  # of the arm; without: the one in its file
    arm: str = "so101"  # a name, or its YAML file
    anew: bool = False  # forget what an interrupted calibration has found


def main(argv: list[str]) -> int:
    """Exit status 0 when the file is written."""
    args = tyro.cli(CalibrateArguments, args=argv, prog="robot-wm arm calibrate")
    if not sys.stdin.isatty():
        raise ConfigError("calibration asks questions; run it in a terminal")
    arm = select_arm(args.arm, args.port)
    path = calibration_path(arm.config)
    if args.anew:
        partial_path(path).unlink(missing_ok=True)
    with open_arm_bus(arm) as bus:
        calibrate(bus, arm.config, path, input)
    return 0


def calibrate(bus: ServoBus, config: SerialArmConfig, path: Path, ask: Ask) -> Calibration:
    """Joint after joint; what is found is kept at once, so that Ctrl-C costs one joint. Raises DeviceError."""
    ask("The arm will be released and may sink: hold it. Enter to go on, Ctrl-C to leave. ")
    if held := release(bus, config.servos):
        raise DeviceError(f"not released: {', '.join(config.name_of(servo) for servo in held)}; cut the power")
    done = _found_before(partial_path(path))
    for joint in config.all_joints:
        if joint.name not in done:
            done[joint.name] = _joint(bus, config, joint, ask)
            save_calibration(Calibration(config.name, tuple(done.values())), partial_path(path))
    calibration = Calibration(config.name, tuple(done[joint.name] for joint in config.all_joints))
    save_calibration(calibration, path)
    partial_path(path).unlink(missing_ok=True)
    print(f"written: {path}")
    return calibration


def partial_path(path: Path) -> Path:
    """Where an unfinished calibration is kept."""
    return path.with_name(f"{path.stem}.unfinished.yaml")


def _found_before(path: Path) -> dict[str, JointCalibration]:
    if not path.is_file():
        return {}
    found = load_config(Calibration, path).joints
    print(f"going on where the last one ended; known already: {', '.join(joint.name for joint in found)}")
    return {joint.name: joint for joint in found}


def _joint(bus: ServoBus, config: SerialArmConfig, joint: JointModel, ask: Ask) -> JointCalibration:
    name = config.name_of(joint.servo)
    _prepare(bus, config, joint.servo)
    ask(f"{name}: move it to the middle of its range and hold it there. Enter. ")
    offset = _centre(bus, config, joint.servo)
    while True:
        low, high = _range(bus, joint.servo, ask, f"{name}: move it slowly from end to end and back. Enter when done. ")
        if high - low >= LEAST_TICKS:
            break
        print(f"{name} moved by {high - low} ticks only (at least {LEAST_TICKS}); once more, all the way")
    if high - low >= TURN_TICKS - 1 or low < 0 or high >= TURN_TICKS:
        raise ConfigError(f"{name} went over 0/4095 ({low} to {high}): begin nearer to the middle of its range")
    _write(bus, config, joint.servo, {"min_position": low, "max_position": high})
    values = {"id": joint.servo, "drive_mode": 0, "homing_offset": offset, "range_min": low, "range_max": high}
    return from_lerobot({joint.name: values}, (joint,), config.name, "calibration").joints[0]


def _prepare(bus: ServoBus, config: SerialArmConfig, servo: int) -> None:
    """One turn, position mode, no limits of its own yet."""
    family = family_of(config.protocol)
    settings = {"operating_mode": family.position_mode, "min_position": 0, "max_position": TURN_TICKS - 1}
    if family.multi_turn_bit:
        settings["phase"] = bus.read(servo, "phase") & ~family.multi_turn_bit
    _write(bus, config, servo, settings)


def _centre(bus: ServoBus, config: SerialArmConfig, servo: int) -> int:
    """Put the seam opposite to where the joint is held, where the family can; the offset that the servo has then."""
    offset, here = bus.read(servo, "homing_offset"), bus.read(servo, POSITION)
    if family_of(config.protocol).eeprom_lock:  # present = actual - offset
        wanted = (offset + here - _CENTRE + _CENTRE) % TURN_TICKS - _CENTRE
        offset = max(-_OFFSET_MAX, min(_OFFSET_MAX, wanted))
        _write(bus, config, servo, {"homing_offset": offset})
    return offset


def _write(bus: ServoBus, config: SerialArmConfig, servo: int, settings: dict[str, int]) -> None:
    """Write to EEPROM and read back. Raises DeviceError where it did not take."""
    lock = family_of(config.protocol).eeprom_lock
    if bus.read(servo, TORQUE):
        raise DeviceError(f"{config.name_of(servo)} is energised; release the arm first: robot-wm arm release")
    if lock:
        bus.write(servo, lock, 0)
    try:
        for register, value in settings.items():
            if bus.read(servo, register) != value:
                bus.write(servo, register, value)
                time.sleep(_EEPROM_S)
    finally:
        if lock:
            bus.write(servo, lock, 1)
    wrong = [register for register, value in settings.items() if bus.read(servo, register) != value]
    if wrong:
        raise DeviceError(f"{config.name_of(servo)} did not keep {', '.join(wrong)}; try again")


def _range(bus: ServoBus, servo: int, ask: Ask, words: str) -> tuple[int, int]:
    """The lowest and highest tick that a joint is seen at until a person says so, unwrapped as it goes."""
    answered, left = threading.Event(), list[BaseException]()

    def wait() -> None:
        try:
            ask(words)
        except BaseException as error:  # Ctrl-D, say: it is told to the thread that waits
            left.append(error)
        finally:
            answered.set()

    threading.Thread(target=wait, name="question", daemon=True).start()
    last = low = high = bus.read(servo, POSITION)
    while not answered.is_set():
        here = last
        with suppress(NoReplyError):  # the next one will come
            here = bus.read(servo, POSITION)
        last += (here - last + _CENTRE) % TURN_TICKS - _CENTRE
        low, high = min(low, last), max(high, last)
        time.sleep(_POLL_S)
    if left:
        raise left[0]
    return low, high
