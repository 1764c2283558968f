"""Laws of a log: what comes back is what went in, to the last bit, for our reader and for the public one."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from mcap.reader import make_reader
from mcap_protobuf.decoder import DecoderFactory

from robot_wm.log.digest import observation_digest
from robot_wm.log.entries import LogCommand, LogGoal, LogInstruction, LogLook, LogNote, LogState, LogTick
from robot_wm.log.read import Log, load_log
from robot_wm.log.scan import scan
from robot_wm.records import Tick
from robot_wm.types import ArmCommand, ArmState, ArmTarget, Observation, PlanRecord
from tests.log.sessions import PARKED, REST, TASK, header, record

ATTACHED = {"model.xml": b"<mujoco/>", "calibration.json": b"{}"}


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> tuple[Log, list[Tick], list[Observation]]:
    path = tmp_path_factory.mktemp("log") / "a.mcap"
    recorded, ticks, looks = record(path, ticks=8, attachments=ATTACHED)
    assert (recorded.fault, recorded.dropped, recorded.path) == ("", 0, path)
    assert recorded.file_bytes == path.stat().st_size
    assert [each.name for each in path.parent.iterdir()] == ["a.mcap"]
    return load_log(path), ticks, looks


Session = tuple[Log, list[Tick], list[Observation]]


def same(one: object, other: object) -> bool:
    """Equal bit by bit: nan is nan, 0.0 is not -0.0."""
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, float) and isinstance(other, float):
        return np.float64(one).tobytes() == np.float64(other).tobytes()
    if isinstance(one, ArmState | ArmTarget | ArmCommand | PlanRecord):
        return type(one) is type(other) and all(same(each, vars(other)[name]) for name, each in vars(one).items())
    return one == other


def seen_alike(one: Observation, other: Observation) -> bool:
    frames = one.frames.keys() == other.frames.keys() and all(
        same(one.frames[name].rgb, other.frames[name].rgb)
        and same(one.frames[name].stamp_s, other.frames[name].stamp_s)
        for name in one.frames
    )
    return frames and same(one.state, other.state) and same(one.sent, other.sent)


def test_the_header_comes_back(session: Session) -> None:
    mine, back = header(), session[0].header
    assert back.scene is not None and mine.scene is not None
    assert same(back.scene.state, mine.scene.state)
    assert back.scene.names == mine.scene.names and back.policy == mine.policy and back.cameras == mine.cameras
    assert all(same(value, vars(back.arm_spec)[name]) for name, value in vars(mine.arm_spec).items())
    assert (back.command, back.arm, back.model_sha256, back.dt_s) == (mine.command, mine.arm, mine.model_sha256, 0.1)
    assert session[0].attachments() == ATTACHED
    assert session[0].closed and not session[0].damage


def test_ticks_come_back_to_the_last_bit(session: Session) -> None:
    log, told, _ = session
    back = list(log.ticks())
    assert len(back) == len(told)
    for mine, tick in zip(told, back, strict=True):
        assert (tick.number, tick.goal, tick.held, tick.missing) == (mine.number, 0, "", ())
        assert seen_alike(mine.observation, tick.observation)
        assert same(mine.sent, tick.sent) and same(mine.target.q_rad, tick.target.q_rad)
        assert same(mine.target.gripper, tick.target.gripper) and same(mine.clock_s, tick.stamp.clock_s)
        for name in ("action", "steps_to_goal", "done_probability", "plan_ms", "source", "plan"):
            assert same(getattr(mine.decision, name), getattr(tick.decision, name)), name
        assert tick.simulator is not None and same(tick.simulator, np.arange(6) / 3.0)
        assert tick.digest == observation_digest(tick.observation)


def test_everything_else_comes_back_in_order(session: Session) -> None:
    log, told, looks = session
    entries = [each for each in log.entries() if not isinstance(each, LogTick | LogState)]
    look, said, second, goal, command, bus, note, result = entries
    assert isinstance(command, LogCommand) and command.purpose == "park" and len(list(log.commands())) == 1
    assert same(command.sent, PARKED) and same(command.target, REST)
    assert isinstance(look, LogLook) and look.purpose == "understand" and seen_alike(look.observation, looks[0])
    assert isinstance(second, LogLook) and second.purpose == "goal" and seen_alike(second.observation, looks[1])
    assert isinstance(said, LogInstruction) and (said.text, said.tasks) == ("push it", (TASK,))
    assert isinstance(goal, LogGoal) and goal.goal is not None and goal.goal.point.dtype == np.float32
    assert next(iter(log.bus())) == bus and next(iter(log.bus())).data == b"\xff\xff\x01"
    assert isinstance(note, LogNote) and (note.level, note.words, note.origin) == ("info", "all is well", "test")
    assert next(iter(log.results())) == result
    assert len(list(log.states())) == len(told)


def test_frames_are_there_once_each(session: Session) -> None:
    log, told, looks = session
    for name in ("overview", "wrist"):
        frames = list(log.frames(name))
        assert [frame.sequence for frame in frames] == list(range(len(told) + len(looks)))
        expected = [each.frames[name] for each in (*looks, *(tick.observation for tick in told))]
        assert all(same(mine.rgb, frame.frame.rgb) for mine, frame in zip(expected, frames, strict=True))


def test_the_public_reader_decodes_everything(session: Session) -> None:
    log, told, _ = session
    with log.path.open("rb") as file:
        reader = make_reader(file, validate_crcs=True, decoder_factories=[DecoderFactory()])
        summary = reader.get_summary()
        assert summary is not None and summary.statistics is not None
        assert summary.statistics.message_count == sum(1 for _ in scan(log.path).messages())
        kinds = set[str]()
        for schema, channel, message in reader.iter_messages():
            assert schema is not None
            kinds.add(schema.name)
            if channel.message_encoding == "json":
                jsonschema.validate(json.loads(message.data, parse_constant=_refuse), json.loads(schema.data))
        assert kinds == {
            *("robot_wm.Session", "robot_wm.Instruction", "robot_wm.Look", "robot_wm.Goal", "robot_wm.Tick"),
            *("robot_wm.Plan", "robot_wm.Result", "robot_wm.State", "robot_wm.Command", "robot_wm.Bus"),
            *("foxglove.JointStates", "foxglove.CompressedImage", "foxglove.Log", "foxglove.SceneUpdate"),
        }
        decoded = [each for _, channel, _, each in _decoded(reader) if channel == "/joints/measured"]
        state = told[0].observation.state
        first: Any = decoded[2]  # after two looks
        assert [joint.position for joint in first.joints] == [*state.q_rad.tolist(), state.gripper]
        assert [joint.name for joint in first.joints] == [*log.header.arm_spec.joint_names, "gripper"]
        assert {name for name, _ in [(each.name, each) for each in reader.iter_attachments()]} == set(ATTACHED)


def _decoded(reader: object) -> list[tuple[str, str, int, object]]:
    rows = reader.iter_decoded_messages(topics=["/joints/measured"])  # type: ignore[attr-defined]
    return [(schema.name, channel.topic, message.log_time, each) for schema, channel, message, each in rows]


def _refuse(word: str) -> None:
    raise AssertionError(f"{word} is no JSON")


def test_a_picture_that_was_seen_twice_is_there_once(tmp_path: Path) -> None:
    from robot_wm.log.record import Recorder
    from tests.log.sessions import tick

    rng = np.random.default_rng(0)
    first = tick(rng, 0, 0.1)
    with Recorder(tmp_path / "a.mcap", header(), lambda: 0.0) as recorder:
        recorder.tick(first)
        recorder.tick(first)
    log = load_log(tmp_path / "a.mcap")
    assert len(list(log.frames("wrist"))) == 1
    assert all(seen_alike(first.observation, each.observation) for each in log.ticks())
