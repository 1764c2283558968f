"""Counters of a servo bus. Every byte that is dropped is counted."""

from dataclasses import asdict, dataclass


@dataclass
class Counters:
    """Counts since the bus was opened.

    Two invariants hold between calls: `expected == replies + missing` and
    `bytes_received == bytes_used + bytes_dropped`.
    """

    requests: int = 0
    expected: int = 0  # replies that the requests should produce
    replies: int = 0  # replies accepted as answers
    missing: int = 0  # replies that were late, corrupt or absent
    retries: int = 0  # requests sent a second time
    bad_checksums: int = 0
    bad_lengths: int = 0  # frames whose length matches no request
    id_mismatches: int = 0  # frames from servos that were not asked
    stale: int = 0  # late replies to an earlier request
    doubted: int = 0  # answers rejected because an older reply of the same length is outstanding
    duplicates: int = 0  # second frames from a servo that had already answered
    echoes: int = 0  # requests echoed by the adapter
    implausible: int = 0  # values out of the register's range, or position jumps faster than a servo turns
    refused: int = 0  # replies in which the servo reports an error
    alarms: int = 0  # replies with an alarm bit set
    bytes_sent: int = 0
    bytes_received: int = 0
    bytes_used: int = 0  # in frames accepted as answers
    bytes_dropped: int = 0  # noise, corrupt and surplus frames

    def as_dict(self) -> dict[str, int]:
        """Return the counts by name, for logs and `--json`."""
        return asdict(self)

    def consistent(self) -> bool:
        """Return whether the two invariants hold."""
        replies_match = self.expected == self.replies + self.missing
        return replies_match and self.bytes_received == self.bytes_used + self.bytes_dropped
