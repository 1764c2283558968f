"""A dataset that does not fit the model is refused, and what does not fit is named."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from robot_wm.data.episodes import EpisodeDataset
from robot_wm.data.segments import SegmentTable
from robot_wm.data.table import TABLE
from robot_wm.errors import DatasetError
from robot_wm.world_model.wam.dataset_schema import (
    FPS,
    missing_features,
    optional_features,
    require_compatible,
    require_labels,
    required_features,
    zero_filled,
)
from robot_wm.world_model.wam.stages import WAMStage
from sim.collect import CollectConfig, PlayEpisodes
from sim.scene_config import SceneConfig
from tests.world_model.toy import TINY

NOTHING = np.zeros(0, np.int64)
MODEL = replace(TINY, overview_px=128, wrist_px=64)


def dataset(fps: int = FPS) -> EpisodeDataset:
    """An empty dataset with the features that `robot-wm collect` writes."""
    features = {each.name: each for each in PlayEpisodes(SceneConfig(), CollectConfig()).features}
    none = SegmentTable(NOTHING, NOTHING, NOTHING, NOTHING, np.zeros(0, bool), (), (), ())
    return EpisodeDataset(Path("some"), fps, features, {}, NOTHING, np.zeros(1, np.int64), none, (), {})


def test_what_is_collected_fits() -> None:
    require_compatible(dataset(), MODEL)


def test_another_rate_does_not_fit() -> None:
    with pytest.raises(DatasetError, match="has 30 frames per second, the model needs 10"):
        require_compatible(dataset(fps=30), MODEL)


def test_another_picture_size_does_not_fit() -> None:
    with pytest.raises(DatasetError, match=r"shape of feature 'observation.images.wrist' is \(64, 64, 3\)"):
        require_compatible(dataset(), replace(MODEL, wrist_px=48))


@pytest.mark.parametrize("name", sorted(required_features(MODEL)))
def test_each_missing_feature_is_named(name: str) -> None:
    full = dataset()
    features = {key: value for key, value in full.features.items() if key != name}
    with pytest.raises(DatasetError, match=f"has no feature '{name}', which the model needs"):
        require_compatible(replace(full, features=features), MODEL)


@pytest.mark.parametrize("name", sorted(optional_features(MODEL)))
def test_what_is_not_pictures_may_be_missing_and_is_zeros_then(name: str) -> None:
    full = dataset()
    less = replace(full, features={key: value for key, value in full.features.items() if key != name})
    require_compatible(less, MODEL)
    assert missing_features(zero_filled(less, MODEL), MODEL) == (name,)
    assert zero_filled(less, MODEL).arrays[name].shape == (0, *optional_features(MODEL)[name].shape)


def test_another_action_space_does_not_fit() -> None:
    full = dataset()
    other = replace(full.features["action"], names=("q0", "q1", "q2", "q3", "q4"))
    with pytest.raises(DatasetError, match="names of feature 'action'"):
        require_compatible(replace(full, features={**full.features, "action": other}), MODEL)


def test_names_are_learned_from_labels_alone() -> None:
    full, stages = dataset(), (WAMStage(kind="name", steps=1, batch=2, learning_rate=1e-3),)
    require_labels(full, stages)
    bare = replace(full, features={key: each for key, each in full.features.items() if key != TABLE.name})
    require_labels(bare, (WAMStage(kind="see", steps=1, batch=2, learning_rate=1e-3),))
    with pytest.raises(DatasetError, match="which the stage 'name' learns from"):
        require_labels(bare, stages)
