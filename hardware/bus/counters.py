"""What happened on a bus, counted. Nothing that is dropped is dropped unseen."""

from dataclasses import asdict, dataclass


@dataclass
class Counters:
    """Counts since the bus was opened.

    Two laws hold between calls: `expected == replies + missing` and
    `bytes_received == bytes_used + bytes_dropped`.
    """

    requests: int = 0
    expected: int = 0  # replies that the requests called for
    replies: int = 0  # replies taken as answers
    missing: int = 0  # replies that did not come in time, or came spoilt
    retries: int = 0  # requests sent a second time
    bad_checksums: int = 0
    bad_lengths: int = 0  # frames whose length answers no open request
    id_mismatches: int = 0  # frames of servos that were not asked
    stale: int = 0  # frames that answer an earlier request
    doubted: int = 0  # answers not believed: an older reply of the same length may still come
    duplicates: int = 0  # a second frame of a servo that has answered already
    echoes: int = 0  # our own bytes, sent back by the adapter
    implausible: int = 0  # values outside what the register can report, or faster than a servo moves
    refused: int = 0  # replies in which the servo refuses the instruction
    alarms: int = 0  # replies with an alarm bit
    bytes_sent: int = 0
    bytes_received: int = 0
    bytes_used: int = 0  # in frames taken as answers
    bytes_dropped: int = 0  # noise, spoilt and surplus frames

    def as_dict(self) -> dict[str, int]:
        """Name -> count, for logs and `--json`."""
        return asdict(self)

    def consistent(self) -> bool:
        """Whether the two laws hold."""
        whole = self.expected == self.replies + self.missing
        return whole and self.bytes_received == self.bytes_used + self.bytes_dropped
