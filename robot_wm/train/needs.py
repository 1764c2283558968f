"""What a dataset must hold for the WAM to be trained on it."""

from robot_wm.actions import ACTION_NAMES, STATE_NAMES
from robot_wm.data.episodes import EpisodeDataset, check_fits
from robot_wm.data.features import Feature, picture
from robot_wm.data.table import TABLE
from robot_wm.world_model.wam import WAMConfig

FPS = 10  # control ticks a second


def needed_features(config: WAMConfig) -> dict[str, Feature]:
    """Features by name that training with `config` reads."""
    features = (
        picture("overview", config.overview_px, config.overview_px),
        picture("wrist", config.wrist_px, config.wrist_px),
        Feature("observation.state", "float32", (len(STATE_NAMES),), STATE_NAMES),
        Feature("action", "float32", (len(ACTION_NAMES),), ACTION_NAMES),
        Feature("action.expert", "float32", (len(ACTION_NAMES),), ACTION_NAMES),
        Feature("action.expert_valid", "bool", (1,)),
        TABLE,
    )
    return {each.name: each for each in features}


def require_fitting(dataset: EpisodeDataset, config: WAMConfig) -> None:
    """Raise DatasetError, saying what does not fit, unless a model of `config` can be trained on `dataset`."""
    check_fits(dataset, FPS, needed_features(config))
