"""The figures of a run, for people (TensorBoard) and programs (metrics.jsonl), and how long it has taken."""

import json
import time
from collections.abc import Mapping
from pathlib import Path

from torch.utils.tensorboard import SummaryWriter


class Metrics:
    """Figures by stage and step, in the run's folder; a resumed run writes on where it stopped.

    Each line of metrics.jsonl has `stage`, `step`, `time` (Unix, s), `spent_s` (what the run took until then, pauses
    between its parts left out) and the figures.
    """

    def __init__(self, out: Path) -> None:
        self._path = out / "metrics.jsonl"
        self._before_s = self._resume()
        self._began_s = time.monotonic()
        self._board = SummaryWriter(str(out / "tensorboard"))

    @property
    def spent_s(self) -> float:
        """Seconds of work so far. What was done after the last line of a part that was killed is not known."""
        return self._before_s + time.monotonic() - self._began_s

    def write(self, stage: int, step: int, figures: Mapping[str, float]) -> None:
        """One line, and a point on each curve."""
        for name, value in figures.items():
            self._board.add_scalar(f"stage{stage}/{name}", value, step)
        row = {"stage": stage, "step": step, "time": time.time(), "spent_s": round(self.spent_s, 1), **figures}
        with self._path.open("a") as file:
            file.write(json.dumps(row) + "\n")

    def close(self) -> None:
        """Write out what TensorBoard still holds back."""
        self._board.close()

    def _resume(self) -> float:
        """Cut off a line that was being written when the run was killed; returns the seconds that the last one says."""
        if not self._path.is_file():
            return 0.0
        whole, end, _ = self._path.read_text().rpartition("\n")
        self._path.write_text(whole + end)
        return float(json.loads(whole.rpartition("\n")[2])["spent_s"]) if whole else 0.0
