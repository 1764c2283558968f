"""`robot-wm arm check`: is this arm well, as calibrated, and quick enough? A wiggle of one degree on request."""

import json
import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import tyro

from hardware.arm.calibration import Calibration
from hardware.arm.config import SerialArmConfig, calibration_of
from hardware.arm.feedback import FeedbackReader
from hardware.arm.serial_arm import SerialArm
from hardware.arm.servo_family import family_of
from hardware.arm.start_stop import Starter
from hardware.bus import BusError, ServoBus
from hardware.commands.common import interrupt_on_signals, open_arm_bus, select_arm
from robot_wm.control.clock import RealClock
from robot_wm.errors import ConfigError, DeviceError
from robot_wm.types import ArmTarget

WIGGLE_RAD = math.radians(1.0)
_WIGGLE_S = 1.0
_CYCLES = 200
_SHOWN = ("operating_mode", "homing_offset", "min_position", "max_position", "torque_enable", "present_position")


@dataclass(frozen=True)
class CheckArguments:
    """Look at every servo: who it is, what it reads, whether it is as calibrated. Moves nothing unless asked to."""

    port: str | None = None  # of the arm; without: the one in its file
    arm: str = "so101"  # a name, or its YAML file
    wiggle: bool = False  # move each joint slowly by one degree and back, then park and release
    json: bool = False  # print one JSON object


def main(argv: list[str]) -> int:
    """Exit status 0 when nothing is wrong, 5 otherwise."""
    args = tyro.cli(CheckArguments, args=argv, prog="robot-wm arm check")
    arm = select_arm(args.arm, args.port)
    with open_arm_bus(arm) as bus:
        report = _look(bus, arm.config)
    if args.wiggle and not report["wrong"]:
        interrupt_on_signals()
        report["wiggle"] = _wiggle(arm.config, lambda: open_arm_bus(arm))
    if args.json:
        print(json.dumps(report))
    if report["wrong"]:
        raise DeviceError("; ".join(report["wrong"]))
    _say("nothing is wrong")
    return 0


def _look(bus: ServoBus, config: SerialArmConfig) -> dict:
    servos, wrong = {}, []
    for servo in config.servos:
        try:
            servos[config.name_of(servo)] = _servo(bus, config, servo)
        except BusError as error:
            wrong.append(str(error))
    for name, values in servos.items():
        _say(f"{name}: " + ", ".join(f"{key} {value}" for key, value in values.items()))
    if not wrong:
        wrong += _as_calibrated(bus, config)
        rate = _loop(bus, config)
        _say("loop: {rate_hz:.0f} Hz; a cycle takes p50 {p50_ms:.2f}, p99 {p99_ms:.2f} ms".format(**rate))
    else:
        rate = None
    return {"arm": config.name, "servos": servos, "loop": rate, "wrong": wrong, "counters": bus.counters.as_dict()}


def _servo(bus: ServoBus, config: SerialArmConfig, servo: int) -> dict[str, object]:
    model, table = bus.ping(servo), bus.table
    first, last = family_of(config.protocol).health
    block = bus.sync_read_block(first, last, [servo]).get(servo, {})
    readings = {name.removeprefix("present_"): table[name].to_unit(value) for name, value in block.items()}
    alarms = ", ".join(bus.alarms.get(servo, ())) or "none"
    settings = {name: bus.read(servo, name) for name in _SHOWN}
    return {"model": model.name, "firmware": model.firmware, **_rounded(readings), **settings, "alarms": alarms}


def _as_calibrated(bus: ServoBus, config: SerialArmConfig) -> list[str]:
    try:
        Starter(bus, config, calibration_of(config)).check()
    except (DeviceError, ConfigError) as error:
        return [str(error)]
    return []


def _loop(bus: ServoBus, config: SerialArmConfig) -> dict[str, float]:
    """How fast the feedback of all servos can be read; the goals of a real loop add one packet without a reply."""
    reader = FeedbackReader(bus, family_of(config.protocol), config.servos)
    times = []
    for _ in range(_CYCLES):
        start_s = time.perf_counter()
        reader.read()
        times.append(time.perf_counter() - start_s)
    p50, p99 = np.percentile(times, [50, 99])
    return {"rate_hz": 1.0 / float(np.mean(times)), "p50_ms": 1e3 * float(p50), "p99_ms": 1e3 * float(p99)}


def _wiggle(config: SerialArmConfig, open_bus: Callable[[], ServoBus]) -> dict[str, float]:
    """Each joint in turn, there and back; how far it was seen to go, in degrees."""
    calibration: Calibration = calibration_of(config)
    clock, seen = RealClock(), {}
    with SerialArm(config, calibration, open_bus, clock, tell=_say) as arm:
        start = arm.read()
        for index, name in enumerate(arm.spec.joint_names):
            away = start.q_rad.copy()
            towards_rest = math.copysign(WIGGLE_RAD, arm.spec.q_rest_rad[index] - away[index])
            away[index] += towards_rest
            _creep(arm, clock, ArmTarget(away, start.gripper))
            seen[name] = math.degrees(arm.read().q_rad[index] - start.q_rad[index])
            _creep(arm, clock, ArmTarget(start.q_rad, start.gripper))
            _say(f"{name}: asked for {math.degrees(towards_rest):+.1f} degrees, went {seen[name]:+.1f}")
    return seen


def _creep(arm: SerialArm, clock: RealClock, target: ArmTarget) -> None:
    """To a target in `_WIGGLE_S`, in small steps."""
    start, steps = arm.sent, int(_WIGGLE_S * arm.spec.rate_hz)
    for step in range(1, steps + 1):
        arm.command(ArmTarget(start.q_rad + (target.q_rad - start.q_rad) * step / steps, target.gripper))
        clock.wait_until(clock.now_s() + 1.0 / arm.spec.rate_hz)


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 2) for name, value in values.items()}


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
