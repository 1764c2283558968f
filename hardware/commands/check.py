"""`robot-wm arm check`: check health, calibration and loop rate of an arm; optionally move each joint by one degree."""

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import tyro

from hardware.arm import Calibration, FeedbackReader, SerialArm, SerialArmConfig, Starter, calibration_of, family_of
from hardware.bus import BusError, ServoBus
from hardware.commands.common import interrupt_on_signals, open_arm_bus, print_status, select_arm
from robot_wm.control.clock import RealClock
from robot_wm.errors import ConfigError, DeviceError
from robot_wm.types import ArmTarget

WIGGLE_RAD = math.radians(1.0)
_WIGGLE_S = 1.0
_CYCLES = 200
_SHOWN = ("operating_mode", "homing_offset", "min_position", "max_position", "torque_enable", "present_position")


@dataclass(frozen=True)
class CheckArguments:
    """Check every servo: model, readings, settings, calibration. Moves nothing without --wiggle."""

    port: str | None = None  # serial port of the arm; default: the one in its file
    arm: str = "so101"  # name of the arm, or its YAML file
    wiggle: bool = False  # move each joint slowly by one degree and back, then park and release
    json: bool = False  # print one JSON object


def main(argv: list[str]) -> int:
    """Return exit status 0 if no problem is found; raise DeviceError (5) otherwise."""
    args = tyro.cli(CheckArguments, args=argv, prog="robot-wm arm check")
    arm = select_arm(args.arm, args.port)
    with open_arm_bus(arm) as bus:
        report = _check(bus, arm.config)
    if args.wiggle and not report["wrong"]:
        with interrupt_on_signals():
            report["wiggle"] = _wiggle(arm.config, lambda: open_arm_bus(arm))
    if args.json:
        print(json.dumps(report))
    if report["wrong"]:
        raise DeviceError("; ".join(report["wrong"]))
    print_status("no problems found")
    return 0


def _check(bus: ServoBus, config: SerialArmConfig) -> dict:
    servos, wrong = {}, []
    for servo in config.servos:
        try:
            servos[config.name_of(servo)] = _servo(bus, config, servo)
        except BusError as error:
            wrong.append(str(error))
    for name, values in servos.items():
        print_status(f"{name}: " + ", ".join(f"{key} {value}" for key, value in values.items()))
    if not wrong:
        wrong += _as_calibrated(bus, config)
        rate = _loop(bus, config)
        print_status("loop: {rate_hz:.0f} Hz; a cycle takes p50 {p50_ms:.2f}, p99 {p99_ms:.2f} ms".format(**rate))
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
    """Measure how fast the feedback of all servos can be read; a real loop also writes one packet of goals."""
    reader = FeedbackReader(bus, family_of(config.protocol), config.servos)
    times = []
    for _ in range(_CYCLES):
        start_s = time.perf_counter()
        reader.read()
        times.append(time.perf_counter() - start_s)
    p50, p99 = np.percentile(times, [50, 99])
    return {"rate_hz": 1.0 / float(np.mean(times)), "p50_ms": 1e3 * float(p50), "p99_ms": 1e3 * float(p99)}


def _wiggle(config: SerialArmConfig, open_bus: Callable[[], ServoBus]) -> dict[str, float]:
    """Move each joint there and back in turn; return the measured motion by joint, degrees."""
    calibration: Calibration = calibration_of(config)
    clock, seen = RealClock(), {}
    with SerialArm(config, calibration, open_bus, clock, notify=print_status) as arm:
        start = arm.read()
        for index, name in enumerate(arm.spec.joint_names):
            away = start.q_rad.copy()
            towards_rest = math.copysign(WIGGLE_RAD, arm.spec.q_rest_rad[index] - away[index])
            away[index] += towards_rest
            _creep(arm, clock, ArmTarget(away, start.gripper))
            seen[name] = math.degrees(arm.read().q_rad[index] - start.q_rad[index])
            _creep(arm, clock, ArmTarget(start.q_rad, start.gripper))
            print_status(f"{name}: commanded {math.degrees(towards_rest):+.1f} degrees, moved {seen[name]:+.1f}")
    return seen


def _creep(arm: SerialArm, clock: RealClock, target: ArmTarget) -> None:
    """Move to a target within `_WIGGLE_S`, in small steps."""
    start, steps = arm.sent, int(_WIGGLE_S * arm.spec.rate_hz)
    for step in range(1, steps + 1):
        arm.command(ArmTarget(start.q_rad + (target.q_rad - start.q_rad) * step / steps, target.gripper))
        clock.wait_until(clock.now_s() + 1.0 / arm.spec.rate_hz)


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 2) for name, value in values.items()}
