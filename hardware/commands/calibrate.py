"""`robot-wm arm calibrate`: interactive calibration that can be resumed. Writes the arm's file and servos' EEPROM.

A person moves each joint by hand to the middle of its range, where (on STS servos) the encoder's wrap is moved half a
turn away, and then through the full range. The middle of the measured range is the middle of the model's range. The
measured limits are also written to the servo, which then enforces them itself.
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

Ask = Callable[[str], str]  # shows a prompt and waits for a line, like `input`
MIN_RANGE_TICKS = 300  # a joint moved by less than 26 degrees was not moved through its range
_CENTRE = TURN_TICKS // 2
_OFFSET_MAX = _CENTRE - 1
_POLL_S = 0.02
_EEPROM_S = 0.3  # an earlier read after a write was observed to return 0


@dataclass(frozen=True)
class CalibrateArguments:
    """Calibrate each joint interactively. The arm is released: support it before you start.

    Can be interrupted; run it again to resume.
    """

    port: str | None = None  # serial port of the arm; default: the one in its file
    arm: str = "so101"  # name of the arm, or its YAML file
    anew: bool = False  # start from the first joint instead of resuming an interrupted calibration


def main(argv: list[str]) -> int:
    """Return exit status 0 once the file is written."""
    args = tyro.cli(CalibrateArguments, args=argv, prog="robot-wm arm calibrate")
    if not sys.stdin.isatty():
        raise ConfigError("calibration is interactive; run it in a terminal")
    arm = select_arm(args.arm, args.port)
    path = calibration_path(arm.config)
    if args.anew:
        partial_path(path).unlink(missing_ok=True)
    with open_arm_bus(arm) as bus:
        calibrate(bus, arm.config, path, input)
    return 0


def calibrate(bus: ServoBus, config: SerialArmConfig, path: Path, ask: Ask) -> Calibration:
    """Calibrate all joints; each is saved at once, so that an interruption loses only one joint.

    Args:
        bus: of the arm.
        config: of the arm.
        path: of the calibration file.
        ask: shows a prompt and waits for Enter.

    Raises:
        DeviceError: when a servo cannot be released or configured.
        ConfigError: when a joint's range crosses the encoder's wrap.
    """
    ask("The arm will be released and may sink: hold it. Press Enter to continue, Ctrl-C to quit. ")
    if servos := release(bus, config.servos):
        raise DeviceError(f"not released: {', '.join(config.name_of(servo) for servo in servos)}; cut the power")
    done = _load_partial(partial_path(path))
    for joint in config.all_joints:
        if joint.name not in done:
            done[joint.name] = _joint(bus, config, joint, ask)
            save_calibration(Calibration(config.name, tuple(done.values())), partial_path(path))
    calibration = Calibration(config.name, tuple(done[joint.name] for joint in config.all_joints))
    save_calibration(calibration, path)
    partial_path(path).unlink(missing_ok=True)
    print(f"calibration written to {path}")
    return calibration


def partial_path(path: Path) -> Path:
    """Return the path of an unfinished calibration."""
    return path.with_name(f"{path.stem}.unfinished.yaml")


def _load_partial(path: Path) -> dict[str, JointCalibration]:
    if not path.is_file():
        return {}
    found = load_config(Calibration, path).joints
    print(f"resuming; already calibrated: {', '.join(joint.name for joint in found)}")
    return {joint.name: joint for joint in found}


def _joint(bus: ServoBus, config: SerialArmConfig, joint: JointModel, ask: Ask) -> JointCalibration:
    name = config.name_of(joint.servo)
    _prepare(bus, config, joint.servo)
    ask(f"{name}: move it to the middle of its range, hold it there and press Enter. ")
    offset = _centre(bus, config, joint.servo)
    while True:
        low, high = _range(
            bus, joint.servo, ask, f"{name}: move it slowly from end to end and back, then press Enter. "
        )
        if high - low >= MIN_RANGE_TICKS:
            break
        print(f"{name} moved by only {high - low} ticks (at least {MIN_RANGE_TICKS}); repeat with the full range")
    if high - low >= TURN_TICKS - 1 or low < 0 or high >= TURN_TICKS:
        raise ConfigError(f"{name} crossed 0/4095 ({low} to {high}); start again, nearer to the middle of its range")
    _write(bus, config, joint.servo, {"min_position": low, "max_position": high})
    values = {"id": joint.servo, "drive_mode": 0, "homing_offset": offset, "range_min": low, "range_max": high}
    return from_lerobot({joint.name: values}, (joint,), config.name, "calibration").joints[0]


def _prepare(bus: ServoBus, config: SerialArmConfig, servo: int) -> None:
    """Set a servo to one turn, position mode and full position limits."""
    family = family_of(config.protocol)
    settings = {"operating_mode": family.position_mode, "min_position": 0, "max_position": TURN_TICKS - 1}
    if family.multi_turn_bit:
        settings["phase"] = bus.read(servo, "phase") & ~family.multi_turn_bit
    _write(bus, config, servo, settings)


def _centre(bus: ServoBus, config: SerialArmConfig, servo: int) -> int:
    """Move the encoder's wrap opposite to the present position, if the family can; return the servo's offset."""
    offset, here = bus.read(servo, "homing_offset"), bus.read(servo, POSITION)
    if family_of(config.protocol).eeprom_lock:  # present = actual - offset
        wanted = (offset + here - _CENTRE + _CENTRE) % TURN_TICKS - _CENTRE
        offset = max(-_OFFSET_MAX, min(_OFFSET_MAX, wanted))
        _write(bus, config, servo, {"homing_offset": offset})
    return offset


def _write(bus: ServoBus, config: SerialArmConfig, servo: int, settings: dict[str, int]) -> None:
    """Write to EEPROM and read back. Raises DeviceError if a value is not kept."""
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
    failed = [register for register, value in settings.items() if bus.read(servo, register) != value]
    if failed:
        raise DeviceError(f"{config.name_of(servo)} did not keep {', '.join(failed)}; try again")


def _range(bus: ServoBus, servo: int, ask: Ask, prompt: str) -> tuple[int, int]:
    """Return the lowest and highest position until a person answers `prompt`, in unwrapped ticks."""
    answered, errors = threading.Event(), list[BaseException]()

    def wait() -> None:
        try:
            ask(prompt)
        except BaseException as error:  # such as Ctrl-D: raised in the main thread below
            errors.append(error)
        finally:
            answered.set()

    threading.Thread(target=wait, name="question", daemon=True).start()
    last = low = high = bus.read(servo, POSITION)
    while not answered.is_set():
        here = last
        with suppress(NoReplyError):  # the next reply will do
            here = bus.read(servo, POSITION)
        last += (here - last + _CENTRE) % TURN_TICKS - _CENTRE
        low, high = min(low, last), max(high, last)
        time.sleep(_POLL_S)
    if errors:
        raise errors[0]

    return low, high
