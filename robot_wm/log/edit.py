"""Cut a time range out of a log; merge pieces of one session, or simultaneous recordings of other devices."""

import heapq
from collections.abc import Iterator, Sequence
from math import isfinite
from pathlib import Path

from robot_wm.errors import LogError
from robot_wm.log import topics
from robot_wm.log.rewrite import Rewriter
from robot_wm.log.scan import Message, Scan, scan

_LASTING = (topics.INSTRUCTION, topics.GOAL)  # the last one stays in force


def cut(source: Path, path: Path, start_s: float, stop_s: float) -> int:
    """Copy the range [start_s, stop_s), in seconds after the first message, and return its number of messages.

    The header, and the instruction, goal and pictures in force at the start are included, so that every tick is
    complete. Raises LogError.
    """
    if not (start_s < stop_s and isfinite(start_s)):
        raise LogError(f"there is nothing between {start_s} s and {stop_s} s; --start must be before --stop")
    scanned = scan(source)
    began_ns = _began_ns(scanned)
    first_ns, end_ns = began_ns + round(start_s * 1e9), began_ns + round(min(stop_s, 1e9) * 1e9)
    with Rewriter(path) as new:
        numbers = new.define(scanned)
        new.add(_in_force(scanned, first_ns), numbers)
        for chunk in scanned.chunks():
            inside = [each for each in chunk if first_ns <= each.log_time_ns < end_ns and each.topic != topics.SESSION]
            new.add(inside, numbers)
        new.attach(scanned.attachments)
        return new.messages


def merge(sources: Sequence[Path], path: Path) -> int:
    """Merge files by time and return the number of messages. Raises LogError.

    Pieces of one session (same header) are merged without duplicates; files with other topics are added. Two different
    sessions, or two files that both recorded a topic, are refused.
    """
    scans = [scan(source) for source in sources]
    _check_one_session(scans)
    with Rewriter(path) as new:
        numbers = [new.define(each) for each in scans]
        seen: dict[tuple[str, int], tuple[int, Message]] = {}
        for place, message in _by_time(scans):
            first, before = seen.setdefault((message.topic, message.sequence), (place, message))
            if first == place:  # not every device numbers its messages: those of one file are all different
                new.add_one(message, numbers[place])
            elif (before.data, before.log_time_ns) != (message.data, message.log_time_ns):
                raise LogError(f"{sources[place]}: {message.topic} was recorded by another file too; cut one of them")
        for name, content in {name: content for each in scans for name, content in each.attachments}.items():
            new.attach([(name, content)])
    return new.messages


def _began_ns(scanned: Scan) -> int:
    times = [each.log_time_ns for each in scanned.messages() if each.topic != topics.SESSION]
    if not times:
        raise LogError(f"{scanned.path} contains only a header; there is nothing to cut")
    return min(times)


def _in_force(scanned: Scan, first_ns: int) -> list[Message]:
    """Headers, and the last instruction, goal and pictures before the stretch."""
    headers, last = list[Message](), dict[str, Message]()
    for message in scanned.messages():
        if message.topic == topics.SESSION:
            headers.append(message)
        elif message.log_time_ns < first_ns and (message.topic in _LASTING or message.topic.startswith(topics.CAMERA)):
            last[message.topic] = message
    return [*headers, *sorted(last.values(), key=lambda message: message.log_time_ns)]


def _check_one_session(scans: Sequence[Scan]) -> None:
    headers = [{each.data for each in one.messages() if each.topic == topics.SESSION} for one in scans]
    if len(set().union(*headers)) > 1:
        names = ", ".join(str(one.path) for one in scans)
        raise LogError(f"{names} are different sessions, each with its own header; merge joins pieces of one session")


def _by_time(scans: Sequence[Scan]) -> Iterator[tuple[int, Message]]:
    """Messages of all files by log time; those of one time in the order of their file."""
    files = [_in_time(place, one) for place, one in enumerate(scans)]
    return heapq.merge(*files, key=lambda row: (row[1].log_time_ns, row[0]))


def _in_time(place: int, scanned: Scan) -> list[tuple[int, Message]]:
    messages = sorted(scanned.messages(), key=lambda message: message.log_time_ns)  # stable: pictures before their tick
    return [(place, message) for message in messages]
