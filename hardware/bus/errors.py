"""Errors of a servo bus. Messages name servo, register, bytes and remedy. Exit status 5, like every device error."""

from robot_wm.errors import DeviceError


class BusError(DeviceError):
    """Root of all errors of a servo bus."""


class PortError(BusError):
    """The port cannot be opened: missing, no permission, or in use by another process."""


class BusLostError(BusError):
    """The port disappeared while open: unplugged, or closed at the other end. Latched until the bus is reopened."""


class NoReplyError(BusError):
    """A servo gave no valid reply in time."""


class ServoRefusedError(BusError):
    """A servo reported an error: value out of range, wrong length, locked or read-only register."""


class RegisterError(BusError):
    """A request that was not sent: the register is read-only or cannot hold the value."""
