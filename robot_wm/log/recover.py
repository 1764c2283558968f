"""Copy the intact part of a damaged or truncated file to a new one."""

from dataclasses import asdict, dataclass
from pathlib import Path

from robot_wm.errors import LogError
from robot_wm.log.paths import PARTIAL
from robot_wm.log.rewrite import Rewriter
from robot_wm.log.scan import scan


@dataclass(frozen=True)
class Recovered:
    """The outcome of a recovery."""

    source: Path
    path: Path
    messages: int
    chunks: int
    seconds: float  # from the first to the last message
    lost_bytes: int
    damage: tuple[str, ...]  # problems of the source, one line each

    def to_json(self) -> dict[str, object]:
        """One JSON object."""
        return {**asdict(self), "source": str(self.source), "path": str(self.path)}


def recover(source: Path, path: Path | None = None) -> Recovered:
    """Copy every intact message of `source` to a new file (default: `recovered_name`). Raises LogError without any."""
    scanned = scan(source)
    target = path or recovered_name(source)
    times_ns: list[int] = []
    if not scanned.spans:
        raise LogError(f"{source} has no intact chunk; nothing can be recovered: {', '.join(scanned.damage)}")
    with Rewriter(target) as new:
        numbers = new.define(scanned)
        for chunk in scanned.chunks():
            new.add(chunk, numbers)
            times_ns += [message.log_time_ns for message in chunk]
        new.attach(scanned.attachments)
        messages = new.messages
    seconds = (max(times_ns) - min(times_ns)) / 1e9 if times_ns else 0.0
    return Recovered(source, target, messages, len(scanned.spans), seconds, scanned.lost_bytes, scanned.damage)


def recovered_name(source: Path) -> Path:
    """Return the default name of a recovered log, beside its source."""
    plain = source.name.removesuffix(PARTIAL).removesuffix(".mcap")
    return source.with_name(f"{plain}.recovered.mcap")
