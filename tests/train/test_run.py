"""A whole run of a family that `train` has never seen: interrupted anywhere, it resumes to the same weights."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from robot_wm.errors import RobotWMError
from robot_wm.files import locked
from robot_wm.train.metrics import Metrics
from robot_wm.train.run import train
from tests.train.toy_learner import ToyLearner, toy_config

Figures = dict[tuple[int, int], Mapping[str, float]]  # by stage and step


def run(out: Path, resume: bool = False, stop: tuple[int, int] | None = None, **changes: Any) -> Figures:
    """Run, interrupted after `stop` where given; return what was logged."""
    figures: Figures = {}

    def on_log(stage: int, step: int, found: Mapping[str, float]) -> None:
        figures[stage, step] = found
        if (stage, step) == stop:
            raise KeyboardInterrupt

    with suppress(KeyboardInterrupt):
        train(ToyLearner(toy_config(**changes)), out, resume, on_log)
    return figures


def saved(out: Path) -> dict[str, Any]:
    return json.loads((out / "toy.json").read_text())


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Figures, dict[str, Any]]:
    out = tmp_path_factory.mktemp("whole")
    return run(out), saved(out)["state"]


@pytest.mark.parametrize("stop", [(0, 1), (0, 2), (0, 4), (1, 1), (1, 3)])
def test_an_interrupted_run_resumes_to_the_same_weights(
    tmp_path: Path, whole: tuple[Figures, dict[str, Any]], stop: tuple[int, int]
) -> None:
    figures, state = whole
    first, again = run(tmp_path, stop=stop), run(tmp_path, resume=True)
    assert max(first) == stop and max(again) == (1, 3)
    assert first | again == figures
    assert saved(tmp_path)["state"] == state


def test_a_family_is_fitted(tmp_path: Path) -> None:
    figures = run(tmp_path, noise=0.0)
    assert figures[1, 3]["total"] < figures[0, 1]["total"]


def test_held_out_figures_are_of_the_averaged_weights(tmp_path: Path) -> None:
    long = tuple(
        each.__class__(kind=each.kind, steps=10, batch=8, learning_rate=0.1, warmup=1) for each in toy_config().stages
    )
    figures = run(tmp_path, stages=long[:1])
    assert [step for (_, step), found in figures.items() if "val_slope" in found] == [10]
    assert figures[0, 10]["val_slope"] == pytest.approx(saved(tmp_path)["state"]["slope"][0])


def test_a_run_directory_holds_configuration_metrics_and_checkpoint(tmp_path: Path) -> None:
    figures = run(tmp_path)
    record = json.loads((tmp_path / "run.json").read_text())
    assert record["config"]["truth"] == 2.0 and record["dataset"] == "made-up"
    rows = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert {(each["stage"], each["step"]): each["total"] for each in rows} == {
        k: v["total"] for k, v in figures.items()
    }
    assert list((tmp_path / "tensorboard").iterdir())
    assert {"hours", "machine", "torch"} <= set(saved(tmp_path)["run"])


def test_training_time_adds_up_over_the_parts_of_a_run(tmp_path: Path) -> None:
    run(tmp_path, stop=(0, 3))
    lines = tmp_path / "metrics.jsonl"
    row = json.loads(lines.read_text().splitlines()[-1])
    lines.write_text(
        lines.read_text().replace(f'"spent_s": {row["spent_s"]}', '"spent_s": 7200.0') + '{"stage": 1, "st'
    )
    run(tmp_path, resume=True)
    rows = [json.loads(line) for line in lines.read_text().splitlines()]
    assert [each["stage"] for each in rows[-4:]] == [0, 1, 1, 1] and rows[-1]["spent_s"] >= 7200.0
    assert saved(tmp_path)["run"]["hours"] == 2.0


def test_a_new_run_has_taken_no_time(tmp_path: Path) -> None:
    metrics = Metrics(tmp_path)
    assert metrics.spent_s < 60.0
    metrics.close()


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def refused(
    out: Path, words: str, resume: bool = True, learner: Callable[..., ToyLearner] = ToyLearner, **changes: Any
) -> None:
    with pytest.raises(RobotWMError, match=words):
        train(learner(toy_config(**changes)), out, resume, interrupt)


def test_a_run_is_resumed_only_where_there_is_one(tmp_path: Path) -> None:
    refused(tmp_path / "run", "holds no run to resume; omit --resume")
    run(tmp_path / "run", stop=(0, 1))
    refused(tmp_path / "run", "already holds a run; add --resume", resume=False)
    (tmp_path / "run/run.json").write_text('{"config')
    refused(tmp_path / "run", r"run\.json is damaged")


def test_only_an_equal_run_is_resumed(tmp_path: Path) -> None:
    run(tmp_path, stop=(0, 1))
    refused(tmp_path, r"the config differs from the one recorded in .*run\.json \(in seed, truth\)", seed=3, truth=1.0)
    refused(tmp_path, "the dataset differs from", learner=lambda config: ToyLearner(config, "another"))


def test_a_run_belongs_to_one_process(tmp_path: Path) -> None:
    run(tmp_path, stop=(0, 1))
    with locked(tmp_path / "lock"):
        refused(tmp_path, "another process is training in")


def test_a_damaged_save_is_named(tmp_path: Path) -> None:
    run(tmp_path, stop=(0, 3))
    (tmp_path / "stage0/progress.pt").write_bytes(b"PK")
    refused(tmp_path, r"stage0/progress\.pt is damaged")
