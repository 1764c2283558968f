"""The example arm of docs/serial_arm.md passes the arm and station contracts, against a fake controller."""

import importlib.util
import socketserver
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import cast

import pytest

from robot_wm.control.clock import RealClock
from robot_wm.fake import fake_spec
from tests.contracts.arm_contract import ArmContract, Rig

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "line_arm.py"


def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("line_arm", EXAMPLE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["line_arm"] = module
    spec.loader.exec_module(module)
    return module


class Box(socketserver.ThreadingTCPServer):
    """A controller whose arm follows every command instantly."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        spec = fake_spec()
        self.pose = [*spec.q_rest_rad.tolist(), spec.gripper_rest]
        self.is_on = False


class Talk(socketserver.StreamRequestHandler):
    """One client."""

    def handle(self) -> None:
        box = cast(Box, self.server)
        for line in self.rfile:
            word, *values = line.decode().split()
            if word == "go" and box.is_on:
                box.pose = [float(value) for value in values]
            box.is_on = {"on": True, "off": False}.get(word, box.is_on)
            answer = "pose " + " ".join(map(str, box.pose)) if word == "pose?" else "ok"
            self.wfile.write(answer.encode() + b"\n")


@pytest.fixture(scope="module")
def boxes() -> Iterator[list[Box]]:
    made: list[Box] = []
    yield made
    for box in made:
        box.shutdown()
        box.server_close()


class TestLineArm(ArmContract):
    @pytest.fixture(autouse=True)
    def _with_boxes(self, boxes: list[Box]) -> None:
        self._boxes = boxes

    def rig(self) -> Rig:
        box = Box()
        self._boxes.append(box)
        threading.Thread(target=box.serve_forever, daemon=True).start()
        arm = example().LineArm(*box.server_address, replace(fake_spec(), name="line_arm"))
        return Rig(arm, RealClock())


def test_it_is_as_short_as_the_docs_say() -> None:
    assert len(EXAMPLE.read_text(encoding="utf-8").splitlines()) < 100
