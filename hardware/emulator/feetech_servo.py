"""One STS servo on the bus: register access, side effects of writes, replies.

Knows frames and registers; motion is in `feetech_motion`, dispatching in `feetech_dispatch`.
"""

from hardware.emulator.feetech_frames import status
from hardware.emulator.feetech_motion import FeetechMotion
from hardware.emulator.frames import BROADCAST, Reply, Request
from hardware.emulator.memory import Memory
from hardware.emulator.models import ServoModel
from hardware.emulator.motors import MotorCommand, SensorReadings
from hardware.feetech.tables import AMPERE_PER_COUNT, BAUD_BY_CODE, CENTRE_HERE, RAD_PER_TICK, STS

PING, READ, WRITE, REG_WRITE, ACTION, RESET, CLEAR_TURNS = 1, 2, 3, 4, 5, 6, 10
_REPLY_DELAY_UNIT_S = 2e-6


class FeetechServo:
    """Registers, rules and motion of one servo."""

    def __init__(self, servo: int, model: ServoModel) -> None:
        factory = {"id": servo, "baud_code": 0, "goal_position": 2048, **model.factory}
        self.memory = Memory(STS, factory)
        self.motion = FeetechMotion(self.memory, model.motor)
        self._waiting: tuple[int, bytes] | None = None  # a registered write

    @property
    def id(self) -> int:
        return self.memory.get("id")

    @property
    def baud(self) -> int:
        return BAUD_BY_CODE[self.memory.get("baud_code") & 7]

    @property
    def torque_on(self) -> bool:
        """Whether the torque is on (register 40)."""
        return self.memory.get("torque_enable") == 1

    def power_up(self, readings: SensorReadings) -> None:
        """Reset the RAM; the EEPROM keeps its values."""
        self.memory.power_up()
        self.motion.power_up(readings)
        self._waiting = None

    def trip(self, bit: int) -> None:
        """Latch an error bit."""
        self.motion.error |= bit

    def tick(self, readings: SensorReadings) -> MotorCommand:
        return self.motion.tick(readings)

    def answer(self, request: Request) -> Reply | None:
        """Execute a request to this servo or to all, and return the reply if there is one."""
        params = request.params
        to_all = request.servo == BROADCAST
        if request.instruction == PING:
            return self._reply(b"")
        if request.instruction == READ:
            return None if to_all or len(params) != 2 else self._reply(self.read(params[0], params[1]))
        if not self._execute(request.instruction, params):
            return None
        silent = to_all or self.memory.get("response_level") == 0
        return None if silent else self._reply(b"", request.servo)

    def read(self, address: int, length: int) -> bytes:
        """Return bytes of the table, with current sensor readings."""
        self._refresh()
        return self.memory.read(address, length)

    def write(self, address: int, data: bytes) -> None:
        """Write bytes from the bus: read-only ones are ignored, EEPROM is stored only while unlocked."""
        unlocked = self.memory.get("lock") == 0
        for offset, value in enumerate(data):
            register = self.memory.register_at(address + offset)
            if register is not None and register.writable:
                self.memory.write_byte(address + offset, value, register.eeprom and unlocked)
        self._apply_side_effects(address, address + len(data))

    def sync_reply(self, address: int, length: int) -> Reply:
        """Return this servo's reply to a sync read."""
        return self._reply(self.read(address, length))

    def _execute(self, instruction: int, params: bytes) -> bool:
        """Execute an instruction; return whether a servo acknowledges it."""
        if instruction == WRITE and len(params) > 1:
            self.write(params[0], params[1:])
        elif instruction == REG_WRITE and len(params) > 1:
            self._waiting = params[0], params[1:]
        elif instruction == ACTION:
            waiting, self._waiting = self._waiting, None
            if waiting is not None:
                self.write(*waiting)
        elif instruction == RESET:
            self._reset()
        elif instruction == CLEAR_TURNS:
            self.motion.forget_turns()
        else:
            return False
        return True

    def _reset(self) -> None:
        """Reset to factory values except the id."""
        servo = self.id
        self.memory.restore_factory()
        self.memory.power_up()
        self.memory.store("id", servo)
        self.motion.power_up(self.motion.readings)

    def _apply_side_effects(self, start: int, end: int) -> None:
        """Apply the side effects of a write to [start, end)."""
        table = self.memory.table
        if start <= table["torque_enable"].address < end:
            self._switch(self.memory.get("torque_enable"))
        if start <= table["goal_position"].address < end:
            self.motion.request_torque()

    def _switch(self, value: int) -> None:
        if value == CENTRE_HERE:
            self.motion.centre()
            self.memory.set("torque_enable", 0)
        elif value == 0:
            self.motion.release()

    def _refresh(self) -> None:
        """Update the sensor registers."""
        readings, put = self.motion.readings, self.memory.set
        put("present_position", self.motion.position())
        put("present_velocity", round(readings.speed_rad_s / RAD_PER_TICK))
        put("present_load", round(readings.duty * 1000.0))
        put("present_voltage", round(readings.volts * 10.0))
        put("present_temperature", round(readings.temperature_c))
        put("present_current", round(readings.current_a / AMPERE_PER_COUNT))
        put("async_flag", int(self._waiting is not None))
        put("status", self.motion.error)
        put("moving", int(self.motion.moving))
        put("goal_mirror", self.motion.mirror)

    def _reply(self, params: bytes, as_id: int | None = None) -> Reply:
        servo = self.id if as_id is None or as_id == BROADCAST else as_id
        wait_s = self.memory.get("return_delay") * _REPLY_DELAY_UNIT_S
        return Reply(servo, status(servo, self.motion.error, params), wait_s)
