"""Connection of a controller to its supervisor: starts the process, sends heartbeats, matches answers to requests."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from hardware.arm import REMEDIES, ArmFaultError, Fault, Kind
from hardware.bus import Listener
from hardware.supervisor.endpoint import connect_to, endpoint_of
from hardware.supervisor.state_machine import HEARTBEAT_S
from hardware.supervisor.wire import CONTROLLER, OPERATOR, Channel, Message, WireError
from robot_wm.errors import ConfigError, DeviceError

START_S = 60.0  # to import, open the port and switch the torque on
ANSWER_S = 4.0  # on top of the supervisor's timeout for the controller
STOP_S = 8.0  # to park and release
_NOT_STARTED = (
    "the supervisor did not start; see its messages above. If the arm is energised, run: robot-wm arm release"
)
_POLL_S = 0.05
_TAP_FLUSH_S = 0.5  # for the bytes sent on the bus before the supervisor ended


class SupervisorConnection:
    """A running supervisor and the channel to it."""

    def __init__(self, order: Message) -> None:
        """Start the supervisor and wait until the arm is energised.

        Args:
            order: port, config, calibration and patience (the controller's timeouts), as JSON values.

        Raises:
            DeviceError: when the arm cannot be started.
            ConfigError: when the order is invalid.
        """
        self._quit_handler: Any = None
        self._taps: list[tuple[Channel, threading.Thread]] = []
        self._stop_s = STOP_S + order["patience"]["gone_s"]
        self.process = _spawn()
        try:
            self._start(order)
            self._answer_s = order["patience"]["gone_s"] + ANSWER_S
            self._endpoint = endpoint_of(order["port"])
            self._channel = connect_to(self._endpoint, CONTROLLER, self._answer_s)
        except BaseException:
            self.process.terminate()
            self._wait()
            raise
        self._request_lock, self._send_lock, self._requests = threading.Lock(), threading.Lock(), 0
        self._answers: SimpleQueue[Message | WireError] = SimpleQueue()
        self._channel.set_timeouts(None, self._answer_s)
        threading.Thread(target=self._receive, name="answers", daemon=True).start()
        self._closing = threading.Event()
        self._heartbeats = threading.Thread(target=self._send_heartbeats, name="heartbeat", daemon=True)
        self._heartbeats.start()
        self._ignore_quit()

    def request(self, message: Message) -> Message:
        """Send one request and return its answer. Raises ArmFaultError, DeviceError."""
        with self._request_lock:
            try:
                reply = self._answer_to(message)
            except WireError as error:
                raise ArmFaultError(Fault(Kind.SUPERVISOR_GONE, str(error), time.monotonic())) from error
        if not reply.get("ok"):
            raise _error(reply)
        return reply

    def tap_bus(self, listener: Listener) -> None:
        """Pass all bytes on the bus from now on to `listener`, in a thread. Raises WireError."""
        channel = connect_to(self._endpoint, OPERATOR)
        thread = threading.Thread(target=receive_tap, args=(channel, listener), name="bus tap", daemon=True)
        self._taps.append((channel, thread))
        thread.start()

    def park(self) -> None:
        """Park and release. Raises DeviceError if a servo may still be energised, or after a timeout."""
        status = self.request({"do": "park"})
        end_s = time.monotonic() + self._stop_s
        while status["state"] != "released":
            if time.monotonic() > end_s:
                raise DeviceError(f"the arm was not released within {self._stop_s:.0f} s; run: robot-wm arm release")
            time.sleep(_POLL_S)
            status = self.request({"do": "status"})
        if status["unreleased"]:
            servos = ", ".join(status["unreleased"])
            raise DeviceError(f"could not release {servos}; it may still be energised: cut the arm's power")

    def close(self) -> None:
        """End the supervisor, which first releases what is still energised."""
        self._closing.set()
        with suppress(WireError):
            self._send({"do": "bye"})
        self._wait()
        self._channel.close()
        for channel, thread in self._taps:
            thread.join(_TAP_FLUSH_S)
            channel.close()
        self._heartbeats.join()
        if self._quit_handler is not None:
            signal.signal(signal.SIGQUIT, self._quit_handler)

    def _answer_to(self, message: Message) -> Message:
        """Return the answer with this request's number; earlier requests may have been interrupted or timed out."""
        self._requests += 1
        self._send({**message, "n": self._requests})
        end_s = time.monotonic() + self._answer_s
        while True:
            try:
                reply = self._answers.get(timeout=max(0.0, end_s - time.monotonic()))
            except Empty:
                raise WireError(f"the other side did not answer within {self._answer_s:.0f} s") from None
            if isinstance(reply, WireError):
                self._answers.put(reply)  # for later requests
                raise reply
            if reply.get("n") == self._requests:
                return reply

    def _receive(self) -> None:
        """Receive in a thread, out of reach of Ctrl-C, which could otherwise cut a message in half."""
        try:
            while True:
                self._answers.put(self._channel.receive())
        except WireError as error:
            self._answers.put(error)

    def _wait(self) -> None:
        """Wait for the supervisor to end, but leave one that is still parking alone."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(self._stop_s)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def _start(self, order: Message) -> None:
        """Pass the order and wait for the result of the start."""
        assert self.process.stdin is not None and self.process.stdout is not None
        timers = [threading.Timer(START_S, self.process.terminate)]  # it may be energised already, and parks
        timers.append(threading.Timer(2.0 * START_S, self.process.kill))  # it did not react to that
        for timer in timers:
            timer.start()
        try:
            with suppress(BrokenPipeError), self.process.stdin as stdin:
                stdin.write(json.dumps(order).encode() + b"\n")
            line = self.process.stdout.readline()
        finally:
            for timer in timers:
                timer.cancel()
        reply = json.loads(line) if line else {"ok": False, "error": _NOT_STARTED, "is_device": True}
        if not reply["ok"]:
            raise DeviceError(reply["error"]) if reply["is_device"] else ConfigError(reply["error"])

    def _send(self, message: Message) -> None:
        with self._send_lock:
            self._channel.send(message)

    def _send_heartbeats(self) -> None:
        while not self._closing.wait(HEARTBEAT_S):
            try:
                self._send({"do": "beat"})
            except WireError:
                return  # the next request reports it

    def _ignore_quit(self) -> None:
        """Ignore Ctrl-\\ here: it also reaches the supervisor, where it is the emergency stop."""
        is_default = signal.getsignal(signal.SIGQUIT) is signal.SIG_DFL
        if is_default and threading.current_thread() is threading.main_thread():
            self._quit_handler = signal.signal(signal.SIGQUIT, signal.SIG_IGN)


def receive_tap(channel: Channel, listener: Listener) -> None:
    """Pass all bytes on the supervisor's bus to `listener` until the supervisor ends or `channel` is closed."""
    try:
        channel.send({"do": "listen"})
        channel.set_timeouts(None, None)
        while True:
            for direction, data in channel.receive()["bytes"]:
                listener(direction, bytes.fromhex(data))
    except WireError:
        return


def _spawn() -> "subprocess.Popen[bytes]":
    """Start the supervisor in the same terminal session, so that the terminal's keys reach it."""
    command = [sys.executable, "-m", "hardware.supervisor.process"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)


def _error(reply: Message) -> DeviceError:
    if "kind" not in reply:
        return DeviceError(str(reply.get("error")))
    kind = Kind(reply["kind"])
    message = str(reply["error"]).removeprefix(f"{kind.value}: ").removesuffix(f"; {REMEDIES[kind]}")
    return ArmFaultError(Fault(kind, message, time.monotonic()))
