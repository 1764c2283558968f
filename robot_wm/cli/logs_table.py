"""Terminal output of `robot-wm logs info`."""

import math

from rich.console import Group
from rich.table import Table

from robot_wm.log.report import Info


def info_table(info: Info) -> Group:
    """Return the summary of a log as a table of channels followed by lines of text."""
    table = Table("topic", "schema", "messages", "Hz", "kB", "lost", title=str(info.path))
    for channel in info.channels:
        rate = "" if math.isnan(channel.rate_hz) else f"{channel.rate_hz:.1f}"
        size, lost = f"{channel.file_bytes / 1e3:.1f}", str(channel.lost or "")
        table.add_row(channel.topic, channel.schema, str(channel.messages), rate, size, lost)
    ending = "complete" if info.closed else "truncated: see robot-wm logs recover"
    lines = [f"{info.file_bytes / 1e6:.2f} MB, {info.seconds:.2f} s, {info.ticks} ticks, {ending}"]
    lines += [f"instruction {words}" for words in info.instructions]
    lines += [f"goal {words}" for words in info.goals] + info.results + info.notes
    lines += [f"decision ms {info.decision_ms}"] if info.decision_ms else []
    lines += [f"held {dict(info.held)}"] if info.held else []
    lines += [f"active limits {dict(info.limited)}"] if info.limited else []
    return Group(table, *lines)
