"""The supervisor's process: owns the port, starts the arm, serves clients, and releases the arm at the end.

Started by `hardware.supervisor.connection`, which passes one JSON object on standard input. Signals: SIGQUIT (the key
Ctrl-\\) and SIGUSR1 are the emergency stop; SIGTERM and SIGHUP park, release and end. SIGINT is ignored, and so is
Ctrl-Z: what suspends the controller must not suspend the supervisor.
"""

import contextlib
import fcntl
import json
import os
import signal
import sys
import threading
from contextlib import closing
from queue import Full, Queue, SimpleQueue
from typing import Self, final

from hardware.arm import Calibration, Notify, SerialArm, SerialArmConfig
from hardware.bus import BufferedTap, SerialPort, ServoBus, TappedPort
from hardware.buses import bus_on
from hardware.supervisor.endpoint import Endpoint, endpoint_of
from hardware.supervisor.loop import END_SIGNAL, STOP_SIGNAL, Supervisor
from hardware.supervisor.server import ClientMessage, Server
from hardware.supervisor.state_machine import ControllerTimeouts, StateMachine
from hardware.supervisor.wire import Message
from robot_wm.config import from_values
from robot_wm.control.clock import RealClock
from robot_wm.errors import ConfigError, DeviceError, RobotWMError

_QUEUED_LINES = 200  # further lines are dropped
_FLUSH_S = 0.5  # at the end, for the queued lines
_STDERR = 2  # written to without Python's buffers, whose locks a blocked thread would hold


@final
class Notifier:
    """Writes messages for people from a thread: a terminal that blocks (Ctrl-S, a hanging ssh) must not stop the loop.

    Calling returns at once. Leaving the block waits briefly for the queued lines.
    """

    def __init__(self, prefix: str, descriptor: int = _STDERR) -> None:
        """`prefix` starts each line written to the file `descriptor`."""
        self._prefix, self._descriptor = prefix, descriptor
        self._lines: Queue[bytes | threading.Event] = Queue(_QUEUED_LINES)
        threading.Thread(target=self._write, name="notifier", daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        written = threading.Event()
        with contextlib.suppress(Full):
            self._lines.put_nowait(written)
            written.wait(_FLUSH_S)

    def __call__(self, message: str) -> None:
        with contextlib.suppress(Full):
            self._lines.put_nowait(f"{self._prefix}{message}\n".encode())

    def _write(self) -> None:
        while True:
            line = self._lines.get()
            if isinstance(line, threading.Event):
                line.set()
                continue
            with contextlib.suppress(OSError):  # the terminal is gone; the arm matters more
                os.write(self._descriptor, line)


def main() -> int:
    """Run the supervisor. Returns exit status 0, or 5 if a servo may still be energised."""
    with Notifier("supervisor: ") as notify:
        return _serve(notify)


def _serve(notify: Notify) -> int:
    try:
        order = json.loads(sys.stdin.readline())
        lock, endpoint = _lock_port(str(order["port"]))
        tap = BufferedTap(notify)
        arm = _arm(order, tap, notify)
        timeouts = ControllerTimeouts(**order.get("patience", {}))
        signals = _signals()
        arm.connect()
    except (RobotWMError, KeyError, ValueError) as error:
        _report({"ok": False, "error": str(error), "is_device": isinstance(error, DeviceError)})
        return DeviceError.exit_status
    inbox: SimpleQueue[ClientMessage] = SimpleQueue()
    machine = StateMachine(arm, RealClock(), notify, timeouts)
    try:  # the arm is energised: whatever fails from here on, it is released
        with closing(Server(endpoint, inbox, notify)):
            _report({"ok": True, "pid": os.getpid()})
            Supervisor(machine, inbox, signals, tap, notify).run()
    finally:
        arm.close()
        os.close(lock)
    return DeviceError.exit_status if machine.unreleased else 0


def _arm(order: Message, tap: BufferedTap, notify: Notify) -> SerialArm:
    config = from_values(SerialArmConfig, order["config"], "the supervisor's order")
    calibration = from_values(Calibration, order["calibration"], "the supervisor's order")

    def bus() -> ServoBus:
        port = TappedPort(SerialPort(str(order["port"]), config.baud), tap)
        return bus_on(port, config.protocol, config.timing)

    return SerialArm(config, calibration, bus, RealClock(), notify=notify, use_watchdog=True)


def _lock_port(port: str) -> tuple[int, Endpoint]:
    """Become the only supervisor of `port`; the lock ends with this process, however it ends."""
    if not port:
        raise ConfigError("no port given; name it with --port (robot-wm arm find lists the ports)")
    endpoint = endpoint_of(port)
    lock = os.open(endpoint.lock, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise DeviceError(f"port {port!r} already has a supervisor; end it first: robot-wm arm release") from error
    return lock, endpoint


def _signals() -> "SimpleQueue[str]":
    """Install handlers that only queue the signals."""
    received: SimpleQueue[str] = SimpleQueue()
    meaning = {
        signal.SIGQUIT: STOP_SIGNAL,
        signal.SIGUSR1: STOP_SIGNAL,
        signal.SIGTERM: END_SIGNAL,
        signal.SIGHUP: END_SIGNAL,
    }
    for number, name in meaning.items():
        signal.signal(number, lambda *_, name=name: received.put(name))
    for number in (signal.SIGINT, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU):
        signal.signal(number, signal.SIG_IGN)
    return received


def _report(message: Message) -> None:
    """Send the result of the start to the process that started this one."""
    print(json.dumps(message), flush=True)


if __name__ == "__main__":
    sys.exit(main())
