"""Opens a log, whole or cut short. Nothing is believed that its checksum does not vouch for.

A file that was cut, or has damaged places, is read as far as it is sound: `damage` says what is wrong with it and
`closed` whether its writer came to the end. Knows no policy, simulator or replay.
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
    """One recorded session. Every method reads the file anew, in the order in which things happened."""

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
        """What is wrong with the file, a line each; empty where it is whole."""
        return self._scan.damage

    def attachments(self) -> dict[str, bytes]:
        """Files that were attached, by name: "model.xml" (the arm's MJCF), "calibration.json" where there is one."""
        return dict(self._scan.attachments)

    def lost_ticks(self) -> int:
        """How many ticks are not in the file, by the numbers of those that are: dropped, damaged or cut out."""
        numbers = {each.sequence for each in self._scan.messages() if each.topic == topics.TICK}
        return max(numbers) - min(numbers) + 1 - len(numbers) if numbers else 0

    def entries(self) -> Iterator[Entry]:
        """All of these in order: instructions, looks, goals, ticks, results, notes, states, commands, bytes.

        Pictures come inside the looks and ticks that saw them.
        """
        decoder = Decoder(self.header.began)
        for message in self._scan.messages():
            entry = decoder.entry(message)
            if entry is not None:
                yield entry

    def ticks(self) -> Iterator[LogTick]:
        """The loop's ticks, with all that was seen, decided, asked and sent."""
        return self._only(LogTick)

    def looks(self) -> Iterator[LogLook]:
        """Looks outside the ticks: to understand an instruction, to place a goal."""
        return self._only(LogLook)

    def goals(self) -> Iterator[LogGoal]:
        """Goals in the order in which they were taken up."""
        return self._only(LogGoal)

    def instructions(self) -> Iterator[LogInstruction]:
        """What was said, and what was made of it."""
        return self._only(LogInstruction)

    def results(self) -> Iterator[LogResult]:
        """How each goal ended."""
        return self._only(LogResult)

    def notes(self) -> Iterator[LogNote]:
        """Faults, warnings and other words."""
        return self._only(LogNote)

    def states(self) -> Iterator[LogState]:
        """Joint states sampled between ticks."""
        return self._only(LogState)

    def commands(self) -> Iterator[LogCommand]:
        """Commands outside the ticks: the way to rest."""
        return self._only(LogCommand)

    def bus(self) -> Iterator[LogBytes]:
        """Raw bytes of the servo bus, where they were asked for."""
        return self._only(LogBytes)

    def frames(self, camera: str | None = None) -> Iterator[LogFrame]:
        """Every picture, of one camera or of all, each once."""
        decoder = Decoder(self.header.began)
        for message in self._scan.messages():
            frame = decoder.frame(message)
            if frame is not None and camera in (None, frame.camera):
                yield frame

    def _only(self, kind: type[Kind]) -> Iterator[Kind]:
        return (entry for entry in self.entries() if isinstance(entry, kind))


def open_log(path: str | Path) -> Log:
    """Open a log. Raises LogError where it is missing, no MCAP file, no log of robot_wm, or of a newer format."""
    scanned = scan(Path(path))
    return Log(Path(path), read_header(scanned), scanned)
