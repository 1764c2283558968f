"""The supervisor's loop: runs the state machine fifty times per second and answers messages and signals in between."""

import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import final

import numpy as np

from hardware.arm import ArmFaultError, Notify
from hardware.bus import BufferedTap
from hardware.supervisor.server import ClientMessage
from hardware.supervisor.state_machine import State, StateMachine
from hardware.supervisor.wire import CONTROLLER, Channel, Message, WireError
from robot_wm.errors import RobotWMError
from robot_wm.types import ArmTarget

CYCLE_S = 0.02
STOP_SIGNAL, END_SIGNAL = "emergency stop", "end"
_FIRST_MESSAGE_S = 30.0  # a controller that dies during its start must not leave an energised arm behind


@final
class Supervisor:
    """Connects clients and signals to the state machine of one arm."""

    def __init__(
        self,
        machine: StateMachine,
        inbox: "SimpleQueue[ClientMessage]",
        signals: "SimpleQueue[str]",
        tap: BufferedTap,
        notify: Notify,
    ) -> None:
        """Prepare to run.

        Args:
            machine: of the connected arm.
            inbox: messages from the server.
            signals: STOP_SIGNAL or END_SIGNAL for each signal received.
            tap: source of the bytes on the bus.
            notify: receives messages for people.
        """
        self._machine, self._inbox, self._signals, self._tap = machine, inbox, signals, tap
        self._notify = notify
        self._ending = False
        self._had_controller = False
        self._started_s = time.monotonic()
        self._requests: dict[str, Callable[[Message], Message]] = {
            "read": self._read,
            "command": self._command,
            "park": self._park,
            "release": self._release,
            "status": lambda message: machine.status(),
        }

    def run(self) -> None:
        """Run until the arm is released and the supervisor is no longer needed."""
        due_s = time.monotonic()
        while not (self._ending and self._machine.state is State.RELEASED):
            self._handle_signals()
            self._machine.cycle()
            due_s = max(due_s + CYCLE_S, time.monotonic())
            self._handle_messages(due_s)
            if not self._had_controller and time.monotonic() - self._started_s > _FIRST_MESSAGE_S:
                self._end()

    def _handle_messages(self, due_s: float) -> None:
        """Handle what has arrived, however long the cycle took (a slow bus must not starve clients), until `due_s`."""
        for _ in range(self._inbox.qsize()):
            if not self._signals.empty():
                return
            self._handle(self._inbox.get_nowait())
        while (left_s := due_s - time.monotonic()) > 0 and self._signals.empty():
            try:
                self._handle(self._inbox.get(timeout=left_s))
            except Empty:
                return

    def _handle(self, received: ClientMessage) -> None:
        request = received.message.get("do")
        if received.role == CONTROLLER:
            self._had_controller = True
        if request == "beat":
            self._machine.heartbeat()
        elif request == "hung up":
            self._disconnected(received)
        elif request == "bye":
            self._end()
        elif request == "listen":
            self._tap.stream_to(lambda pieces: _send_pieces(received.channel, pieces))
        else:
            self._answer(received, self._reply(str(request), received.message))

    def _reply(self, request: str, message: Message) -> Message:
        if request not in self._requests:
            return {"ok": False, "error": f"unknown request {request!r}; known: {', '.join(self._requests)}"}
        try:
            return {"ok": True, **self._requests[request](message)}
        except ArmFaultError as error:
            return {"ok": False, "error": str(error), "kind": error.fault.kind.value}
        except (RobotWMError, KeyError, TypeError, ValueError) as error:
            return {"ok": False, "error": str(error)}

    def _answer(self, received: ClientMessage, reply: Message) -> None:
        try:
            received.channel.answer({**reply, "n": received.message.get("n")})
        except WireError as error:
            received.channel.close()  # its thread then reports that the client disconnected
            self._notify(str(error))

    def _disconnected(self, received: ClientMessage) -> None:
        received.channel.close()
        if received.role == CONTROLLER and not self._ending:
            self._machine.controller_gone("the controller's process ended unexpectedly")
            self._ending = True

    def _end(self) -> None:
        self._ending = True
        self._machine.park("the supervisor is ending")

    def _handle_signals(self) -> None:
        while not self._signals.empty():
            if self._signals.get() == STOP_SIGNAL:
                self._machine.emergency_stop("emergency-stop key or signal")
            else:
                self._end()

    def _read(self, message: Message) -> Message:
        state = self._machine.read()
        return {
            "q_rad": state.q_rad.tolist(),
            "dq_rad_s": state.dq_rad_s.tolist(),
            "gripper": state.gripper,
            "stamp_s": state.stamp_s,
        }

    def _command(self, message: Message) -> Message:
        sent = self._machine.command(ArmTarget(np.array(message["q_rad"], np.float64), float(message["gripper"])))
        return {
            "q_rad": sent.q_rad.tolist(),
            "gripper": sent.gripper,
            "stamp_s": sent.stamp_s,
            "limited": list(sent.limited),
        }

    def _park(self, message: Message) -> Message:
        self._machine.park(str(message.get("why", "")))
        return self._machine.status()

    def _release(self, message: Message) -> Message:
        self._machine.emergency_stop(str(message.get("why", "requested")))
        return self._machine.status()


def _send_pieces(channel: Channel, pieces: list[tuple[str, bytes]]) -> None:
    channel.send({"bytes": [[direction, data.hex()] for direction, data in pieces]})
