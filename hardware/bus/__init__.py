"""Servo buses: ports, frames, registers and the protocol-independent driver. Knows no arm and no particular servo."""

from hardware.bus.base import ServoBus as ServoBus
from hardware.bus.counters import Counters as Counters
from hardware.bus.errors import BusError as BusError
from hardware.bus.errors import BusLostError as BusLostError
from hardware.bus.errors import NoReplyError as NoReplyError
from hardware.bus.errors import PortError as PortError
from hardware.bus.errors import RegisterError as RegisterError
from hardware.bus.errors import ServoRefusedError as ServoRefusedError
from hardware.bus.frames import Frame as Frame
from hardware.bus.frames import ScanResult as ScanResult
from hardware.bus.port import Port as Port
from hardware.bus.port import SerialPort as SerialPort
from hardware.bus.port import latency_timer_s as latency_timer_s
from hardware.bus.register_bus import RegisterBus as RegisterBus
from hardware.bus.registers import Model as Model
from hardware.bus.registers import Register as Register
from hardware.bus.registers import Sign as Sign
from hardware.bus.registers import Table as Table
from hardware.bus.tap import BufferedTap as BufferedTap
from hardware.bus.tap import Listener as Listener
from hardware.bus.tap import TappedPort as TappedPort
from hardware.bus.transport import Timing as Timing
