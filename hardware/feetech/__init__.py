"""Feetech STS and SMS servos: packets, control table and driver."""

from hardware.feetech.driver import centre_here as centre_here
from hardware.feetech.driver import feetech_bus as feetech_bus
