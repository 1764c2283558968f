"""The `Arm` seam in the controller's process, in front of a supervisor that owns the port.

Connecting starts the supervisor. A thread beats while connected; `stop` parks and releases; the supervisor's own limits
apply once more behind the ones of this class, and find nothing to change unless the controller is broken.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict
from queue import Empty, SimpleQueue
from typing import Any

import numpy as np

from hardware.arm.calibration import Calibration
from hardware.arm.config import SerialArmConfig, arm_spec
from hardware.arm.faults import REMEDIES, ArmFaultError, Fault, Kind
from hardware.bus import Listener
from hardware.supervisor.endpoint import connect_to, endpoint_of
from hardware.supervisor.overhearing import listen
from hardware.supervisor.server import CONTROLLER, OPERATOR
from hardware.supervisor.state_machine import BEAT_S, ControllerTimeouts
from hardware.supervisor.wire import Channel, Message, WireError
from robot_wm.arm import Arm
from robot_wm.config import to_values
from robot_wm.errors import ConfigError, DeviceError
from robot_wm.kinematics import Kinematics
from robot_wm.types import ArmCommand, ArmSpec, ArmState, Floats

START_S = 60.0  # to import, open the port and switch on
ANSWER_S = 4.0  # on top of what the supervisor grants the controller
STOP_S = 8.0  # to park and release
_NO_START = "the supervisor did not start; its words are above. If the arm holds: robot-wm arm release"
_POLL_S = 0.05
_LAST_BYTES_S = 0.5  # for what was said on the bus before the supervisor ended


class SupervisedArm(Arm):
    """An arm behind a supervisor of its own."""

    def __init__(
        self, config: SerialArmConfig, calibration: Calibration, port: str, patience: ControllerTimeouts | None = None
    ) -> None:
        self._config, self._calibration, self._port = config, calibration, port
        self._patience = patience or ControllerTimeouts()
        self._spec = arm_spec(config, calibration)
        self._kinematics = Kinematics(self._spec)
        self._link: _Link | None = None
        self._listener: Listener | None = None

    @property
    def spec(self) -> ArmSpec:
        return self._spec

    @property
    def supervisor_pid(self) -> int:
        """The process that owns the port. Raises DeviceError when not connected."""
        return self._connected_link().process.pid

    def overhear(self, listener: Listener) -> None:
        """Notify `listener`, in a thread of its own, of all bytes on the bus from now on. Raises WireError."""
        self._listener = listener
        if self._link is not None:
            self._link.overhear(listener)

    def _connect(self) -> None:
        order = {
            "port": self._port,
            "config": to_values(self._config),
            "calibration": to_values(self._calibration),
            "patience": asdict(self._patience),
        }
        self._link = _Link(order)
        if self._listener is not None:
            try:
                self._link.overhear(self._listener)
            except BaseException:
                self._close()
                raise

    def _close(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None

    def _read(self) -> ArmState:
        reply = self._connected_link().ask({"do": "read"})
        speeds = np.array(reply["dq_rad_s"])
        return ArmState(np.array(reply["q_rad"]), speeds, None, reply["gripper"], reply["stamp_s"])

    def _send(self, command: ArmCommand) -> ArmCommand:
        asked = {"do": "command", "q_rad": command.q_rad.tolist(), "gripper": command.gripper}
        reply = self._connected_link().ask(asked)
        limited = (*command.limited, *(why for why in reply["limited"] if why not in command.limited))
        return ArmCommand(np.array(reply["q_rad"]), reply["gripper"], reply["stamp_s"], limited)

    def _stop(self) -> None:
        if self._link is not None:
            self._link.park()

    def _tool_position(self, q_rad: Floats) -> Floats:
        return self._kinematics.forward(q_rad).position_m

    def _connected_link(self) -> "_Link":
        if self._link is None:
            raise DeviceError(f"arm {self._spec.name!r} is not connected; call connect() or use it in a with block")
        return self._link


class _Link:
    """The supervisor's process and the line to it."""

    def __init__(self, order: Message) -> None:
        self._quit_handler: Any = None
        self._ears: list[tuple[Channel, threading.Thread]] = []
        self._stop_s = STOP_S + order["patience"]["gone_s"]
        self.process = _spawn()
        try:
            self._started(order)
            self._patience_s = order["patience"]["gone_s"] + ANSWER_S
            self._place = endpoint_of(order["port"])
            self._channel = connect_to(self._place, CONTROLLER, self._patience_s)
        except BaseException:
            self.process.terminate()
            self._wait()
            raise
        self._asking, self._sending, self._asked = threading.Lock(), threading.Lock(), 0
        self._answers: SimpleQueue[Message | WireError] = SimpleQueue()
        self._channel.set_timeouts(None, self._patience_s)
        threading.Thread(target=self._hear, name="answers", daemon=True).start()
        self._leaving = threading.Event()
        self._beats = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self._beats.start()
        self._mind_quit()

    def ask(self, message: Message) -> Message:
        """One request and its answer. Raises ArmFaultError, DeviceError."""
        with self._asking:
            try:
                reply = self._answer_to(message)
            except WireError as error:
                raise ArmFaultError(Fault(Kind.SUPERVISOR_GONE, str(error), time.monotonic())) from error
        if not reply.get("ok"):
            raise _error(reply)
        return reply

    def _answer_to(self, message: Message) -> Message:
        """The answer with this request's number: others are to requests that Ctrl-C or a timeout cut short."""
        self._asked += 1
        self._send({**message, "n": self._asked})
        end_s = time.monotonic() + self._patience_s
        while True:
            try:
                reply = self._answers.get(timeout=max(0.0, end_s - time.monotonic()))
            except Empty:
                raise WireError(f"the other side does not answer within {self._patience_s:.0f} s") from None
            if isinstance(reply, WireError):
                self._answers.put(reply)  # for whoever asks next
                raise reply
            if reply.get("n") == self._asked:
                return reply

    def _hear(self) -> None:
        """Take answers in, in a thread that Ctrl-C does not reach: half a message taken would spoil all that follow."""
        try:
            while True:
                self._answers.put(self._channel.receive())
        except WireError as error:
            self._answers.put(error)

    def overhear(self, listener: Listener) -> None:
        """Over a line of its own; it ends with the supervisor. Raises WireError where there is none any more."""
        channel = connect_to(self._place, OPERATOR)
        ear = threading.Thread(target=listen, args=(channel, listener), name="bus", daemon=True)
        self._ears.append((channel, ear))
        ear.start()

    def park(self) -> None:
        """Park and release; return when done. Raises DeviceError where a servo may still hold, or it takes too long."""
        status = self.ask({"do": "park"})
        end_s = time.monotonic() + self._stop_s
        while status["state"] != "released":
            if time.monotonic() > end_s:
                raise DeviceError(f"the arm was not released within {self._stop_s:.0f} s; run: robot-wm arm release")
            time.sleep(_POLL_S)
            status = self.ask({"do": "status"})
        if status["unreleased"]:
            held = ", ".join(status["unreleased"])
            raise DeviceError(f"could not release {held}; it may still hold: cut the arm's power")

    def close(self) -> None:
        """Let the supervisor go; it releases first what still holds."""
        self._leaving.set()
        with suppress(WireError):
            self._send({"do": "bye"})
        self._wait()
        self._channel.close()
        for channel, ear in self._ears:
            ear.join(_LAST_BYTES_S)
            channel.close()
        self._beats.join()
        if self._quit_handler is not None:
            signal.signal(signal.SIGQUIT, self._quit_handler)

    def _wait(self) -> None:
        """For the supervisor's end; one that still parks is left to it."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(self._stop_s)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def _started(self, order: Message) -> None:
        """Hand the order over and wait for the supervisor's word."""
        assert self.process.stdin is not None and self.process.stdout is not None
        ends = [threading.Timer(START_S, self.process.terminate)]  # it may hold the arm already, and parks it
        ends.append(threading.Timer(2.0 * START_S, self.process.kill))  # it does not even hear that
        for end in ends:
            end.start()
        try:
            with suppress(BrokenPipeError), self.process.stdin as order_book:
                order_book.write(json.dumps(order).encode() + b"\n")
            line = self.process.stdout.readline()
        finally:
            for end in ends:
                end.cancel()
        reply = json.loads(line) if line else {"ok": False, "error": _NO_START, "is_device": True}
        if not reply["ok"]:
            raise DeviceError(reply["error"]) if reply["is_device"] else ConfigError(reply["error"])

    def _send(self, message: Message) -> None:
        with self._sending:
            self._channel.send(message)

    def _beat(self) -> None:
        while not self._leaving.wait(BEAT_S):
            try:
                self._send({"do": "beat"})
            except WireError:
                return  # the next request says so

    def _mind_quit(self) -> None:
        """Ctrl-\\ reaches the supervisor too, for which it is the emergency stop; here it must not kill."""
        is_default = signal.getsignal(signal.SIGQUIT) is signal.SIG_DFL
        if is_default and threading.current_thread() is threading.main_thread():
            self._quit_handler = signal.signal(signal.SIGQUIT, signal.SIG_IGN)


def _spawn() -> "subprocess.Popen[bytes]":
    """In the same terminal session, so that its keys reach it."""
    command = [sys.executable, "-m", "hardware.supervisor.process"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)


def _error(reply: Message) -> DeviceError:
    if "kind" not in reply:
        return DeviceError(str(reply.get("error")))
    kind = Kind(reply["kind"])
    words = str(reply["error"]).removeprefix(f"{kind.value}: ").removesuffix(f"; {REMEDIES[kind]}")
    return ArmFaultError(Fault(kind, words, time.monotonic()))
