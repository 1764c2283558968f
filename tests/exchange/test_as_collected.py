"""A log of what the collector plays, imported, is the dataset that the collector writes of it, and trains the same.

Two things are not in a log, and so are taken from the collector's side: what came true besides what was wanted, with
its captions (a log knows what was said), and an expert's opinion of motion that was spoilt on purpose (left out here).
"""

import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from torch import Tensor

from robot_wm.action_space import CartesianActions
from robot_wm.data.cache import open_cache
from robot_wm.data.dataset_writer import DatasetWriter, Episode
from robot_wm.data.episodes import EpisodeDataset, open_dataset
from robot_wm.data.segments import Segment
from robot_wm.data.table import CAMERA_POSES, COLUMNS, POSE, TABLE
from robot_wm.exchange.importing import import_recordings
from robot_wm.exchange.labels import Labels
from robot_wm.exchange.mapping import DatasetMapping, PictureSource
from robot_wm.exchange.sources import log_source
from robot_wm.log.entries import LogHeader, SceneRecord, Stamp
from robot_wm.log.record import Recorder
from robot_wm.records import AgentRecord, Decision, Tick
from robot_wm.station.make import make
from robot_wm.train.run import train
from robot_wm.types import Frame, Observation
from robot_wm.world_model.wam.learner import WAMLearner
from sim import play as playing
from sim.collect import PlayEpisodes, source
from sim.mishaps import MishapsConfig
from sim.scene import CAMERAS, Scene
from tests.exchange.test_training import STAGES
from tests.world_model.toy import TINY, tiny_training

SEEDS = (5, 6, 7)
PLAY = playing.PlayConfig(
    goals_min=1,
    goals_max=2,
    others_max=1,
    ticks_max=14,
    abandon_probability=0.0,
    nudge_probability=0.0,
    mishaps=MishapsConfig(clean_probability=1.0),
)
MODEL = replace(TINY, overview_px=CAMERAS[0].height, wrist_px=CAMERAS[1].height)
LABELS = (TABLE.name, CAMERA_POSES.name)
# what is said of a running simulation is a physics step older than what is said of a restored one
THING_M, CAMERA_M, CAMERA_TURN = 2e-3, 4e-3, 0.03  # so far things and the wrist's camera get in that time


@pytest.fixture(scope="module")
def datasets(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """One by way of logs, the collector's own, and that with the labels of the first."""
    folder = tmp_path_factory.mktemp("collected")
    episodes = PlayEpisodes(source("tabletop").scene, replace(source("tabletop").config, play=PLAY))
    with episodes.opened() as episode:
        collected = [as_told(episode(seed)) for seed in SEEDS]
    write(folder / "collected", episodes, collected)
    logs = [
        recorded(folder / f"{seed}.mcap", Scene(episodes.scene), seed, each.segments)
        for seed, each in zip(SEEDS, collected, strict=True)
    ]
    mapping = DatasetMapping({each.name: PictureSource(each.name, each.height) for each in CAMERAS})
    with Labels(make) as labels:
        logged, form = log_source(logs, mapping, labels.label)
        import_recordings(logged, form, folder / "logged", mapping.tolerance_s, {})
    write(folder / "relabelled", episodes, relabelled(collected, open_dataset(folder / "logged")))
    return folder / "logged", folder / "collected", folder / "relabelled"


def write(path: Path, source: PlayEpisodes, episodes: Sequence[Episode]) -> None:
    """As `robot-wm collect` does."""
    with DatasetWriter.creating(path, source.fps, source.features) as writer:
        for each in episodes:
            writer.add(each)


def relabelled(episodes: Sequence[Episode], labelled: EpisodeDataset) -> list[Episode]:
    """The episodes with the labels of a dataset of the same frames."""
    ends = np.cumsum([each.length for each in episodes])
    frames = [slice(end - each.length, end) for each, end in zip(episodes, ends, strict=True)]
    return [
        replace(each, columns={**each.columns, **{name: labelled.arrays[name][own] for name in LABELS}})
        for each, own in zip(episodes, frames, strict=True)
    ]


def as_told(episode: Episode) -> Episode:
    """The episode as somebody knows it who was told what was wanted and whether it was done."""
    return replace(episode, segments=tuple(map(_as_told, episode.segments)))


def _as_told(segment: Segment) -> Segment:
    words = segment.captions[0] if segment.success else segment.task.words()
    return replace(segment, happened=(segment.task,) if segment.success else (), captions=(words,))


def recorded(path: Path, scene: Scene, seed: int, segments: tuple[Segment, ...]) -> Path:
    """A log of the collector's episode of this seed. What was said of its segments is taken from them."""
    laid, reset = list[int](), scene.reset

    def reset_and_tell(table: int, names: Sequence[str] | None = None) -> None:
        laid.append(table)
        reset(table, names)

    scene.reset = reset_and_tell  # type: ignore[method-assign]
    items, left = playing.play(scene, np.random.default_rng([seed, 0]), PLAY), list(segments)
    first = next(items)  # the table is laid now
    with Recorder(path, _header(scene, laid[0]), scene.clock.now_s, simulator=scene.state) as recorder:
        begun: Tick | None = None
        for number, item in enumerate(chain([first], items)):
            if begun is not None:
                recorder.tick(replace(begun, sent=scene.arm.sent))
            if isinstance(item, playing.Segment):
                recorder.result(item.success, False, "simulator")
                begun = None
                continue
            if begun is None:
                task = item.task.to_json()
                recorder.instruction(left.pop(0).words, (task,), item.task.words(), 1.0)
                recorder.goal(task, None)
            begun = _begun(scene, number, item)
    scene.close()
    return path


def _begun(scene: Scene, number: int, tick: playing.Tick) -> Tick:
    """What is seen and decided; what will be sent, nobody knows yet."""
    at_s = tick.state.stamp_s
    frames = {camera.name: Frame(scene.render(camera.name), at_s) for camera in CAMERAS}
    action = tick.executed_action.astype(np.float64)
    target = CartesianActions(scene.kinematics).target(action, tick.state, tick.sent)
    decision = Decision(action, 0.0, 0.0, 0.0, "oracle")
    return Tick(number, Observation(frames, tick.state, tick.sent), decision, tick.sent, "", 0.0, target, at_s)


def _header(scene: Scene, seed: int) -> LogHeader:
    return LogHeader(
        command="test",
        arm="mujoco",
        arm_spec=scene.arm.spec,
        cameras=CAMERAS,
        began=Stamp(scene.clock.now_s(), time.monotonic(), time.time_ns()),
        policy=AgentRecord("oracle"),
        scene=SceneRecord("tabletop", seed, scene.names, state=scene.state()),
    )


@pytest.mark.slow
def test_frames_states_and_actions_are_the_same_to_the_last_bit(datasets: tuple[Path, Path, Path]) -> None:
    logged, collected, _ = (open_dataset(each) for each in datasets)
    for name in ("observation.state", "action", "action.expert", "action.expert_valid"):
        np.testing.assert_array_equal(logged.arrays[name], collected.arrays[name], err_msg=name)
    for camera in CAMERAS:
        pictures = [np.asarray(open_cache(each)[camera.name]) for each in (logged, collected)]
        np.testing.assert_array_equal(*pictures, err_msg=camera.name)
    told, true = logged.segments, collected.segments
    assert (told.tasks, told.happened, told.captions) == (true.tasks, true.happened, true.captions)
    for one, other in ((told.start, true.start), (told.stop, true.stop), (told.success, true.success)):
        np.testing.assert_array_equal(one, other)


@pytest.mark.slow
def test_labels_are_the_same_within_a_step_of_physics(datasets: tuple[Path, Path, Path]) -> None:
    arrays = [open_dataset(each).arrays for each in datasets[:2]]
    logged, collected = (each[TABLE.name].reshape(-1, len(COLUMNS)) for each in arrays)
    np.testing.assert_array_equal(logged[:, [0, 5]], collected[:, [0, 5]])  # what is there, and how large
    np.testing.assert_allclose(logged[:, 1:4], collected[:, 1:4], rtol=0.0, atol=THING_M)
    logged, collected = (each[CAMERA_POSES.name].reshape(-1, 2, len(POSE)) for each in arrays)
    np.testing.assert_array_equal(logged[:, 0], collected[:, 0])  # the overview camera stands still
    np.testing.assert_allclose(logged[:, 1, :3], collected[:, 1, :3], rtol=0.0, atol=CAMERA_M)
    np.testing.assert_allclose(logged[:, 1, 3:], collected[:, 1, 3:], rtol=0.0, atol=CAMERA_TURN)


@pytest.mark.slow
@pytest.mark.usefixtures("one_thread")
def test_nothing_else_matters_to_training(datasets: tuple[Path, Path, Path], tmp_path: Path, phrases: Tensor) -> None:
    logged, _, alike = datasets
    losses, others = (trained(data, tmp_path / data.name, phrases) for data in (logged, alike))
    np.testing.assert_equal(losses, others)


def trained(data: Path, out: Path, phrases: Tensor) -> dict[str, float]:
    """Return the last figures of each stage of a tiny run."""
    config = tiny_training(str(data), stages=STAGES, model=MODEL, save_every=10)
    figures: dict[str, float] = {}
    train(WAMLearner(config, phrases), out, False, lambda stage, step, found: figures.update(found))
    return figures
