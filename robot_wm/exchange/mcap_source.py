"""Reads recordings from MCAP files of other programs, through a mapping of topics; one recording per file."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from robot_wm.errors import DatasetError
from robot_wm.exchange.fitting import columns_of, decoded
from robot_wm.exchange.mapping import DatasetMapping, GripperSource, JointSource
from robot_wm.exchange.mcap_files import Read, messages, require_topics
from robot_wm.exchange.mcap_messages import JointMessage, PictureMessage
from robot_wm.exchange.recording import Numbers, Part, Picture, Pictures, Recording, finite, require_ascending
from robot_wm.types import ArmSpec, Floats


@dataclass(frozen=True)
class McapSource:
    """MCAP files and the mapping of their topics."""

    paths: tuple[Path, ...]
    mapping: DatasetMapping
    spec: ArmSpec

    def recordings(self, lost: Callable[[str], None]) -> Iterator[Recording]:
        """Yield one recording per file; `lost` is called with a message for each unreadable one.

        Raises:
            UnknownNameError: a file lacks a mapped topic.
        """
        for path in self.paths:
            require_topics(path, self._wanted)
            try:
                yield self._recording(path)
            except DatasetError as error:
                lost(f"{path} is left out: {error}")

    @property
    def _wanted(self) -> frozenset[str]:
        m = self.mapping
        given = (m.joints, m.gripper, m.speeds, m.sent_joints, m.sent_gripper, *m.pictures.values())
        return frozenset(each.source for each in given if each is not None and each.source is not None)

    def _recording(self, path: Path) -> Recording:
        m = self.mapping
        if m.columns:
            raise DatasetError(f"columns can be copied from LeRobotDataset folders only; remove {sorted(m.columns)}")
        notes: list[str] = []
        streams = _Streams(m.stamp)
        for read in messages(path, self._wanted, notes):
            streams.add(read)
        return Recording(
            name=str(path),
            pictures={
                ours: Pictures(streams.picture_stamps(each.source), _Reader(path, each.source).read)
                for ours, each in m.pictures.items()
                if each.source is not None
            },
            parts=(Part(float("-inf"), m.words, m.task_of(m.words), m.demonstrations and m.words in m.tasks),),
            joints=self._angles(streams, m.joints, notes),
            speeds=self._speeds(streams, notes),
            gripper=self._opening(streams, m.gripper, notes),
            sent=self._sent(streams, notes),
            notes=tuple(notes),
        )

    def _angles(self, streams: "_Streams", source: JointSource | None, notes: list[str]) -> Numbers | None:
        if source is None:
            return None
        numbers = streams.numbers(source.source, source.names, self.spec.n_joints, "position", notes)
        return Numbers(numbers.stamps_s, source.to_rad(numbers.values, self.spec))

    def _speeds(self, streams: "_Streams", notes: list[str]) -> Numbers | None:
        source = self.mapping.speeds
        if source is None:
            return None
        numbers = streams.numbers(source.source, source.names, self.spec.n_joints, "velocity", notes)
        return Numbers(numbers.stamps_s, source.to_rad_s(numbers.values, self.spec))

    def _opening(self, streams: "_Streams", source: GripperSource | None, notes: list[str]) -> Numbers | None:
        if source is None:
            return None
        names = (source.name,) if source.name else ()
        numbers = streams.numbers(source.source, names, -1, "position", notes)
        return Numbers(numbers.stamps_s, source.to_opening(numbers.values))

    def _sent(self, streams: "_Streams", notes: list[str]) -> Numbers | None:
        """Return joint targets with the latest gripper target, at the stamps of the joint targets."""
        joints = self._angles(streams, self.mapping.sent_joints, notes)
        opening = self._opening(streams, self.mapping.sent_gripper, notes)
        if joints is None or opening is None:
            return None
        rows = np.searchsorted(opening.stamps_s, joints.stamps_s, side="right") - 1
        known = rows >= 0  # the gripper's target is unknown before its first message
        if not known.all():
            notes.append(f"{int((~known).sum())} joint targets before the gripper's first were left out")
        values = np.hstack([joints.values[known], opening.values[rows[known]]])
        return Numbers(joints.stamps_s[known], values)


@dataclass
class _Streams:
    """The messages of each topic; of pictures, only the timestamps."""

    clock: str
    joints: dict[str, list[tuple[float, JointMessage]]] = field(default_factory=lambda: defaultdict(list))
    pictures: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, read: Read) -> None:
        stamp_s = read.stamp_s(self.clock)
        if isinstance(read.message, JointMessage):
            self.joints[read.topic].append((stamp_s, read.message))
        else:
            self.pictures[read.topic].append(stamp_s)

    def picture_stamps(self, topic: str | None) -> Floats:
        """Return stamps (M,) of a camera. Raises DatasetError if they do not ascend or there are no pictures."""
        stamps_s = np.array(self.pictures[str(topic)])
        if len(stamps_s) == 0:
            raise DatasetError(f"topic {topic!r} has no compressed image; check the mapping")
        require_ascending(stamps_s, f"topic {topic!r}")
        return stamps_s

    def numbers(self, topic: str, names: Sequence[str], count: int, what: str, notes: list[str]) -> Numbers:
        """Return `what` ("position" or "velocity") of the named joints; without names, the first `count` or the last.

        Messages without some of them, from other nodes on the same topic, are skipped.
        """
        every = self.joints[topic]
        if not every:
            raise DatasetError(f"topic {topic!r} has no joint state; check the mapping")
        chosen = names or _usual(every)[slice(count) if count > 0 else slice(-1, None)]
        fitting = [(s, each) for s, each in every if set(chosen) <= set(each.names) and getattr(each, what)]
        if not fitting:
            columns_of(chosen, _usual(every), topic)  # raises UnknownNameError
            raise DatasetError(f"no message of topic {topic!r} has the {what} of {', '.join(chosen)}")
        stamps_s = np.array([stamp_s for stamp_s, _ in fitting])
        require_ascending(stamps_s, f"topic {topic!r}")
        rows = [[getattr(m, what)[m.names.index(name)] for name in chosen] for _, m in fitting]
        numbers, gone = finite(Numbers(stamps_s, np.array(rows, np.float64)))
        if gone:
            notes.append(f"{gone} messages of {topic} had non-finite values and were left out")
        return numbers


def _usual(every: list[tuple[float, JointMessage]]) -> tuple[str, ...]:
    """Return the joint names of most messages."""
    return Counter(message.names for _, message in every).most_common(1)[0][0]


@dataclass(frozen=True)
class _Reader:
    """Decodes the pictures of one topic by reading the file again, so that they need not stay in memory."""

    path: Path
    topic: str | None

    def read(self, wanted: Sequence[int]) -> Iterator[Picture]:
        left = list(wanted)
        streams = messages(self.path, frozenset({str(self.topic)}), [])
        for number, read in enumerate(streams):
            if not left:
                return
            if number == left[0] and isinstance(read.message, PictureMessage):
                picture = decoded(read.message.data, f"picture {number} of {self.topic!r} in {self.path}")
                while left and left[0] == number:
                    left.pop(0)
                    yield picture
