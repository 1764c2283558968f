"""Open a log, complete or truncated. Only data with a correct checksum are used.

A truncated or damaged file is read as far as it is intact: `damage` lists its problems, and `closed` says whether its
writer finished it. Knows no agent, simulator or replay.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar, final

from robot_wm.log import topics
from robot_wm.log.decode import Decoder, read_header
from robot_wm.log.entries import (
    Entry,
    LogBytes,
    LogCommand,
    LogFrame,
    LogGoal,
    LogHeader,
    LogInstruction,
    LogLook,
    LogNote,
    LogResult,
    LogState,
    LogTick,
)
from robot_wm.log.scan import Scan, scan

Kind = TypeVar("Kind", bound=Entry)


@final
class Log:
    """One recorded session. Every method reads the file again, in chronological order."""

    def __init__(self, path: Path, header: LogHeader, scanned: Scan) -> None:
        self.path = path
        self.header = header
        self._scan = scanned

    @property
    def closed(self) -> bool:
        """Whether the file ends as its writer ended it."""
        return self._scan.closed

    @property
    def damage(self) -> tuple[str, ...]:
        """Problems of the file, one line each; empty if it is intact."""
        return self._scan.damage

    def attachments(self) -> dict[str, bytes]:
        """Return the attached files by name: "model.xml" (the arm's MJCF), and "calibration.json" if there is one."""
        return dict(self._scan.attachments)

    def lost_ticks(self) -> int:
        """Return how many ticks are missing in the file (dropped, damaged or cut out), by their sequence numbers."""
        numbers = {each.sequence for each in self._scan.messages() if each.topic == topics.TICK}
        return max(numbers) - min(numbers) + 1 - len(numbers) if numbers else 0

    def entries(self) -> Iterator[Entry]:
        """Yield all entries in order; pictures are inside the looks and ticks that observed them.

        Raises:
            LogError: a message cannot be decoded although its checksum is correct.
        """
        decoder = Decoder(self.header.began)
        for message in self._scan.messages():
            entry = decoder.entry(message)
            if entry is not None:
                yield entry

    def ticks(self) -> Iterator[LogTick]:
        """Yield the loop's ticks, with observation, decision, target and command."""
        return self._only(LogTick)

    def looks(self) -> Iterator[LogLook]:
        """Yield the observations outside the ticks."""
        return self._only(LogLook)

    def goals(self) -> Iterator[LogGoal]:
        """Yield the goals in the order in which they were pursued."""
        return self._only(LogGoal)

    def instructions(self) -> Iterator[LogInstruction]:
        """Yield the instructions and how they were understood."""
        return self._only(LogInstruction)

    def results(self) -> Iterator[LogResult]:
        """Yield the outcomes of the goals."""
        return self._only(LogResult)

    def notes(self) -> Iterator[LogNote]:
        """Yield faults, warnings and other messages."""
        return self._only(LogNote)

    def states(self) -> Iterator[LogState]:
        """Yield the joint states sampled between ticks."""
        return self._only(LogState)

    def commands(self) -> Iterator[LogCommand]:
        """Yield the commands outside the ticks, sent while parking."""
        return self._only(LogCommand)

    def bus(self) -> Iterator[LogBytes]:
        """Yield the raw bytes of the servo bus, if they were recorded."""
        return self._only(LogBytes)

    def frames(self, camera: str | None = None) -> Iterator[LogFrame]:
        """Yield every picture once, of one camera or (None) of all."""
        decoder = Decoder(self.header.began)
        for message in self._scan.messages():
            frame = decoder.frame(message)
            if frame is not None and camera in (None, frame.camera):
                yield frame

    def _only(self, kind: type[Kind]) -> Iterator[Kind]:
        return (entry for entry in self.entries() if isinstance(entry, kind))


def load_log(path: str | Path) -> Log:
    """Open a log.

    Raises:
        LogError: the file is missing, no MCAP file, no log of robot_wm, or of a newer format.
    """
    scanned = scan(Path(path))
    return Log(Path(path), read_header(scanned), scanned)
