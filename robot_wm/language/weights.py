"""The readers on disk: one safetensors file with half-precision weights and what is needed to use them."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from robot_wm.errors import CheckpointError, MissingDependencyError
from robot_wm.files import write_whole
from robot_wm.language.encoder import WEIGHTS_SHA256
from robot_wm.language.reader import ReaderConfig, Readers
from robot_wm.language.reading import SLOTS

FILE_NAME = "language.safetensors"
_FORMAT = "robot_wm language 1"


@dataclass(frozen=True)
class LoadedReaders:
    """Readers ready to read, and the confidence below which an instruction is refused."""

    readers: Readers
    threshold: float
    about: Mapping[str, object]  # how they were trained and measured


def shipped_path() -> Path:
    """Return the path of the weights that come with the package."""
    return Path(__file__).parent.parent / "checkpoints" / FILE_NAME


def save_readers(readers: Readers, threshold: float, about: Mapping[str, object], path: Path) -> Path:
    """Write readers, threshold and provenance to `path` in one step."""
    config: ReaderConfig = readers.members[0].config  # type: ignore[assignment]
    header = {
        "format": _FORMAT,
        "encoder_sha256": WEIGHTS_SHA256,
        "reader": json.dumps(asdict(config)),
        "members": str(len(readers.members)),
        "slots": json.dumps(SLOTS),
        "threshold": str(threshold),
        "about": json.dumps(about),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, save({name: value.half().contiguous() for name, value in readers.state_dict().items()}, header))
    return path


def load_readers(path: Path | None = None) -> LoadedReaders:
    """Read the file that `save_readers` wrote; None takes the shipped one. Raises CheckpointError."""
    path = shipped_path() if path is None else path
    if not path.is_file():
        raise MissingDependencyError(f"no language weights at {path}; run: robot-wm train configs/train/language.yaml")
    try:
        with safe_open(path, "pt") as file:
            header = file.metadata() or {}
            weights = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118 (not a mapping)
    except SafetensorError as error:
        raise CheckpointError(
            f"{path} is truncated or not safetensors ({error}); train it again or reinstall"
        ) from error
    _check_header(path, header)
    readers = Readers(ReaderConfig(**json.loads(header["reader"])), int(header["members"]))
    try:
        readers.load_state_dict(weights)
    except RuntimeError as error:
        raise CheckpointError(f"{path} does not hold the weights its header speaks of: {error}") from error
    return LoadedReaders(readers.eval().requires_grad_(False), float(header["threshold"]), json.loads(header["about"]))


def _check_header(path: Path, header: Mapping[str, str]) -> None:
    if header.get("format") != _FORMAT:
        raise CheckpointError(
            f"{path} is no language checkpoint: format {header.get('format')!r}, expected {_FORMAT!r}; "
            "give the file that robot-wm train configs/train/language.yaml writes"
        )
    if json.loads(header["slots"]) != {slot: list(classes) for slot, classes in SLOTS.items()}:
        raise CheckpointError(f"{path} was trained for other skills, colours or kinds; train it again")
    if header["encoder_sha256"] != WEIGHTS_SHA256:
        raise CheckpointError(
            f"{path} was trained on another sentence encoder ({header['encoder_sha256']}); train it again"
        )
