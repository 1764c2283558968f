"""Episodes of play, pictures included, as the collector of `robot_wm.data.collecting` wants them.

Plays, renders, and words what happened; writes no file and knows no process but its own.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np

from robot_wm.action_space import ACTION_NAMES
from robot_wm.arm_description import ArmDescription
from robot_wm.config import find_config, load_config, to_values
from robot_wm.data.dataset_writer import Episode
from robot_wm.data.features import Feature, picture
from robot_wm.data.segments import Segment
from robot_wm.data.table import CAMERA_POSES, TABLE
from robot_wm.errors import ConfigError
from robot_wm.goals import Task
from robot_wm.language.wordings import caption
from robot_wm.proprioception import state_names, state_vector
from robot_wm.types import ArmSpec
from sim import play as playing
from sim.album import Album
from sim.scene import CAMERAS, Scene, SceneConfig, table_of
from sim.scene_config import load_scene_config

FPS = 10
_CAPTION_STREAM = 1  # captions draw from their own random numbers: other words, same motion
_TABLES_MAX = 50  # drawn for one episode before the arm is taken for one that can do nothing here


@dataclass(frozen=True)
class CollectConfig:
    """What is collected; how much of it is an argument of the command."""

    scene: str = "tabletop"  # a name in configs/scenes, or a file
    captions: int = 4  # wordings of each thing that happened in a segment
    play: playing.PlayConfig = field(default_factory=playing.PlayConfig)


@dataclass(frozen=True)
class PlayEpisodes:
    """The source of a suite's training data. Picklable: the scene is made in `opened`."""

    scene: SceneConfig
    config: CollectConfig
    driver: Callable[[ArmSpec], playing.Driver] | None = None  # who drives most segments' first parts
    driven_by: str = ""  # what is written down of it
    fps = FPS

    @property
    def features(self) -> tuple[Feature, ...]:
        state = state_names(len(self.scene.arm.joint_names))
        return (
            *(picture(camera.name, camera.height, camera.width) for camera in CAMERAS),
            Feature("observation.state", "float32", (len(state),), state),
            Feature("action", "float32", (len(ACTION_NAMES),), ACTION_NAMES),
            Feature("action.expert", "float32", (len(ACTION_NAMES),), ACTION_NAMES),
            Feature("action.expert_valid", "bool", (1,)),
            TABLE,
            CAMERA_POSES,
            Feature("segment_index", "int64", (1,)),
        )

    @contextmanager
    def opened(self) -> Iterator[Callable[[int], Episode]]:
        """Make a scene; yield the function that makes the episode of a seed in it."""
        scene = Scene(self.scene)
        album = Album(scene.model, scene.data, CAMERAS)
        try:
            driver = None if self.driver is None else self.driver(scene.arm.spec)
            yield lambda seed: self._episode(scene, album, seed, driver)
        finally:
            album.close()
            scene.close()

    def described(self) -> dict[str, object]:
        driven = {"driven_by": self.driven_by} if self.driver is not None else {}
        arm = {"name": self.scene.arm.name, "joint_names": list(self.scene.arm.joint_names)}
        return {"collect": to_values(self.config), "scene": to_values(self.scene), "arm": arm, **driven}

    def arm(self) -> dict[str, object]:
        scene, config = Scene(self.scene), self.scene
        try:
            description = ArmDescription.of(scene.arm.spec, scene.model)
        finally:
            scene.close()
        eye, at = list(config.overview_eye_m), list(config.overview_at_m)
        overview = {"eye_m": eye, "at_m": at, "fovy_deg": config.overview_fovy_deg}
        return {"description": to_values(description), "overview": overview}

    def driven(self, driver: Callable[[ArmSpec], playing.Driver], name: str) -> "PlayEpisodes":
        """The same, driven by `driver` (picklable; given the arm) most of the time."""
        return replace(self, driver=driver, driven_by=name)

    def _episode(self, scene: Scene, album: Album, seed: int, driver: playing.Driver | None) -> Episode:
        """Make the episode of the first of the seed's tables on which there is something to do.

        Raises ConfigError where there is nothing to do on any of many.
        """
        for attempt in range(_TABLES_MAX):
            rows, segments = _Rows(scene, album), []
            words = np.random.default_rng([seed, attempt, _CAPTION_STREAM])
            for item in playing.play(scene, np.random.default_rng([seed, attempt]), self.config.play, driver):
                if isinstance(item, playing.Tick):
                    rows.add(item)
                else:
                    segments.append(_segment(item, self.config.captions, words))
            if segments:
                return rows.episode(tuple(segments))
        arm, area = self.scene.arm, scene.reach.area
        low, high = (round(radius, 3) for radius in area.working_radius_m)
        hand = "; ".join(dict.fromkeys(filter(None, (scene.hand.cannot_grip, scene.hand.cannot_push))))
        raise ConfigError(
            f"arm {arm.name!r} has nothing to do on any of {_TABLES_MAX} tables of scene {self.scene.name!r}: its tool "
            f"works {low} to {high} m from x = {area.axis_x_m:g} m{'; ' + hand if hand else ''}. Take a scene whose "
            "things are within that (leave reach_m and target_reach_m out of it, and they are), or give weight in "
            "play to goals that the hand can do"
        )


@dataclass
class _Rows:
    """The frames of one episode as they come."""

    scene: Scene
    album: Album
    states: list[np.ndarray] = field(default_factory=list)
    tables: list[np.ndarray] = field(default_factory=list)
    poses: list[np.ndarray] = field(default_factory=list)
    actions: list[np.ndarray] = field(default_factory=list)
    experts: list[np.ndarray] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.album.clear()

    def add(self, tick: playing.Tick) -> None:
        """One frame: what is seen now, and what is about to be done."""
        self.album.note()
        self.states.append(state_vector(tick.state, tick.sent, self.scene.kinematics))
        self.tables.append(table_of(tick.now.things).ravel())
        self.poses.append(self.scene.camera_poses().ravel())
        self.actions.append(tick.executed_action)
        self.experts.append(tick.expert_action)
        self.numbers.append(tick.segment_index)

    def episode(self, segments: tuple[Segment, ...]) -> Episode:
        """All frames; an expert action that is not finite is no label."""
        experts = np.asarray(self.experts, np.float32)
        valid = np.isfinite(experts).all(axis=1, keepdims=True)
        columns = {
            "observation.state": np.asarray(self.states, np.float32),
            "action": np.asarray(self.actions, np.float32),
            "action.expert": np.where(valid, experts, np.float32(0)),
            "action.expert_valid": valid,
            TABLE.name: np.asarray(self.tables, np.float32),
            CAMERA_POSES.name: np.asarray(self.poses, np.float32),
            "segment_index": np.asarray(self.numbers, np.int64)[:, None],
        }
        pictures = {picture(name, 0, 0).name: each for name, each in self.album.pictures().items()}
        return Episode(columns, pictures, segments)


def source(config: str, arm_file: str | None = None) -> PlayEpisodes:
    """Return the source that a configuration describes.

    Args:
        config: A name in configs/collect, or a file. A scene in it that is a file counts from that file's folder.
        arm_file: An arm's name in configs/arms or its YAML, in place of the scene's own arm.

    Raises:
        UnknownNameError, ConfigError: no such file, or one that does not fit.
    """
    path = find_config("collect", config)
    chosen = load_config(CollectConfig, path)
    beside = path.parent / chosen.scene
    return PlayEpisodes(load_scene_config(str(beside) if beside.is_file() else chosen.scene, arm_file), chosen)


def _segment(played: playing.Segment, wordings: int, rng: np.random.Generator) -> Segment:
    """Return what happened, the wanted thing first, each in several wordings."""
    happened: tuple[Task, ...] = tuple(sorted(played.happened, key=lambda task: task != played.task))
    captions = tuple(caption(task, rng) for task in happened for _ in range(wordings))
    return Segment(played.first_tick, played.end_tick, played.task, happened, played.success, captions)
