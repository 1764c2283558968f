"""Features that the WAM trains on: which are required, which are optional, and how missing ones are filled in.

Pictures are required. Without proprioception, actions, expert actions or labels the losses that use them are left
out. The stage `name` uses labels only, so it requires them.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from robot_wm.action_space import ACTION_NAMES
from robot_wm.data.episodes import EpisodeDataset, check_fits
from robot_wm.data.features import Feature, picture
from robot_wm.data.table import CAMERA_POSES, TABLE
from robot_wm.errors import DatasetError
from robot_wm.proprioception import state_names
from robot_wm.world_model.wam.config import WAMConfig
from robot_wm.world_model.wam.stages import WAMStage

FPS = 10  # control ticks per second


def required_features(config: WAMConfig) -> dict[str, Feature]:
    """Return the features by name without which a model of `config` cannot be trained: the pictures."""
    features = (
        picture("overview", config.overview_px, config.overview_px),
        picture("wrist", config.wrist_px, config.wrist_px),
    )
    return {each.name: each for each in features}


def optional_features(config: WAMConfig) -> dict[str, Feature]:
    """Return the features by name that training of a model of `config` uses where the dataset has them."""
    state = state_names(config.layout.n_joints)
    features = (
        Feature("observation.state", "float32", (len(state),), state),
        Feature("action", "float32", (len(ACTION_NAMES),), ACTION_NAMES),
        Feature("action.expert", "float32", (len(ACTION_NAMES),), ACTION_NAMES),
        Feature("action.expert_valid", "bool", (1,)),
        TABLE,
        CAMERA_POSES,
    )
    return {each.name: each for each in features}


def require_compatible(dataset: EpisodeDataset, config: WAMConfig) -> None:
    """Raise DatasetError, naming the mismatch, unless a model of `config` can be trained on `dataset`."""
    present = {name: each for name, each in optional_features(config).items() if name in dataset.features}
    check_fits(dataset, FPS, required_features(config) | present)


def require_labels(dataset: EpisodeDataset, stages: Sequence[WAMStage]) -> None:
    """Raise DatasetError where a stage learns names and `dataset` has no labels."""
    missing = [each.name for each in (TABLE, CAMERA_POSES) if each.name not in dataset.features]
    if missing and any(stage.kind == "name" for stage in stages):
        raise DatasetError(
            f"dataset {dataset.path} lacks {' and '.join(missing)}, which the stage 'name' learns from; "
            "remove that stage from the configuration, or train on a dataset made by `robot-wm collect`"
        )


def missing_features(dataset: EpisodeDataset, config: WAMConfig) -> tuple[str, ...]:
    """Return the names of the optional features that `dataset` lacks."""
    return tuple(name for name in optional_features(config) if name not in dataset.features)


def zero_filled(dataset: EpisodeDataset, config: WAMConfig) -> EpisodeDataset:
    """Return `dataset` with zeros, which take no memory, for the columns it lacks; its `features` still lack them."""
    zeros = {
        name: np.broadcast_to(np.zeros((), each.dtype), (len(dataset), *each.shape))
        for name, each in optional_features(config).items()
        if name not in dataset.features
    }
    return replace(dataset, arrays={**dataset.arrays, **zeros})
