"""Import, export, join and check datasets: LeRobotDataset folders, MCAP files, our own logs."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

if TYPE_CHECKING:
    from robot_wm.exchange.importing import Account
    from robot_wm.exchange.mapping import DatasetMapping

_LOGS = "log"  # the mapping of our own logs, in configs/datasets


@dataclass(frozen=True)
class ImportArguments:
    """Make training data of recordings: a LeRobotDataset folder, MCAP files of others, or our own logs."""

    sources: Annotated[tuple[Path, ...], tyro.conf.Positional]  # one folder, or MCAP files
    out: Path  # folder of the dataset
    config: str | None = None  # where in them our quantities are: a name in configs/datasets, or a file
    words: str | None = None  # the instruction, where the source has none

    def run(self) -> int:
        """Import; says what was made of what."""
        from robot_wm.errors import ConfigError
        from robot_wm.exchange.sources import kind_of

        kind = kind_of(self.sources)
        if self.config is None and kind != "log":
            raise ConfigError(
                "--config is missing: say where in the recordings our quantities are; see docs/datasets.md"
            )
        mapping = _mapping(self.config or _LOGS, self.words)
        account = self._logs(mapping) if kind == "log" else self._others(mapping)
        print(f"{self.out}: {account.words()}")
        return 0

    def _others(self, mapping: "DatasetMapping") -> "Account":
        from robot_wm.config import to_values
        from robot_wm.exchange.importing import import_recordings
        from robot_wm.exchange.sources import mapped_source
        from robot_wm.station.make import make

        source, form = mapped_source(self.sources, mapping, make(mapping.arm).arm.spec)
        return import_recordings(source, form, self.out, mapping.tolerance_s, {"mapping": to_values(mapping)})

    def _logs(self, mapping: "DatasetMapping") -> "Account":
        from robot_wm.config import to_values
        from robot_wm.exchange.importing import import_recordings
        from robot_wm.exchange.labels import Labels
        from robot_wm.exchange.sources import log_source
        from robot_wm.station.make import make

        with Labels(make) as labels:
            source, form = log_source(self.sources, mapping, labels.label)
            return import_recordings(source, form, self.out, mapping.tolerance_s, {"mapping": to_values(mapping)})


@dataclass(frozen=True)
class ExportArguments:
    """Make a LeRobotDataset v3 of our logs; the action is what was sent."""

    logs: Annotated[tuple[Path, ...], tyro.conf.Positional]
    out: Path  # folder of the dataset
    fps: int | None = None  # frames a second; without: the rate of the first log
    tolerance_s: float | None = None  # from a frame to its tick, at most; without: 0.8 of a tick

    def run(self) -> int:
        """Export; says what was made of what."""
        from robot_wm.exchange.exporting import export_logs

        print(f"{self.out}: {export_logs(self.logs, self.out, self.fps, self.tolerance_s).words()}")
        return 0


@dataclass(frozen=True)
class InfoArguments:
    """Say what a dataset holds."""

    dataset: Annotated[Path, tyro.conf.Positional]
    json: bool = False  # print one JSON object

    def run(self) -> int:
        """Print it."""
        from robot_wm.data.summary import summary, words

        found = summary(self.dataset)
        print(json.dumps(found) if self.json else words(found))
        return 0


@dataclass(frozen=True)
class VerifyArguments:
    """Check a dataset, every picture included. Exit status 2 where it is damaged."""

    dataset: Annotated[Path, tyro.conf.Positional]
    json: bool = False  # print one JSON object

    def run(self) -> int:
        """Print what was found."""
        from robot_wm.data.verifying import verify

        found = verify(self.dataset)
        print(json.dumps(found.to_json()) if self.json else found.words())
        return 2 if found.errors else 0


@dataclass(frozen=True)
class StatsArguments:
    """Compute a dataset's statistics from its data, and compare them with those that lie beside it."""

    dataset: Annotated[Path, tyro.conf.Positional]
    write: bool = False  # put them in place of those
    json: bool = False  # print them as JSON

    def run(self) -> int:
        """Print them, or how they differ."""
        from robot_wm.data.stats_check import differences, recomputed, write_stats

        stats = recomputed(self.dataset)
        found = differences(self.dataset, stats)
        if self.write:
            write_stats(self.dataset, stats)
        print(json.dumps(stats) if self.json else "\n".join(found) or "the statistics are what the data say")
        return 0


@dataclass(frozen=True)
class JoinArguments:
    """Make one dataset of several with the same features, in order. Videos are linked, not coded again."""

    datasets: Annotated[tuple[Path, ...], tyro.conf.Positional]
    out: Path  # folder of the dataset

    def run(self) -> int:
        """Join them."""
        from robot_wm.data.joining import join

        join(self.datasets, self.out, {"joined": [str(each) for each in self.datasets]})
        return 0


Arguments = (
    Annotated[ImportArguments, tyro.conf.subcommand("import")]
    | Annotated[ExportArguments, tyro.conf.subcommand("export")]
    | Annotated[InfoArguments, tyro.conf.subcommand("info")]
    | Annotated[VerifyArguments, tyro.conf.subcommand("verify")]
    | Annotated[StatsArguments, tyro.conf.subcommand("stats")]
    | Annotated[JoinArguments, tyro.conf.subcommand("join")]
)


def _mapping(name: str, words: str | None) -> "DatasetMapping":
    from robot_wm.config import find_config, load_config
    from robot_wm.exchange.mapping import DatasetMapping

    mapping = load_config(DatasetMapping, find_config("datasets", name))
    return mapping if words is None else replace(mapping, words=words)


def run(argv: list[str]) -> int:
    """Entry point of `robot-wm dataset`."""
    chosen = tyro.cli(Arguments, args=argv, prog="robot-wm dataset", description=__doc__)  # type: ignore[call-overload]
    return chosen.run()
