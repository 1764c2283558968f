"""Import, export, join and check datasets (LeRobotDataset folders, MCAP files, robot-wm logs)."""

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
    """Convert recordings to training data: a LeRobotDataset folder, MCAP files, or robot-wm logs."""

    sources: Annotated[tuple[Path, ...], tyro.conf.Positional]  # one folder, or any number of MCAP files
    out: Path  # dataset folder to write
    config: str | None = None  # mapping of features or topics: a name in configs/datasets, or a file
    words: str | None = None  # the instruction of episodes whose source has none

    def run(self) -> int:
        """Import and print a summary."""
        from robot_wm.errors import ConfigError
        from robot_wm.exchange.sources import kind_of

        kind = kind_of(self.sources)
        if self.config is None and kind != "log":
            raise ConfigError(
                "--config is missing: these recordings need a mapping of their features or topics; see docs/datasets.md"
            )
        mapping = _mapping(self.config or _LOGS, self.words)
        account = self._logs(mapping) if kind == "log" else self._mapped(mapping)
        print(f"{self.out}: {account.words()}")
        return 0

    def _mapped(self, mapping: "DatasetMapping") -> "Account":
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
    """Convert robot-wm logs to a LeRobotDataset v3. `action` holds the command sent to the arm."""

    logs: Annotated[tuple[Path, ...], tyro.conf.Positional]  # .mcap files
    out: Path  # dataset folder to write
    fps: int | None = None  # frames per second; if omitted, the rate of the first log
    tolerance_s: float | None = None  # largest time difference between a frame and its tick; if omitted, 0.8 ticks

    def run(self) -> int:
        """Export and print a summary."""
        from robot_wm.exchange.exporting import export_logs

        print(f"{self.out}: {export_logs(self.logs, self.out, self.fps, self.tolerance_s).words()}")
        return 0


@dataclass(frozen=True)
class InfoArguments:
    """Print the contents of a dataset."""

    dataset: Annotated[Path, tyro.conf.Positional]
    json: bool = False  # print one JSON object

    def run(self) -> int:
        """Print the summary."""
        from robot_wm.data.summary import summary, words

        found = summary(self.dataset)
        print(json.dumps(found) if self.json else words(found))
        return 0


@dataclass(frozen=True)
class VerifyArguments:
    """Check a dataset, including every picture. Exit status 2 if it is damaged."""

    dataset: Annotated[Path, tyro.conf.Positional]
    json: bool = False  # print one JSON object

    def run(self) -> int:
        """Print the findings."""
        from robot_wm.data.verifying import verify

        found = verify(self.dataset)
        print(json.dumps(found.to_json()) if self.json else found.words())
        return 2 if found.errors else 0


@dataclass(frozen=True)
class StatsArguments:
    """Recompute the statistics of a dataset and compare them with the stored ones."""

    dataset: Annotated[Path, tyro.conf.Positional]
    write: bool = False  # replace the stored statistics
    json: bool = False  # print the statistics as JSON

    def run(self) -> int:
        """Print the statistics, or their differences from the stored ones."""
        from robot_wm.data.stats_check import differences, recomputed, write_stats

        stats = recomputed(self.dataset)
        found = differences(self.dataset, stats)
        if self.write:
            write_stats(self.dataset, stats)
        print(json.dumps(stats) if self.json else "\n".join(found) or "the statistics match the data")
        return 0


@dataclass(frozen=True)
class JoinArguments:
    """Join datasets with the same features, in order. Videos are linked, not re-encoded."""

    datasets: Annotated[tuple[Path, ...], tyro.conf.Positional]  # dataset folders
    out: Path  # dataset folder to write

    def run(self) -> int:
        """Write the joined dataset."""
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
