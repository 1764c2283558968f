"""The features of a dataset's frames: named columns of fixed shape, some of them pictures stored as video.

Knows how LeRobotDataset v3 describes them, but no files.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from robot_wm.errors import DatasetError

PICTURE_PREFIX = "observation.images."
AUTOMATIC = {  # columns of every v3 dataset, which a caller may not supply
    "timestamp": "float32",
    "frame_index": "int64",
    "episode_index": "int64",
    "index": "int64",
    "task_index": "int64",
}


@dataclass(frozen=True)
class Feature:
    """One column: `dtype` is a numpy name, "string" for one text, or "video" for pictures uint8 (height, width, 3)."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    names: tuple[str, ...] | None = None  # what each number of a vector means

    def __post_init__(self) -> None:
        if "/" in self.name:
            raise DatasetError(f"feature {self.name!r} contains a '/', which the format forbids; use dots")
        if not self.is_video and len(self.shape) != 1:
            raise DatasetError(f"feature {self.name!r} has shape {self.shape}; only vectors are stored: flatten it")
        if self.names is not None and self.dtype != "video" and len(self.names) != self.shape[0]:
            raise DatasetError(f"feature {self.name!r} has {self.shape[0]} numbers and {len(self.names)} names")

    @property
    def is_video(self) -> bool:
        return self.dtype == "video"

    @property
    def is_text(self) -> bool:
        return self.dtype == "string"

    @property
    def camera(self) -> str:
        """Name of the camera of a video feature: the last part of its key."""
        return self.name.removeprefix(PICTURE_PREFIX)

    def check(self, values: np.ndarray, length: int) -> None:
        """Raise DatasetError unless `values` are `length` frames of this feature, finite throughout."""
        dtype = {"video": "uint8", "string": "object"}.get(self.dtype, self.dtype)
        if values.shape != (length, *self.shape) or values.dtype != np.dtype(dtype):
            wanted = f"{dtype} {(length, *self.shape)}"
            raise DatasetError(f"feature {self.name!r}: expected {wanted}, received {values.dtype} {values.shape}")
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise DatasetError(f"feature {self.name!r} contains a non-finite number")


def picture(camera: str, height: int, width: int) -> Feature:
    """Return the feature of one camera's pictures."""
    return Feature(PICTURE_PREFIX + camera, "video", (height, width, 3), ("height", "width", "channels"))


def to_json(features: Iterable[Feature], fps: int, codec: str, pix_fmt: str) -> dict[str, dict[str, object]]:
    """Return the `features` of info.json, including the automatic ones."""
    entries: dict[str, dict[str, object]] = {}
    for each in features:
        names = None if each.names is None else list(each.names)
        entries[each.name] = {"dtype": each.dtype, "shape": list(each.shape), "names": names}
        if each.is_video:
            entries[each.name]["info"] = _video_info(each, fps, codec, pix_fmt)
    for name, dtype in AUTOMATIC.items():
        entries[name] = {"dtype": dtype, "shape": [1], "names": None}
    return entries


def from_json(entries: Mapping[str, Mapping[str, object]]) -> dict[str, Feature]:
    """Return features by name from info.json, without the automatic ones. Names are kept only if they are a list."""
    features = {}
    for name, entry in entries.items():
        if name in AUTOMATIC:
            continue
        names = entry.get("names")
        shape = tuple(int(n) for n in entry["shape"])  # type: ignore[union-attr]
        flat = tuple(map(str, names)) if isinstance(names, list) else None
        features[name] = Feature(name, "video" if entry["dtype"] == "video" else str(entry["dtype"]), shape, flat)
    return features


def _video_info(feature: Feature, fps: int, codec: str, pix_fmt: str) -> dict[str, object]:
    height, width, channels = feature.shape
    return {
        "video.height": height,
        "video.width": width,
        "video.codec": codec,
        "video.pix_fmt": pix_fmt,
        "video.is_depth_map": False,
        "video.fps": fps,
        "video.channels": channels,
        "has_audio": False,
    }
