"""SerialArm keeps the arms' contract on both protocols."""

import pytest

from tests.contracts.arm_contract import ArmContract, Rig
from tests.hardware.rigs import PROTOCOLS, desk


@pytest.mark.parametrize("protocol", PROTOCOLS)
class TestSerialArm(ArmContract):
    @pytest.fixture(autouse=True)
    def _with_protocol(self, protocol: str) -> None:
        self._protocol = protocol

    def rig(self) -> Rig:
        made = desk(self._protocol)
        return Rig(made.arm, made.lockstep)
