"""Metrics of a run, for people (TensorBoard) and programs (metrics.jsonl), and the time it has taken."""

import json
import time
from collections.abc import Mapping
from pathlib import Path

from torch.utils.tensorboard import SummaryWriter


class Metrics:
    """Writes figures by stage and step into a run directory; a resumed run appends.

    Each line of metrics.jsonl has `stage`, `step`, `time` (Unix, s), `spent_s` (training time so far, without the
    pauses before a resume) and the figures.

    Args:
        out: The run directory.
    """

    def __init__(self, out: Path) -> None:
        self._path = out / "metrics.jsonl"
        self._before_s = self._resume()
        self._began_s = time.monotonic()
        self._board = SummaryWriter(str(out / "tensorboard"))

    @property
    def spent_s(self) -> float:
        """Training time so far, s; without what an interrupted part did after its last line."""
        return self._before_s + time.monotonic() - self._began_s

    def write(self, stage: int, step: int, figures: Mapping[str, float]) -> None:
        """Append a line to metrics.jsonl and a point to each TensorBoard curve."""
        for name, value in figures.items():
            self._board.add_scalar(f"stage{stage}/{name}", value, step)
        row = {"stage": stage, "step": step, "time": time.time(), "spent_s": round(self.spent_s, 1), **figures}
        with self._path.open("a") as file:
            file.write(json.dumps(row) + "\n")

    def close(self) -> None:
        """Flush TensorBoard."""
        self._board.close()

    def _resume(self) -> float:
        """Remove a partial last line, which a killed run leaves; returns `spent_s` of the last whole one."""
        if not self._path.is_file():
            return 0.0
        whole, end, _ = self._path.read_text().rpartition("\n")
        self._path.write_text(whole + end)
        return float(json.loads(whole.rpartition("\n")[2])["spent_s"]) if whole else 0.0
