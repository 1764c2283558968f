"""What can go wrong on a servo bus. Each text names servo, register, bytes and remedy. Exit status 5, as any fault."""

from robot_wm.errors import DeviceError


class BusError(DeviceError):
    """Root of the errors of a servo bus."""


class PortError(BusError):
    """The port cannot be opened: missing, no permission, or in use by another process."""


class BusLostError(BusError):
    """The port went away while open: unplugged, or the other end closed. Latched until the bus is opened anew."""


class NoReplyError(BusError):
    """A servo gave no valid reply in time."""


class ServoRefusedError(BusError):
    """A servo answered that it will not do this: wrong value, wrong length, locked or read-only register."""


class RegisterError(BusError):
    """A request that may not be sent: a read-only register, or a value that it cannot hold."""
