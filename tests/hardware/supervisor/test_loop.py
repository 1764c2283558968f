"""The supervisor's loop hears who speaks to it, however long the arm takes."""

import socket
import time
from queue import SimpleQueue
from typing import cast

from hardware.supervisor.overhearing import Overheard
from hardware.supervisor.process import CYCLE_S, Supervisor
from hardware.supervisor.server import OPERATOR, ClientMessage
from hardware.supervisor.state_machine import StateMachine, State
from hardware.supervisor.wire import Channel


class SlowKeeper:
    """Its arm is behind a line on which every cycle takes too long; released when asked to be, or when bored."""

    def __init__(self) -> None:
        self.state = State.READY
        self.cycles = 0

    def cycle(self) -> None:
        self.cycles += 1
        time.sleep(1.5 * CYCLE_S)
        if self.cycles == 10:
            self.state = State.RELEASED

    def park(self, for_good: str = "") -> None:
        pass

    def emergency_stop(self, why: str) -> None:
        self.state = State.RELEASED

    def status(self) -> dict[str, object]:
        return {"state": self.state.value}


def test_a_slow_line_does_not_make_it_deaf() -> None:
    keeper, heard, signals = SlowKeeper(), SimpleQueue[ClientMessage](), SimpleQueue[str]()
    ours, theirs = socket.socketpair()
    channel = Channel(theirs)
    heard.put(ClientMessage(OPERATOR, {"do": "bye"}, channel))
    heard.put(ClientMessage(OPERATOR, {"do": "release", "why": "a test"}, channel))
    signals.put("end")
    with ours, theirs:
        Supervisor(cast(StateMachine, keeper), heard, signals, Overheard(print), print).run()
        assert Channel(ours).receive() == {"ok": True, "state": "released", "n": None}
    assert keeper.cycles < 3
