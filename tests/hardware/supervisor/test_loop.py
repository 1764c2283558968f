"""The supervisor's loop handles its clients however long a cycle takes."""

import socket
import time
from queue import SimpleQueue
from typing import cast

from hardware.bus import BufferedTap
from hardware.supervisor.loop import CYCLE_S, Supervisor
from hardware.supervisor.server import ClientMessage
from hardware.supervisor.state_machine import State, StateMachine
from hardware.supervisor.wire import OPERATOR, Channel


class SlowMachine:
    """Every cycle takes too long; released on request, or after ten cycles."""

    def __init__(self) -> None:
        self.state = State.READY
        self.cycles = 0

    def cycle(self) -> None:
        self.cycles += 1
        time.sleep(1.5 * CYCLE_S)
        if self.cycles == 10:
            self.state = State.RELEASED

    def park(self, final_reason: str = "") -> None:
        pass

    def emergency_stop(self, why: str) -> None:
        self.state = State.RELEASED

    def status(self) -> dict[str, object]:
        return {"state": self.state.value}


def test_a_slow_bus_does_not_starve_the_clients() -> None:
    machine, inbox, signals = SlowMachine(), SimpleQueue[ClientMessage](), SimpleQueue[str]()
    ours, theirs = socket.socketpair()
    channel = Channel(theirs)
    inbox.put(ClientMessage(OPERATOR, {"do": "bye"}, channel))
    inbox.put(ClientMessage(OPERATOR, {"do": "release", "why": "a test"}, channel))
    signals.put("end")
    with ours, theirs:
        Supervisor(cast(StateMachine, machine), inbox, signals, BufferedTap(print), print).run()
        assert Channel(ours).receive() == {"ok": True, "state": "released", "n": None}
    assert machine.cycles < 3
