"""What a dataset must hold for the WAM to be trained on it, and what is made of one that holds less.

Pictures are needed. Proprioception, actions, expert actions and labels are not: a dataset of others that lacks them
trains all but the losses that ask for them. Only the stage `name` asks for labels and nothing else.
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
from robot_wm.train.config import Stage
from robot_wm.world_model.wam.config import WAMConfig

FPS = 10  # control ticks a second


def needed_features(config: WAMConfig) -> dict[str, Feature]:
    """Features by name that no training with `config` can do without: the pictures."""
    features = (
        picture("overview", config.overview_px, config.overview_px),
        picture("wrist", config.wrist_px, config.wrist_px),
    )
    return {each.name: each for each in features}


def useful_features(config: WAMConfig) -> dict[str, Feature]:
    """Features by name that training reads where they are there."""
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


def require_fitting(dataset: EpisodeDataset, config: WAMConfig) -> None:
    """Raise DatasetError, saying what does not fit, unless a model of `config` can be trained on `dataset`."""
    there = {name: each for name, each in useful_features(config).items() if name in dataset.features}
    check_fits(dataset, FPS, needed_features(config) | there)


def require_labels(dataset: EpisodeDataset, stages: Sequence[Stage]) -> None:
    """Raise DatasetError where a stage learns names and `dataset` does not say what is where in its pictures."""
    missing = [each.name for each in (TABLE, CAMERA_POSES) if each.name not in dataset.features]
    if missing and any(stage.kind == "name" for stage in stages):
        raise DatasetError(
            f"dataset {dataset.path} lacks {' and '.join(missing)}, from which the stage 'name' learns; "
            "leave that stage out of the configuration, or train on a dataset of `robot-wm collect`"
        )


def lacking(dataset: EpisodeDataset, config: WAMConfig) -> tuple[str, ...]:
    """The useful features that `dataset` lacks."""
    return tuple(name for name in useful_features(config) if name not in dataset.features)


def completed(dataset: EpisodeDataset, config: WAMConfig) -> EpisodeDataset:
    """`dataset` with zeros, which take no memory, in place of the columns it lacks; its `features` still say which."""
    zeros = {
        name: np.broadcast_to(np.zeros((), each.dtype), (len(dataset), *each.shape))
        for name, each in useful_features(config).items()
        if name not in dataset.features
    }
    return replace(dataset, arrays={**dataset.arrays, **zeros})
