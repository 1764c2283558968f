"""One STS servo at the end of the line: who may read and write what, what a write sets off, what is answered.

Knows frames and registers; motion is `feetech_motion`, the line is `feetech_dispatch`.
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
        """Whether register 40 says so."""
        return self.memory.get("torque_enable") == 1

    def power_up(self, feel: SensorReadings) -> None:
        """RAM as the factory has it, EEPROM as it was stored."""
        self.memory.power_up()
        self.motion.power_up(feel)
        self._waiting = None

    def trip(self, bit: int) -> None:
        """Latch an error bit, as a fault does."""
        self.motion.error |= bit

    def tick(self, feel: SensorReadings) -> MotorCommand:
        return self.motion.tick(feel)

    def answer(self, request: Request) -> Reply | None:
        """Carry out a request that is for this servo or for all; what it says to it."""
        params = request.params
        to_all = request.servo == BROADCAST
        if request.instruction == PING:
            return self._reply(b"")
        if request.instruction == READ:
            return None if to_all or len(params) != 2 else self._reply(self.read(params[0], params[1]))
        if not self._carry_out(request.instruction, params):
            return None
        silent = to_all or self.memory.get("response_level") == 0
        return None if silent else self._reply(b"", request.servo)

    def read(self, address: int, length: int) -> bytes:
        """Bytes of the table, sensors fresh."""
        self._refresh()
        return self.memory.read(address, length)

    def write(self, address: int, data: bytes) -> None:
        """Bytes from outside: read-only ones are ignored, EEPROM is kept only while the lock is open."""
        open_ = self.memory.get("lock") == 0
        for offset, value in enumerate(data):
            register = self.memory.register_at(address + offset)
            if register is not None and register.writable:
                self.memory.write_byte(address + offset, value, register.eeprom and open_)
        self._consequences(address, address + len(data))

    def sync_reply(self, address: int, length: int) -> Reply:
        """This servo's part of a sync read."""
        return self._reply(self.read(address, length))

    def _carry_out(self, instruction: int, params: bytes) -> bool:
        """Whether it is an instruction that a servo acknowledges."""
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
        """Factory values, the id kept."""
        servo = self.id
        self.memory.restore_factory()
        self.memory.power_up()
        self.memory.store("id", servo)
        self.motion.power_up(self.motion.feel)

    def _consequences(self, start: int, end: int) -> None:
        """What touching registers sets off."""
        table = self.memory.table
        if start <= table["torque_enable"].address < end:
            self._switch(self.memory.get("torque_enable"))
        if start <= table["goal_position"].address < end:
            self.motion.wake()

    def _switch(self, value: int) -> None:
        if value == CENTRE_HERE:
            self.motion.centre()
            self.memory.set("torque_enable", 0)
        elif value == 0:
            self.motion.release()

    def _refresh(self) -> None:
        """Write what the sensors say into the table."""
        feel, put = self.motion.feel, self.memory.set
        put("present_position", self.motion.position())
        put("present_velocity", round(feel.speed_rad_s / RAD_PER_TICK))
        put("present_load", round(feel.duty * 1000.0))
        put("present_voltage", round(feel.volts * 10.0))
        put("present_temperature", round(feel.temperature_c))
        put("present_current", round(feel.current_a / AMPERE_PER_COUNT))
        put("async_flag", int(self._waiting is not None))
        put("status", self.motion.error)
        put("moving", int(self.motion.moving))
        put("goal_mirror", self.motion.mirror)

    def _reply(self, params: bytes, as_id: int | None = None) -> Reply:
        servo = self.id if as_id is None or as_id == BROADCAST else as_id
        wait_s = self.memory.get("return_delay") * _REPLY_DELAY_UNIT_S
        return Reply(servo, status(servo, self.motion.error, params), wait_s)
