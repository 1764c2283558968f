"""The supervisor's process: owns the port, listens, and looks after the arm fifty times a second.

Started by `hardware.supervisor.client`, which hands it one JSON object on standard input. Signals: SIGQUIT (the
key Ctrl-\\) and SIGUSR1 are the emergency stop; SIGTERM and SIGHUP park, release and end; SIGINT is not its affair, and
Ctrl-Z, which stops the controller, must not stop who looks after the arm.
"""

import fcntl
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import closing
from queue import Empty, SimpleQueue
from typing import final

import numpy as np

from hardware.arm.calibration import Calibration
from hardware.arm.config import SerialArmConfig
from hardware.arm.faults import ArmFaultError
from hardware.arm.serial_arm import SerialArm, Notify
from hardware.bus.base import ServoBus
from hardware.buses import bus_on
from hardware.bus.port import SerialPort
from hardware.bus.tap import TappedPort
from hardware.supervisor.endpoint import Endpoint, endpoint_of
from hardware.supervisor.overhearing import Overheard
from hardware.supervisor.server import CONTROLLER, ClientMessage, Listener
from hardware.supervisor.state_machine import StateMachine, ControllerTimeouts, State
from hardware.supervisor.telling import Notifier
from hardware.supervisor.wire import Message, WireError
from robot_wm.config import from_values
from robot_wm.control.clock import RealClock
from robot_wm.errors import ConfigError, DeviceError, RobotWMError
from robot_wm.types import ArmTarget

CYCLE_S = 0.02
_NOBODY_CAME_S = 30.0  # a controller that dies while it starts must not leave a held arm behind
_STOP, _END = "emergency stop", "end"


@final
class Supervisor:
    """The loop."""

    def __init__(
        self,
        keeper: StateMachine,
        heard: "SimpleQueue[ClientMessage]",
        signals: "SimpleQueue[str]",
        overheard: Overheard,
        tell: Notify,
    ) -> None:
        self._keeper, self._heard, self._signals, self._overheard = keeper, heard, signals, overheard
        self._tell = tell
        self._leaving = False
        self._had_controller = False
        self._started_s = time.monotonic()
        self._answers: dict[str, Callable[[Message], Message]] = {
            "read": self._read,
            "command": self._command,
            "park": self._park,
            "release": self._release,
            "status": lambda message: keeper.status(),
        }

    def run(self) -> None:
        """Until the arm is released and nobody needs it any more."""
        due_s = time.monotonic()
        while not (self._leaving and self._keeper.state is State.RELEASED):
            self._mind_signals()
            self._keeper.cycle()
            due_s = max(due_s + CYCLE_S, time.monotonic())
            self._hear_until(due_s)
            if not self._had_controller and time.monotonic() - self._started_s > _NOBODY_CAME_S:
                self._leave()

    def _hear_until(self, due_s: float) -> None:
        """What has come by now, however long the arm took (a slow line must not make it deaf), then until `due_s`."""
        for _ in range(self._heard.qsize()):
            if not self._signals.empty():
                return
            self._hear(self._heard.get_nowait())
        while (left_s := due_s - time.monotonic()) > 0 and self._signals.empty():
            try:
                self._hear(self._heard.get(timeout=left_s))
            except Empty:
                return

    def _hear(self, heard: ClientMessage) -> None:
        word = heard.message.get("do")
        if heard.role == CONTROLLER:
            self._had_controller = True
        if word == "beat":
            self._keeper.beat()
        elif word == "hung up":
            self._hung_up(heard)
        elif word == "bye":
            self._leave()
        elif word == "listen":
            self._overheard.stream_to(heard.channel)
        else:
            self._answer(heard, self._reply(str(word), heard.message))

    def _reply(self, word: str, message: Message) -> Message:
        if word not in self._answers:
            return {"ok": False, "error": f"unknown request {word!r}; known: {', '.join(self._answers)}"}
        try:
            return {"ok": True, **self._answers[word](message)}
        except ArmFaultError as error:
            return {"ok": False, "error": str(error), "kind": error.fault.kind.value}
        except (RobotWMError, KeyError, TypeError, ValueError) as error:
            return {"ok": False, "error": str(error)}

    def _answer(self, heard: ClientMessage, reply: Message) -> None:
        try:
            heard.channel.answer({**reply, "n": heard.message.get("n")})
        except WireError as error:
            heard.channel.close()  # its thread says that it hung up
            self._tell(str(error))

    def _hung_up(self, heard: ClientMessage) -> None:
        heard.channel.close()
        if heard.role == CONTROLLER and not self._leaving:
            self._keeper.controller_gone("the controller's process ended without a word")
            self._leaving = True

    def _leave(self) -> None:
        self._leaving = True
        self._keeper.park("the supervisor is ending")

    def _mind_signals(self) -> None:
        while not self._signals.empty():
            if self._signals.get() == _STOP:
                self._keeper.emergency_stop("emergency-stop key or signal")
            else:
                self._leave()

    def _read(self, message: Message) -> Message:
        state = self._keeper.read()
        return {
            "q_rad": state.q_rad.tolist(),
            "dq_rad_s": state.dq_rad_s.tolist(),
            "gripper": state.gripper,
            "stamp_s": state.stamp_s,
        }

    def _command(self, message: Message) -> Message:
        sent = self._keeper.command(ArmTarget(np.array(message["q_rad"], np.float64), float(message["gripper"])))
        return {
            "q_rad": sent.q_rad.tolist(),
            "gripper": sent.gripper,
            "stamp_s": sent.stamp_s,
            "limited": list(sent.limited),
        }

    def _park(self, message: Message) -> Message:
        self._keeper.park(str(message.get("why", "")))
        return self._keeper.status()

    def _release(self, message: Message) -> Message:
        self._keeper.emergency_stop(str(message.get("why", "asked for")))
        return self._keeper.status()


def main() -> int:
    """Read the order, start the arm, say so, serve. Exit status 0, or 5 where something may still be energised."""
    with Notifier("supervisor: ") as tell:
        return _serve(tell)


def _serve(tell: Notify) -> int:
    try:
        order = json.loads(sys.stdin.readline())
        lock, place = _own(str(order["port"]))
        overheard = Overheard(tell)
        arm = _arm(order, overheard, tell)
        patience = ControllerTimeouts(**order.get("patience", {}))
        signals = _signals()
        arm.connect()
    except (RobotWMError, KeyError, ValueError) as error:
        _say({"ok": False, "error": str(error), "is_device": isinstance(error, DeviceError)})
        return DeviceError.exit_status
    heard: SimpleQueue[ClientMessage] = SimpleQueue()
    keeper = StateMachine(arm, RealClock(), tell, patience)
    try:  # the arm is energised: whatever goes wrong from here on, it is released
        with closing(Listener(place, heard, tell)):
            _say({"ok": True, "pid": os.getpid()})
            Supervisor(keeper, heard, signals, overheard, tell).run()
    finally:
        arm.close()
        os.close(lock)
    return DeviceError.exit_status if keeper.unreleased else 0


def _arm(order: Message, overheard: Overheard, tell: Notify) -> SerialArm:
    config = from_values(SerialArmConfig, order["config"], "the supervisor's order")
    calibration = from_values(Calibration, order["calibration"], "the supervisor's order")

    def bus() -> ServoBus:
        port = TappedPort(SerialPort(str(order["port"]), config.baud), overheard)
        return bus_on(port, config.protocol, config.timing)

    return SerialArm(config, calibration, bus, RealClock(), tell=tell, watchdog=True)


def _own(port: str) -> tuple[int, Endpoint]:
    """Be the only supervisor of `port`; the lock ends with this process, however it ends."""
    if not port:
        raise ConfigError("no port given; name it with --port (robot-wm arm find lists what is there)")
    place = endpoint_of(port)
    lock = os.open(place.lock, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise DeviceError(f"port {port!r} has a supervisor already; end what uses it: robot-wm arm release") from error
    return lock, place


def _signals() -> "SimpleQueue[str]":
    """Signals as words in a queue; the handlers do nothing else."""
    words: SimpleQueue[str] = SimpleQueue()
    meaning = {signal.SIGQUIT: _STOP, signal.SIGUSR1: _STOP, signal.SIGTERM: _END, signal.SIGHUP: _END}
    for number, word in meaning.items():
        signal.signal(number, lambda *_, word=word: words.put(word))
    for number in (signal.SIGINT, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU):
        signal.signal(number, signal.SIG_IGN)
    return words


def _say(message: Message) -> None:
    """To whoever started this process."""
    print(json.dumps(message), flush=True)


if __name__ == "__main__":
    sys.exit(main())
