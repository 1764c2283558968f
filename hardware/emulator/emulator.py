"""A bus with servos on it, without any port: bytes in, bytes with delays out, and time that is told from outside.

Pure: no clock, no file, no thread. `live` puts it on a pseudo-terminal in real time, `lockstep` behind a port whose
time is simulated.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hardware.emulator import dynamixel_dispatch, dynamixel_frames, feetech_dispatch, feetech_frames
from hardware.emulator.dynamixel_servo import DynamixelServo
from hardware.emulator.faults import Faults, FaultSchedule
from hardware.emulator.feetech_servo import FeetechServo
from hardware.emulator.frames import Reply, Request
from hardware.emulator.models import FEETECH, PROTOCOLS, USUAL, ServoModel, servo_model
from hardware.emulator.motors import Motors, Supply
from hardware.emulator.physics import TICK_S, Physics
from hardware.emulator.wire import Line, WireConfig
from robot_wm.errors import ConfigError, UnknownNameError

Servo = FeetechServo | DynamixelServo
BROWN_OUT_V = 3.3  # below it a servo's processor is reset
_FORGET_S = 0.02  # an unfinished request is dropped after so long a silence
_OVERLOAD_BIT = 32  # in both families
_HOT_C = 95.0


@dataclass(frozen=True)
class EmulatorConfig:
    """SelectedArm servos hang on the bus. `models` names one for each id from 1, or one for all; empty: the usual one."""

    protocol: str = FEETECH
    models: tuple[str, ...] = ()
    supply_v: float | None = None  # the rated voltage of the first servo
    propped: bool = True  # a stand holds each joint until its torque is first switched on
    line: WireConfig = field(default_factory=WireConfig)

    def __post_init__(self) -> None:
        if self.protocol not in PROTOCOLS:
            raise UnknownNameError("protocol", self.protocol, PROTOCOLS)


class Emulator:
    """Servos 1 to n, a servo a joint of `physics`."""

    def __init__(
        self, config: EmulatorConfig, physics: Physics, faults: FaultSchedule | None = None, seed: int = 0
    ) -> None:
        models = _models(config, len(physics.joint_names))
        supply_v = models[0].motor.rated_v if config.supply_v is None else config.supply_v
        self.config = config
        self._physics = physics
        self._models = models
        self.servos: tuple[Servo, ...] = ()
        self._cut, self._answers = _family(config.protocol)
        self._supply_v = supply_v
        self._schedule, self._seed = faults or FaultSchedule(), seed
        self._buffer = bytearray()
        self.renew()

    def renew(self) -> None:
        """Other servos of the same models, as the factory sends them, gears and windings too; then `switch_on`."""
        self._motors = Motors([model.motor for model in self._models], Supply(self._supply_v), self._physics)
        self.servos = tuple(_servo(self.config.protocol, n + 1, m) for n, m in enumerate(self._models))
        self.switch_on()

    def switch_on(self, now_s: float = 0.0) -> None:
        """Cold start at `now_s`: RAM is lost, the line is silent, the arm is on its stand, the dice are rolled anew."""
        self._now_s = self._heard_s = now_s
        self._ticks = 0
        self._start_s = now_s
        self._line = Line(self.config.line, self._seed)
        self.faults = Faults(self._schedule, self._seed)
        self._buffer.clear()
        self._motors.rest()
        self._off = np.zeros(len(self.servos), dtype=bool)
        self._propped = np.full(len(self.servos), self.config.propped)
        self._struck: set[tuple[str, int]] = set()
        for servo, feel in zip(self.servos, self._motors.feel(), strict=True):
            servo.motion.shift_steps = 0
            servo.power_up(feel)

    def advance_to(self, now_s: float) -> None:
        """Let servos and joints live until `now_s`, in whole ticks."""
        while self._start_s + (self._ticks + 1) * TICK_S <= now_s + 1e-9:
            self._ticks += 1
            self._tick(self._start_s + self._ticks * TICK_S)
        self._now_s = max(self._now_s, now_s)

    def feed(self, data: bytes, now_s: float, baud: int) -> list[tuple[float, bytes]]:
        """The host sends `data` at `now_s`; what it gets back: (delay from now in s, bytes), by delay."""
        self.advance_to(now_s)
        if not self.plugged(now_s):
            return []
        if now_s - self._heard_s > _FORGET_S:
            self._buffer.clear()
        self._heard_s = now_s
        self._buffer += data
        passed_s = self._line.send(now_s, len(data), baud)
        out = [(self._arrival(passed_s, data), data)] if self.faults.strikes("echo", now_s) else []
        for request in self._cut(self._buffer):
            out += self._serve(request, passed_s, baud)
        return sorted(((then_s - now_s, part) for then_s, part in out), key=lambda each: each[0])

    @property
    def now_s(self) -> float:
        """The latest time it has been told."""
        return self._now_s

    def plugged(self, now_s: float) -> bool:
        """Whether the adapter's plug is in."""
        return self.faults.active("unplug", now_s) is None

    def stalled_until(self, now_s: float) -> float:
        """When the host goes on; `now_s` where it does not stall."""
        stall = self.faults.active("stall", now_s)
        return now_s if stall is None else stall.until_s

    @property
    def torque_on(self) -> tuple[bool, ...]:
        """SelectedArm servos hold their joint."""
        return tuple(servo.torque_on and not off for servo, off in zip(self.servos, self._off, strict=True))

    def _serve(self, request: Request, passed_s: float, baud: int) -> list[tuple[float, bytes]]:
        """(arrival, bytes) of every reply to one request."""
        if self.faults.strikes("lost_request", passed_s):
            return []
        hearing = [s for s, off in zip(self.servos, self._off, strict=True) if not off and s.baud == baud]
        out = []
        for reply in self._answers(request, hearing):
            passed_s = self._line.send(passed_s + reply.wait_s, len(reply.data), baud)
            data, late_s = self.faults.spoil(reply, passed_s)
            if data:
                out.append((self._arrival(passed_s, data) + late_s, data))
        return out

    def _arrival(self, passed_s: float, data: bytes) -> float:
        slow = self.faults.active("slow_usb", passed_s)
        arrival_s = self._line.arrival(passed_s, len(data), slow.lateness_s if slow else None)
        return self.stalled_until(arrival_s)

    def _tick(self, now_s: float) -> None:
        self._propped &= ~np.array(self.torque_on)
        self._motors.blocked[:] = self._propped
        if self._schedule.faults:
            self._misfortune(now_s)
        self._motors.step([servo.tick(servo.motion.feel) for servo in self.servos])
        for servo, feel in zip(self.servos, self._motors.feel(), strict=True):
            servo.motion.feel = feel
        self._mind_supply()

    def _misfortune(self, now_s: float) -> None:
        """Faults of servos and supply."""
        motors, faults = self._motors, self.faults
        brown_out = faults.active("brown_out", now_s)
        motors.volts_at_source = self._supply_v if brown_out is None else brown_out.volts
        for index, servo in enumerate(self.servos):
            motors.blocked[index] |= faults.active("stuck", now_s, index + 1) is not None
            motors.stripped[index] = faults.active("stripped", now_s, index + 1) is not None
            wrap = faults.active("wrap", now_s, index + 1)
            servo.motion.shift_steps = 0 if wrap is None else wrap.steps
            if self._begins("overload", index, now_s):
                servo.trip(_OVERLOAD_BIT)
            if self._begins("hot", index, now_s):
                motors.temperature_c[index] = _HOT_C

    def _begins(self, kind: str, index: int, now_s: float) -> bool:
        """Whether a fault that strikes once does so at this tick."""
        on = self.faults.active(kind, now_s, index + 1) is not None
        new = on and (kind, index) not in self._struck
        if new:
            self._struck.add((kind, index))
        return new

    def _mind_supply(self) -> None:
        """Servos whose processor lost its supply, and those that have it back."""
        dark = self._motors.volts < BROWN_OUT_V
        for index, servo in enumerate(self.servos):
            if dark or self._off[index]:
                servo.power_up(servo.motion.feel)
            self._off[index] = dark


def _servo(protocol: str, servo: int, model: ServoModel) -> Servo:
    return FeetechServo(servo, model) if protocol == FEETECH else DynamixelServo(servo, model)


def _family(
    protocol: str,
) -> tuple[Callable[[bytearray], list[Request]], Callable[[Request, Sequence[Any]], list[Reply]]]:
    if protocol == FEETECH:
        return feetech_frames.cut, feetech_dispatch.answers
    return dynamixel_frames.cut, dynamixel_dispatch.answers


def _models(config: EmulatorConfig, count: int) -> tuple[ServoModel, ...]:
    names = config.models or (USUAL[config.protocol],)
    names = names * count if len(names) == 1 else names
    models = tuple(servo_model(name) for name in names)
    foreign = [model.name for model in models if model.protocol != config.protocol]
    if len(models) != count or foreign:
        raise ConfigError(
            f"models must name {count} servos of protocol {config.protocol} (or one for all), received {names}"
        )
    return models
