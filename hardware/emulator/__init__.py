"""Emulated servo buses: servos, motors, wire and faults, in real time on a pty or in simulated time.

Knows servo protocols and their tables; knows neither the arm's driver nor the supervisor.
"""

from hardware.emulator.emulator import Emulator as Emulator
from hardware.emulator.emulator import EmulatorConfig as EmulatorConfig
from hardware.emulator.faults import Fault as Fault
from hardware.emulator.faults import FaultSchedule as FaultSchedule
from hardware.emulator.live import LiveEmulator as LiveEmulator
from hardware.emulator.lockstep import Lockstep as Lockstep
from hardware.emulator.models import PROTOCOLS as PROTOCOLS
from hardware.emulator.physics import IdealJoints as IdealJoints
from hardware.emulator.physics import Physics as Physics
from hardware.emulator.physics import World as World
from hardware.emulator.pictures import PictureWriter as PictureWriter
