"""Dynamixel X servos (Protocol 2.0): packets, control tables and driver."""

from hardware.dynamixel.driver import dynamixel_bus as dynamixel_bus
from hardware.dynamixel.driver import reboot as reboot
