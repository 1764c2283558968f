"""A bus with emulated servos: bytes in, bytes with delays out; the caller advances the time.

Pure: no clock, no file, no thread. `live` runs it on a pseudo-terminal in real time, `lockstep` behind a port in
simulated time.
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
from hardware.emulator.models import DEFAULT_MODEL, FEETECH, PROTOCOLS, ServoModel, servo_model
from hardware.emulator.motors import Motors, Supply
from hardware.emulator.physics import TICK_S, Physics
from hardware.emulator.wire import Wire, WireConfig
from robot_wm.errors import ConfigError, UnknownNameError

Servo = FeetechServo | DynamixelServo
BROWN_OUT_V = 3.3  # below, a servo's processor resets
_RECEIVE_TIMEOUT_S = 0.02  # an unfinished request is dropped after this silence
_OVERLOAD_BIT = 32  # in both families
_HOT_C = 95.0


@dataclass(frozen=True)
class EmulatorConfig:
    """The servos on the bus. `models` names one per id from 1, or one for all; empty: the default model."""

    protocol: str = FEETECH
    models: tuple[str, ...] = ()
    supply_v: float | None = None  # None: the rated voltage of the first servo
    on_stand: bool = True  # a stand holds each joint until its torque is first switched on
    wire: WireConfig = field(default_factory=WireConfig)

    def __post_init__(self) -> None:
        if self.protocol not in PROTOCOLS:
            raise UnknownNameError("protocol", self.protocol, PROTOCOLS)


class Emulator:
    """Servos 1 to n, one per joint of `physics`."""

    def __init__(
        self, config: EmulatorConfig, physics: Physics, faults: FaultSchedule | None = None, seed: int = 0
    ) -> None:
        """Create factory-new servos, switched on at time 0.

        Args:
            config: protocol, models, supply and wire.
            physics: the joints that the motors drive.
            faults: to inject.
            seed: of random faults and jitter.

        Raises:
            ConfigError: when the models do not match the joints or the protocol.
        """
        models = _models(config, len(physics.joint_names))
        supply_v = models[0].motor.rated_v if config.supply_v is None else config.supply_v
        self.config = config
        self._physics = physics
        self._models = models
        self.servos: tuple[Servo, ...] = ()
        self._extract, self._dispatch = _family(config.protocol)
        self._supply_v = supply_v
        self._schedule, self._seed = faults or FaultSchedule(), seed
        self._buffer = bytearray()
        self.renew()

    def renew(self) -> None:
        """Replace all servos, gears and windings by factory-new ones of the same models, then `power_on`."""
        self._motors = Motors([model.motor for model in self._models], Supply(self._supply_v), self._physics)
        self.servos = tuple(_servo(self.config.protocol, n + 1, m) for n, m in enumerate(self._models))
        self.power_on()

    def power_on(self, now_s: float = 0.0) -> None:
        """Cold start at `now_s`: RAM is reset, the wire is idle, the arm is on its stand, random faults repeat."""
        self._now_s = self._received_s = now_s
        self._ticks = 0
        self._start_s = now_s
        self._wire = Wire(self.config.wire, self._seed)
        self.faults = Faults(self._schedule, self._seed)
        self._buffer.clear()
        self._motors.rest()
        self._off = np.zeros(len(self.servos), dtype=bool)
        self._on_stand = np.full(len(self.servos), self.config.on_stand)
        self._begun: set[tuple[str, int]] = set()
        for servo, readings in zip(self.servos, self._motors.readings(), strict=True):
            servo.motion.shift_steps = 0
            servo.power_up(readings)

    def advance_to(self, now_s: float) -> None:
        """Advance servos and joints to `now_s`, in whole ticks."""
        while self._start_s + (self._ticks + 1) * TICK_S <= now_s + 1e-9:
            self._ticks += 1
            self._tick(self._start_s + self._ticks * TICK_S)
        self._now_s = max(self._now_s, now_s)

    def feed(self, data: bytes, now_s: float, baud: int) -> list[tuple[float, bytes]]:
        """Send bytes from the host.

        Args:
            data: the bytes.
            now_s: time at which the host sends them.
            baud: baud rate of the host.

        Returns:
            What the host receives: (delay from now in s, bytes), in order of delay.
        """
        self.advance_to(now_s)
        if not self.plugged(now_s):
            return []
        if now_s - self._received_s > _RECEIVE_TIMEOUT_S:
            self._buffer.clear()
        self._received_s = now_s
        self._buffer += data
        passed_s = self._wire.send(now_s, len(data), baud)
        out = [(self._arrival(passed_s, data), data)] if self.faults.occurs("echo", now_s) else []
        for request in self._extract(self._buffer):
            out += self._serve(request, passed_s, baud)
        return sorted(((then_s - now_s, part) for then_s, part in out), key=lambda each: each[0])

    @property
    def now_s(self) -> float:
        """Time to which the emulator has advanced, s."""
        return self._now_s

    def plugged(self, now_s: float) -> bool:
        """Return whether the adapter is plugged in."""
        return self.faults.active("unplug", now_s) is None

    def stalled_until(self, now_s: float) -> float:
        """Return when the host's stall ends; `now_s` if it does not stall."""
        stall = self.faults.active("stall", now_s)
        return now_s if stall is None else stall.until_s

    @property
    def torque_on(self) -> tuple[bool, ...]:
        """Whether each servo's torque is on."""
        return tuple(servo.torque_on and not off for servo, off in zip(self.servos, self._off, strict=True))

    def _serve(self, request: Request, passed_s: float, baud: int) -> list[tuple[float, bytes]]:
        """Return (arrival, bytes) of every reply to one request."""
        if self.faults.occurs("lost_request", passed_s):
            return []
        receiving = [s for s, off in zip(self.servos, self._off, strict=True) if not off and s.baud == baud]
        out = []
        for reply in self._dispatch(request, receiving):
            passed_s = self._wire.send(passed_s + reply.wait_s, len(reply.data), baud)
            data, delay_s = self.faults.corrupt(reply, passed_s)
            if data:
                out.append((self._arrival(passed_s, data) + delay_s, data))
        return out

    def _arrival(self, passed_s: float, data: bytes) -> float:
        slow = self.faults.active("slow_usb", passed_s)
        arrival_s = self._wire.arrival(passed_s, len(data), slow.effective_delay_s if slow else None)
        return self.stalled_until(arrival_s)

    def _tick(self, now_s: float) -> None:
        self._on_stand &= ~np.array(self.torque_on)
        self._motors.blocked[:] = self._on_stand
        if self._schedule.faults:
            self._apply_faults(now_s)
        self._motors.step([servo.tick(servo.motion.readings) for servo in self.servos])
        for servo, readings in zip(self.servos, self._motors.readings(), strict=True):
            servo.motion.readings = readings
        self._update_power()

    def _apply_faults(self, now_s: float) -> None:
        """Apply the faults of servos and supply."""
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
        """Return whether a fault that occurs once begins at this tick."""
        active = self.faults.active(kind, now_s, index + 1) is not None
        new = active and (kind, index) not in self._begun
        if new:
            self._begun.add((kind, index))
        return new

    def _update_power(self) -> None:
        """Reset servos whose processor loses or regains its supply."""
        unpowered = self._motors.volts < BROWN_OUT_V
        for index, servo in enumerate(self.servos):
            if unpowered or self._off[index]:
                servo.power_up(servo.motion.readings)
            self._off[index] = unpowered


def _servo(protocol: str, servo: int, model: ServoModel) -> Servo:
    return FeetechServo(servo, model) if protocol == FEETECH else DynamixelServo(servo, model)


def _family(
    protocol: str,
) -> tuple[Callable[[bytearray], list[Request]], Callable[[Request, Sequence[Any]], list[Reply]]]:
    if protocol == FEETECH:
        return feetech_frames.cut, feetech_dispatch.dispatch
    return dynamixel_frames.cut, dynamixel_dispatch.dispatch


def _models(config: EmulatorConfig, count: int) -> tuple[ServoModel, ...]:
    names = config.models or (DEFAULT_MODEL[config.protocol],)
    names = names * count if len(names) == 1 else names
    models = tuple(servo_model(name) for name in names)
    foreign = [model.name for model in models if model.protocol != config.protocol]
    if len(models) != count or foreign:
        raise ConfigError(f"models must name one or {count} servos of protocol {config.protocol}, received {names}")
    return models
