"""The example arm of docs/serial_arm.md passes the arm and station contracts, against a fake controller."""

import importlib.util
import socketserver
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import cast

import pytest

from robot_wm.control.clock import RealClock
from robot_wm.fake import fake_spec
from robot_wm.station.plain import PlainStation
from robot_wm.station.station import Station
from tests.contracts.arm_contract import ArmContract, Rig
from tests.contracts.station_contract import StationContract

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "line_arm.py"


def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("line_arm", EXAMPLE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["line_arm"] = module
    spec.loader.exec_module(module)
    return module


class Controller(socketserver.ThreadingTCPServer):
    """A controller whose arm follows every command instantly."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Connection)
        spec = fake_spec()
        self.pose = [*spec.q_rest_rad.tolist(), spec.gripper_rest]
        self.is_on = False


class Connection(socketserver.StreamRequestHandler):
    """One client."""

    def handle(self) -> None:
        controller = cast(Controller, self.server)
        for line in self.rfile:
            word, *values = line.decode().split()
            if word == "go" and controller.is_on:
                controller.pose = [float(value) for value in values]
            controller.is_on = {"on": True, "off": False}.get(word, controller.is_on)
            answer = "pose " + " ".join(map(str, controller.pose)) if word == "pose?" else "ok"
            self.wfile.write(answer.encode() + b"\n")


@pytest.fixture(scope="module")
def start() -> Iterator[Callable[[], Controller]]:
    """Start a controller; all are stopped at the end."""
    with ExitStack() as stack:

        def started() -> Controller:
            controller = stack.enter_context(Controller())
            stack.callback(controller.shutdown)
            threading.Thread(target=controller.serve_forever, daemon=True).start()
            return controller

        yield started


class TestLineArm(ArmContract):
    @pytest.fixture(autouse=True)
    def _with_controllers(self, start: Callable[[], Controller]) -> None:
        self._start = start

    def rig(self) -> Rig:
        arm = example().LineArm(*self._start().server_address, replace(fake_spec(), name="line_arm"))
        return Rig(arm, RealClock())


class TestLineArmStation(StationContract):
    station_class = PlainStation

    @pytest.fixture
    def made(self, start: Callable[[], Controller]) -> Station:
        host, port = start().server_address[:2]
        return example().line_arm_station("tabletop", port=f"{host}:{port}")


def test_it_is_as_short_as_the_docs_say() -> None:
    assert len(EXAMPLE.read_text(encoding="utf-8").splitlines()) < 100
