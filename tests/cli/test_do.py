"""Laws of `do`: exit statuses, the JSON object, the video, and an arm that is parked whatever happens."""

import json
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from robot_wm.cli.main import main
from robot_wm.control.agent import Agent
from robot_wm.errors import DeviceError
from robot_wm.goals import Task
from robot_wm.records import AgentRecord, Decision, Instruction, Refusal, Understanding
from robot_wm.station.station import Station
from robot_wm.types import Observation
from robot_wm.video.mp4 import read_mp4
from tests.evaluate.fakes import CountingStation

LIFT = Task("lift", "red cube")
PUSH = Task("push", "red cube", direction="left")
KEYS = [
    "instruction",
    "understood",
    "goal",
    "outcome",
    "judged_by",
    "steps",
    "seconds",
    "plan_ms",
    "arm",
    "seed",
    "video",
    "log",
]
MOVE = np.array([0.0, 0.02, 0.01, 0.0, 0.5])


class FakeAgent(Agent):
    """Understands one thing, does it or does not, and may break on the way."""

    def __init__(
        self, tasks: tuple[Task, ...] = (LIFT,), works: bool = True, breaks: BaseException | None = None
    ) -> None:
        self._tasks, self._works, self._breaks = tasks, works, breaks
        self._ticks = 0

    def reset(self, seed: int) -> None:
        self._ticks = 0

    def understand(self, instruction: Instruction, observation: Observation) -> Understanding | Refusal:
        if not self._tasks:
            return Refusal("I see no purple cube; I see red cube", "absent")
        return Understanding(self._tasks, 0.97, ", then ".join(task.words() for task in self._tasks))

    def start(self, task: Task | None, observation: Observation) -> None:
        self._ticks = 0

    def describe(self) -> AgentRecord:
        return AgentRecord("fake")

    def decide(self, observation: Observation) -> Decision:
        self._ticks += 1
        if self._breaks is not None and self._ticks > 5:
            raise self._breaks
        source = "worker" if self._works else "search"
        return Decision(MOVE, 30.0 - self._ticks, 0.5, 1.0, source, lambda: np.full((3, 96, 96, 3), 200, np.uint8))


@pytest.fixture
def station(monkeypatch: pytest.MonkeyPatch) -> CountingStation:
    """The station that every arm's name opens."""
    station = CountingStation()
    monkeypatch.setattr("robot_wm.station.make.make", lambda arm, scene="tabletop", port=None: station)
    return station


def do(monkeypatch: pytest.MonkeyPatch, agent: FakeAgent, *words: str) -> int:
    def opened(name: str, station: Station, checkpoint: Path | None, seed: int, force: bool) -> FakeAgent:
        return agent

    monkeypatch.setattr("robot_wm.agents.make.open_agent", opened)
    return main(["do", "lift the red cube", *words])


def report(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The last line of stdout; with --json it is the only one."""
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    return json.loads(lines[0])


@pytest.mark.usefixtures("station")
def test_done_exits_0_and_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert do(monkeypatch, FakeAgent(), "--json", "--seed", "3") == 0
    said = report(capsys)
    assert list(said) == KEYS
    assert said["instruction"] == "lift the red cube"
    assert (said["understood"], said["goal"]) == ("lift the red cube", {"skill": "lift", "object": "red cube"})
    assert (said["outcome"], said["judged_by"], said["steps"], said["seconds"]) == ("done", "simulator", 3, 0.3)
    assert set(said["plan_ms"]) == {"p50", "p95", "p99"}
    assert (said["arm"], said["seed"], said["video"], said["log"]) == ("mujoco", 3, None, None)


@pytest.mark.usefixtures("station")
def test_not_achieved_exits_3(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert do(monkeypatch, FakeAgent(works=False), "--json") == 3
    said = report(capsys)
    assert (said["outcome"], said["steps"]) == ("failed", 150)


@pytest.mark.usefixtures("station")
def test_refused_exits_4_and_says_why(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert do(monkeypatch, FakeAgent(tasks=()), "--json") == 4
    said = report(capsys)
    assert (said["outcome"], said["goal"], said["steps"]) == ("refused", None, 0)
    assert said["understood"] == "I see no purple cube; I see red cube"


@pytest.mark.usefixtures("station")
def test_a_fault_exits_5(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert do(monkeypatch, FakeAgent(works=False, breaks=DeviceError("servo 3 is silent")), "--json") == 5
    said = report(capsys)
    assert (said["outcome"], said["understood"]) == ("fault", "lift the red cube")
    assert said["goal"] == {"skill": "lift", "object": "red cube"}


@pytest.mark.usefixtures("station")
def test_a_fault_on_the_second_goal_keeps_the_first_and_the_film(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Breaks(FakeAgent):
        def start(self, task: Task | None, observation: Observation) -> None:
            super().start(task, observation)
            if task == PUSH:
                raise DeviceError("servo 3 is silent")

    assert do(monkeypatch, Breaks((LIFT, PUSH)), "--json", "--video", str(tmp_path / "a.mp4")) == 5
    said = report(capsys)
    assert (said["outcome"], said["steps"], said["video"]) == ("fault", 3, str(tmp_path / "a.mp4"))
    assert [goal["skill"] for goal in said["goal"]] == ["lift", "push"]


def test_an_arm_that_does_not_open_is_reported_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--arm", "so101", "--port", "/dev/nowhere", "--json", "--video", str(tmp_path / "a.mp4"))
    assert do(monkeypatch, FakeAgent(), *words) == 5
    said = report(capsys)
    assert (said["outcome"], said["understood"], said["goal"], said["video"]) == ("fault", "", None, None)


@pytest.mark.usefixtures("station")
def test_goals_are_done_in_order(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert do(monkeypatch, FakeAgent((LIFT, PUSH)), "--json") == 0
    said = report(capsys)
    assert [goal["skill"] for goal in said["goal"]] == ["lift", "push"]
    assert (said["understood"], said["steps"]) == ("lift the red cube, then push the red cube left", 6)


@pytest.mark.usefixtures("station")
def test_what_is_not_there_is_never_done(monkeypatch: pytest.MonkeyPatch) -> None:
    assert do(monkeypatch, FakeAgent((Task("lift", "purple cube"),))) == 3


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--scene", "red sphere"), "unknown thing 'red sphere'"),
        (("--scene", ","), "--scene names nothing"),
        (("--video", "/nowhere/a.mp4"), "does not exist; create it first"),
        (("--video", "a.avi"), "must end in .mp4"),
    ],
)
@pytest.mark.usefixtures("station")
def test_bad_usage_exits_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    assert do(monkeypatch, FakeAgent(), *words) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("instruction", ["", "   ", "x" * 10_000])
def test_an_instruction_that_is_none_exits_2(instruction: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["do", instruction]) == 2
    assert "the instruction" in capsys.readouterr().err


def test_an_unknown_arm_exits_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["do", "go home", "--arm", "mujocco"]) == 2
    assert "unknown arm 'mujocco'" in capsys.readouterr().err


def test_an_option_that_is_not_there_exits_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["do", "go home", "--sound", "loud"])
    assert caught.value.code == 2


def test_ctrl_c_parks_the_arm_and_exits_130(
    monkeypatch: pytest.MonkeyPatch, station: CountingStation, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    away: list[float] = []
    leave = CountingStation.__exit__

    def measured(self: CountingStation, *error: Any) -> None:
        away.append(float(np.abs(self.arm.read().q_rad - self.arm.spec.q_rest_rad).max()))
        leave(self, *error)

    monkeypatch.setattr(CountingStation, "__exit__", measured)
    agent = FakeAgent(works=False, breaks=KeyboardInterrupt())
    assert do(monkeypatch, agent, "--video", str(tmp_path / "a.mp4")) == 130
    assert away[0] < 0.05
    assert "interrupted" in capsys.readouterr().err
    assert len(list(read_mp4(tmp_path / "a.mp4"))) == 12 + 5  # what was filmed till then


@pytest.mark.usefixtures("station")
def test_the_film_shows_every_step(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert do(monkeypatch, FakeAgent(), "--video", str(tmp_path / "a.mp4")) == 0
    pages = list(read_mp4(tmp_path / "a.mp4"))
    assert len(pages) == 12 + 3 + 12
    assert pages[-1].shape == (584, 1024, 3)
    assert pages[-1][200, 900].min() > 180  # what the model imagines


def test_a_real_station_is_judged_by_the_models_own_estimate() -> None:
    from robot_wm.session.session import judge_of
    from robot_wm.station.plain import fake_station

    assert judge_of(fake_station("tabletop"), LIFT).judged_by == "own estimate"


@pytest.mark.usefixtures("station")
def test_a_script_may_decide_instead_of_the_model(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def opened(name: str, station: Station, checkpoint: Path | None, seed: int, force: bool) -> FakeAgent:
        asked.append((name, seed))
        return FakeAgent()

    monkeypatch.setattr("robot_wm.agents.make.open_agent", opened)
    assert main(["do", "lift the red cube", "--policy", "oracle", "--seed", "4", "--json"]) == 0
    assert asked == [("oracle", 4)]
    assert report(capsys)["outcome"] == "done"


@pytest.mark.usefixtures("station")
def test_it_runs_in_a_thread_and_leaves_signal_handlers_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(do, monkeypatch, FakeAgent()).result() == 0
    assert do(monkeypatch, FakeAgent()) == 0
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
