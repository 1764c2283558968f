"""The contents of a log and its problems, for `robot-wm logs info` and `verify`."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from robot_wm.errors import LogError
from robot_wm.log.digest import observation_digest
from robot_wm.log.entries import LogGoal, LogInstruction, LogLook, LogNote, LogResult, LogTick
from robot_wm.log.read import Log, load_log
from robot_wm.log.scan import Scan, scan

_PERCENTILES = (50, 95, 99)


@dataclass(frozen=True)
class Channel:
    """One topic in figures."""

    topic: str
    schema: str
    messages: int
    rate_hz: float  # nan with fewer than two messages
    file_bytes: int  # of its messages before compression
    lost: int  # gaps in the numbering

    def to_json(self) -> dict[str, object]:
        """One JSON object."""
        return {**asdict(self), "rate_hz": None if math.isnan(self.rate_hz) else round(self.rate_hz, 3)}


@dataclass
class Info:
    """A summary of a log."""

    path: Path
    file_bytes: int
    seconds: float
    closed: bool
    channels: list[Channel] = field(default_factory=list)
    instructions: list[str] = field(default_factory=list)
    goals: list[str] = field(default_factory=list)
    results: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # warnings and faults
    ticks: int = 0
    held: dict[str, int] = field(default_factory=dict)
    limited: dict[str, int] = field(default_factory=dict)
    decision_ms: dict[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """One JSON object."""
        channels = [each.to_json() for each in self.channels]
        return {**asdict(self), "path": str(self.path), "channels": channels}


def describe(log: Log, scanned: Scan) -> Info:
    """Return the summary of a log. Raises LogError."""
    channels = channels_of(scanned)
    info = Info(log.path, scanned.size, _seconds(scanned), log.closed, channels)
    latencies, held, limited = list[float](), Counter[str](), Counter[str]()
    for entry in log.entries():
        match entry:
            case LogTick():
                latencies.append(entry.decision_ms)
                held.update([entry.held] if entry.held else [])
                limited.update(reason.partition(":")[0] for reason in entry.sent.limited)
            case LogInstruction():
                info.instructions.append(f"{entry.text!r}: {'refused, ' if entry.refused else ''}{entry.words}")
            case LogGoal():
                info.goals.append(" ".join(str(word) for word in entry.task.values()))
            case LogResult():
                info.results.append(f"goal {entry.goal}: {'done' if entry.done else 'not done'}, {entry.judged_by}")
            case LogNote() if entry.level != "info":
                info.notes.append(f"{entry.level}: {entry.origin}: {entry.words}")
    info.ticks, info.held, info.limited = len(latencies), dict(held), dict(limited)
    if latencies:
        points = np.percentile(latencies, _PERCENTILES).tolist()
        info.decision_ms = {f"p{at}": round(ms, 2) for at, ms in zip(_PERCENTILES, points, strict=True)}
    return info


def channels_of(scanned: Scan) -> list[Channel]:
    """Return every topic with messages, in file order."""
    counts, sizes = Counter[str](), Counter[str]()
    times: dict[str, list[int]] = {}
    schemas: dict[str, str] = {}
    sequences: dict[str, set[int]] = {}
    for message in scanned.messages():
        counts[message.topic] += 1
        sizes[message.topic] += len(message.data)
        schemas[message.topic] = message.schema
        sequences.setdefault(message.topic, set()).add(message.sequence)
        low, high = times.get(message.topic, [message.log_time_ns] * 2)
        times[message.topic] = [min(low, message.log_time_ns), max(high, message.log_time_ns)]
    return [
        Channel(topic, schemas[topic], count, _rate_hz(count, times[topic]), sizes[topic], _lost(sequences[topic]))
        for topic, count in counts.items()
    ]


def verify(path: Path) -> list[str]:
    """Return all problems of a file, one line each; empty if it is intact. Raises LogError if it is no MCAP file."""
    scanned = scan(path)
    found = list(scanned.damage)
    found += [f"{each.topic}: {each.lost} messages are missing" for each in channels_of(scanned) if each.lost]
    found += _stamps(scanned)
    try:
        return found + _contents(load_log(path))
    except LogError as error:
        return [*found, str(error)]


def _contents(log: Log) -> list[str]:
    found: list[str] = []
    for place, entry in enumerate(each for each in log.entries() if isinstance(each, LogTick | LogLook)):
        name = f"tick {entry.number} of goal {entry.goal}" if isinstance(entry, LogTick) else f"look {entry.purpose!r}"
        if entry.missing:
            found.append(f"{name} (entry {place}): lacks {', '.join(entry.missing)}")
        elif entry.digest != observation_digest(entry.observation):
            found.append(f"{name} (entry {place}): the observation differs from the recorded one")
    found += [f"{note.level}: {note.origin}: {note.words}" for note in log.notes() if note.origin == "recorder"]
    return found


def _stamps(scanned: Scan) -> list[str]:
    """Topics whose messages go back in time, or whose numbers repeat."""
    last: dict[str, tuple[int, int]] = {}
    wrong = Counter[str]()
    for message in scanned.messages():
        stamp = (message.log_time_ns, message.sequence)
        time_ns, sequence = last.get(message.topic, (0, -1))
        wrong[message.topic] += stamp[0] < time_ns or stamp[1] <= sequence
        last[message.topic] = stamp
    return [f"{topic}: {count} messages are out of order or duplicated" for topic, count in wrong.items() if count]


def _lost(sequences: set[int]) -> int:
    return max(sequences) - min(sequences) + 1 - len(sequences)


def _rate_hz(count: int, times: Sequence[int]) -> float:
    span_s = (times[1] - times[0]) / 1e9
    return (count - 1) / span_s if count > 1 and span_s > 0 else float("nan")


def _seconds(scanned: Scan) -> float:
    times = [message.log_time_ns for message in scanned.messages()]
    return (max(times) - min(times)) / 1e9 if times else 0.0
