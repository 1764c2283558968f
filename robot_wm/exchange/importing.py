"""Convert recordings to a dataset that `robot-wm train` reads, with an account of the conversion.

The dataset appears when it is complete. Statistics are recomputed. `meta/origin.json` lists the source of every
episode, how timestamps were resampled, and what was left out.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from robot_wm.data.dataset_writer import DatasetWriter
from robot_wm.errors import DatasetError
from robot_wm.exchange.recording import Recording
from robot_wm.exchange.resampling import Resampled, resample
from robot_wm.exchange.training import TrainingForm, streams


class Source(Protocol):
    """A source of recordings."""

    def recordings(self, lost: Callable[[str], None]) -> Iterator[Recording]:
        """Yield recordings in order; `lost` is called with a message for each that cannot be read."""
        raise NotImplementedError


@dataclass
class Account:
    """An account of what was imported."""

    recordings: list[dict[str, Any]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    episodes: int = 0
    frames: int = 0

    @property
    def notes(self) -> list[str]:
        """Problems of all recordings."""
        return [note for each in self.recordings for note in each["notes"]]

    def add(self, recording: Recording, done: Resampled) -> None:
        """Add a recording that was imported."""
        frames = [len(piece.stamps_s) for piece in done.pieces]
        self.recordings.append(
            {
                "name": recording.name,
                "episodes": list(range(self.episodes, self.episodes + len(frames))),
                "frames": frames,
                "stamps": "nominal: frame number over the rate" if recording.nominal else "as captured",
                "left_out_frames": done.left_out,
                "streams": {name: asdict(use) for name, use in done.use.items()},
                "notes": list(recording.notes),
            }
        )
        self.episodes += len(frames)
        self.frames += sum(frames)

    def words(self) -> str:
        """Return a summary of a few lines."""
        uses = [(name, use) for each in self.recordings for name, use in each["streams"].items()]
        names = dict.fromkeys(name for name, _ in uses)
        lines = [f"{self.episodes} episodes, {self.frames} frames, from {len(self.recordings)} recordings"]
        for name in names:
            own = [use for other, use in uses if other == name]
            total = lambda key, own=own: sum(use[key] for use in own)  # noqa: E731
            worst_ms = 1e3 * max(use["worst_s"] for use in own)
            lines.append(
                f"  {name}: {total('samples')} samples, {total('dropped')} dropped, {total('repeated')} repeated, "
                f"at most {worst_ms:.1f} ms off"
            )
        left_out = sum(each["left_out_frames"] for each in self.recordings)
        lines += [f"  {left_out} frames left out: no sample within the tolerance"] if left_out else []
        return "\n".join(lines + [f"  {each}" for each in [*self.notes, *self.lost]])


def import_recordings(
    source: Source, form: TrainingForm, path: Path, tolerance_s: float, origin: Mapping[str, object]
) -> Account:
    """Write a dataset to `path`.

    Args:
        source: source of the recordings.
        form: form of the episodes.
        path: dataset folder to write.
        tolerance_s: largest time difference between a frame and its samples, s.
        origin: additional contents of meta/origin.json.

    Raises:
        DatasetError: no episode could be made; nothing is written.
    """
    account = Account()
    with DatasetWriter.creating(path, form.fps, form.features) as writer:
        for recording in source.recordings(account.lost.append):
            _add(recording, writer, form, tolerance_s, account)
        if account.episodes == 0:
            words = "; ".join(account.lost[:3]) or "the source is empty"
            raise DatasetError(f"nothing could be imported to {path}: {words}")
        writer.note_origin({**origin, "tolerance_s": tolerance_s, **asdict(account)})
    return account


def _add(recording: Recording, writer: DatasetWriter, form: TrainingForm, tolerance_s: float, account: Account) -> None:
    """Add all pieces of a recording, or none if one cannot be read."""
    try:
        done = resample(streams(recording), form.fps, tolerance_s)
        episodes = [form.episode(recording, piece) for piece in done.pieces]
    except DatasetError as error:
        account.lost.append(f"{recording.name} is left out: {error}")
        return
    for episode in episodes:
        writer.add(episode)
    account.add(recording, done)
