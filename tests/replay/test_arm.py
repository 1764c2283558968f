"""Laws of arm replay: near or ramped, tracked, paused, stopped; held and not parked where something is in the way."""

import os
import pty
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from robot_wm.errors import ConfigError, DeviceError, LogError
from robot_wm.fake import FakeArm, FakeClock
from robot_wm.log.read import load_log
from robot_wm.replay.arm import Manner
from robot_wm.replay.arm_run import replay_on_arm
from robot_wm.replay.keys import PAUSE, RUN, STOP, Controls, Keys, NoControls
from robot_wm.replay.report import Outcome
from robot_wm.station.plain import PlainStation
from robot_wm.types import ArmCommand, ArmState, Floats
from sim.station import mujoco_station
from tests.replay.editing import edit_tick, rewritten


class Watched(FakeArm):
    """A fake arm that remembers what it was sent; a joint of it may be stuck, and it may fail."""

    def __init__(
        self, clock: FakeClock, start_rad: Floats | None = None, stuck: int | None = None, dies_after: int = 10**9
    ) -> None:
        super().__init__(clock.now_s)
        self.commands: list[ArmCommand] = []
        self.stops = 0
        self._stuck, self._dies_after = stuck, dies_after
        if start_rad is not None:
            self._last = ArmCommand(start_rad, 0.5, clock.now_s())
        self.stuck_rad = float(self._last.q_rad[0 if stuck is None else stuck])

    def _read(self) -> ArmState:
        state = super()._read()
        if self._stuck is None:
            return state
        q_rad = state.q_rad.copy()
        q_rad[self._stuck] = self.stuck_rad
        return ArmState(q_rad, state.dq_rad_s, None, state.gripper, state.stamp_s)

    def _send(self, command: ArmCommand) -> ArmCommand:
        if len(self.commands) >= self._dies_after:
            raise DeviceError("servo 3 is silent")
        self.commands.append(command)
        return super()._send(command)

    def _stop(self) -> None:
        self.stops += 1
        super()._stop()


class Script:
    """What a person wants, call by call; then that it runs."""

    def __init__(self, wanted: Sequence[str]) -> None:
        self._left = list(wanted)

    def wanted(self) -> str:
        return self._left.pop(0) if self._left else RUN


def replayed(
    path: Path, manner: Manner | None = None, controls: Controls | None = None, **arm: Any
) -> tuple[Outcome, Watched]:
    clock = FakeClock()
    watched = Watched(clock, **arm)
    station = PlainStation(watched, {}, clock)
    return replay_on_arm(load_log(path), station, manner or Manner(), controls or NoControls()), watched


def logged_commands(path: Path) -> Floats:
    return np.stack([tick.sent.q_rad for tick in load_log(path).ticks()])


def start_of(path: Path) -> Floats:
    return next(load_log(path).ticks()).observation.sent.q_rad


def is_parked(arm: Watched) -> bool:
    return bool(np.abs(arm.commands[-1].q_rad - arm.spec.q_rest_rad).max() < 0.05)


def test_the_logged_commands_are_sent_as_they_were(hand_file: Path) -> None:
    outcome, arm = replayed(hand_file)
    assert outcome.exit_status == 0, outcome.words
    assert (outcome.values["ticks"], outcome.values["equal_ticks"]) == (12, 12)
    assert outcome.values["tracking_max_rad"] <= 0.2
    sent = np.stack([command.q_rad for command in arm.commands])
    wanted = logged_commands(hand_file)
    assert any(np.abs(sent[first : first + 12] - wanted).max() < 1e-9 for first in range(len(sent) - 11))
    assert is_parked(arm) and arm.stops > 0


def test_in_simulation_the_arm_is_where_it_was(log_file: Path) -> None:
    outcome = replay_on_arm(load_log(log_file), mujoco_station("tabletop"), Manner(), NoControls())
    assert outcome.exit_status == 0, outcome.words
    assert outcome.values["tracking_max_rad"] < 0.02


@pytest.mark.parametrize(("speed", "steps"), [(0.5, 2), (0.25, 4)])
def test_slower_means_smaller_steps_on_the_same_way(hand_file: Path, speed: float, steps: int) -> None:
    outcome, arm = replayed(hand_file, Manner(speed=speed))
    assert outcome.exit_status == 0, outcome.words
    sent, wanted = np.stack([command.q_rad for command in arm.commands]), logged_commands(hand_file)
    ends = [sent[first + steps - 1 : first + steps * 12 : steps] for first in range(len(sent) - steps * 12 + 1)]
    assert min(np.abs(each - wanted).max() for each in ends) < 1e-9


def test_twice_as_fast_takes_half_the_commands(hand_file: Path) -> None:
    outcome, arm = replayed(hand_file, Manner(speed=2.0))
    _, slower = replayed(hand_file)
    assert (outcome.exit_status, outcome.values["equal_ticks"]) == (0, 12), outcome.words
    assert len(slower.commands) - len(arm.commands) == 6
    sent = np.stack([command.q_rad for command in arm.commands])
    assert min(np.abs(sent[i : i + 6] - logged_commands(hand_file)[1::2]).max() for i in range(len(sent) - 5)) < 1e-9


def test_a_log_that_begins_far_away_is_refused_and_nothing_moves(hand_file: Path) -> None:
    clock = FakeClock()
    arm = Watched(clock, start_rad=start_of(hand_file) + np.array([0.6, 0.0, 0.0, 0.0, 0.0]))
    with pytest.raises(LogError, match=r"starts 0\.60 rad \(shoulder_pan\) from the position of arm 'fake'"):
        replay_on_arm(load_log(hand_file), PlainStation(arm, {}, clock), Manner(), NoControls())
    assert arm.commands == []


def test_asked_to_approach_it_goes_there_slowly(hand_file: Path) -> None:
    start = start_of(hand_file) + np.array([0.6, 0.0, 0.0, 0.0, 0.0])
    outcome, arm = replayed(hand_file, Manner(approach=True), start_rad=start)
    assert outcome.exit_status == 0, outcome.words
    assert outcome.values["approach_rad"] == pytest.approx(0.6)
    way = np.stack([start, *(command.q_rad for command in arm.commands)])
    approach = np.abs(np.diff(way[:10], axis=0)).max() * arm.spec.rate_hz
    assert approach <= 0.6 + 1e-9  # rad/s


def test_a_blocked_joint_stops_it_and_it_is_not_pushed_further(hand_file: Path) -> None:
    moved = int(np.abs(np.diff(logged_commands(hand_file), axis=0)).sum(axis=0).argmax())
    outcome, arm = replayed(hand_file, Manner(bound_rad=0.02), stuck=moved)
    assert (outcome.exit_status, outcome.values["cause"]) == (3, "arm")
    assert arm.spec.joint_names[moved] in outcome.words and "more than the bound of 0.02 rad" in outcome.words
    assert "held in place, then stopped" in " ".join(outcome.values["notes"])
    assert arm.stops > 0 and outcome.values["equal_ticks"] < 12
    last = np.stack([command.q_rad for command in arm.commands[-8:]])
    assert np.ptp(last, axis=0).max() < 1e-9 and abs(last[-1, moved] - arm.stuck_rad) < 1e-9


def test_pause_keeps_the_arm_still_and_goes_on(hand_file: Path) -> None:
    outcome, arm = replayed(hand_file, controls=Script([RUN] * 9 + [PAUSE] * 5 + [RUN]))
    assert outcome.exit_status == 0, outcome.words
    plain, unpaused = replayed(hand_file)
    assert plain.exit_status == 0 and len(arm.commands) > len(unpaused.commands)
    still = [np.array_equal(a.q_rad, b.q_rad) for a, b in zip(arm.commands, arm.commands[1:], strict=False)]
    assert sum(still) >= 4


def test_stop_parks_the_arm_and_the_verdict_does_not_hold(hand_file: Path) -> None:
    outcome, arm = replayed(hand_file, controls=Script([RUN] * 8 + [STOP]))
    assert (outcome.exit_status, outcome.values["cause"]) == (3, "arm")
    assert "stopped by the user" in outcome.words
    assert is_parked(arm) and arm.stops > 0


def test_an_arm_that_fails_is_stopped_and_the_fault_goes_on(hand_file: Path) -> None:
    clock = FakeClock()
    arm = Watched(clock, dies_after=5)
    with pytest.raises(DeviceError, match="servo 3 is silent"):
        replay_on_arm(load_log(hand_file), PlainStation(arm, {}, clock), Manner(), NoControls())
    assert arm.stops > 0


def test_ctrl_c_parks_the_arm(hand_file: Path) -> None:
    class Interrupts:
        def wanted(self) -> str:
            if len(arm.commands) > 6:
                raise KeyboardInterrupt
            return RUN

    clock = FakeClock()
    arm = Watched(clock)
    with pytest.raises(KeyboardInterrupt):
        replay_on_arm(load_log(hand_file), PlainStation(arm, {}, clock), Manner(), Interrupts())
    assert is_parked(arm) and arm.stops > 0


def test_the_wrong_arm_is_refused_and_nothing_moves(hand_file: Path, tmp_path: Path) -> None:
    def change(topic: str, values: dict[str, Any]) -> Sequence[dict[str, Any]] | None:
        if topic != "/session":
            return None
        values["arm_spec"]["joint_names"][0] = "base"
        return [values]

    with pytest.raises(LogError, match="the log is of an arm with joints base, shoulder_lift"):
        replayed(rewritten(hand_file, tmp_path / "a.mcap", change))


def test_a_command_out_of_the_arms_reach_is_refused(hand_file: Path, tmp_path: Path) -> None:
    def edit(values: dict[str, Any]) -> None:
        values["sent"]["q_rad"][1] = 3.0

    with pytest.raises(LogError, match=r"tick 6 sends shoulder_lift to 3\.000 rad; arm 'fake' reaches"):
        replayed(rewritten(hand_file, tmp_path / "a.mcap", edit_tick(6, edit)))


@pytest.mark.parametrize("manner", [{"speed": 0.0}, {"speed": 9.0}, {"bound_rad": 0.0}, {"speed": float("nan")}])
def test_a_manner_that_is_none_is_refused(manner: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="must be"):
        Manner(**manner)


def test_keys_pause_go_on_and_stop() -> None:
    person, terminal = pty.openpty()
    try:
        with Keys(terminal) as keys:
            assert keys.wanted() == RUN
            for key, wanted in ((b" ", PAUSE), (b"x", PAUSE), (b" ", RUN), (b"q", STOP), (b" ", STOP)):
                os.write(person, key)
                assert _soon(keys, wanted) == wanted
    finally:
        os.close(person)
        os.close(terminal)


def _soon(keys: Keys, wanted: str) -> str:
    """What is wanted once the terminal has passed the key on."""
    for _ in range(2000):
        if keys.wanted() == wanted:
            break
    return keys.wanted()
