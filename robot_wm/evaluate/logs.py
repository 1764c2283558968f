"""Logs of an evaluation: one file per episode, in one folder."""

from dataclasses import asdict, dataclass
from pathlib import Path

from robot_wm.control.agent import Agent
from robot_wm.errors import ConfigError
from robot_wm.evaluate.episodes import Episode
from robot_wm.evaluate.suite import Suite
from robot_wm.files import require_writable
from robot_wm.log.entries import SceneRecord
from robot_wm.session.recording import LogRequest, LogSubject, SessionLog
from robot_wm.station.make import scene_of
from robot_wm.station.station import Station


@dataclass(frozen=True)
class EpisodeLogs:
    """Opens a log for each episode, in one folder. Picklable: workers open their own."""

    folder: Path
    arm: str

    def open(self, station: Station, agent: Agent, suite: Suite, episode: Episode) -> SessionLog:
        """Open the log of an episode whose scene has been reset."""
        bumps = None if suite.bumps is None else asdict(suite.bumps)
        scene = SceneRecord(scene_of(self.arm, suite.scene), episode.seed, episode.names, episode.away, bumps=bumps)
        extra = {
            "suite": suite.name,
            "episode": episode.index,
            "instruction": episode.said.instruction,
            "goals": [goal.to_json() for goal in episode.line.goals],
        }
        request = LogRequest(self.folder / f"episode-{episode.index:06d}.mcap")
        return SessionLog(request, LogSubject("eval", self.arm, scene, extra=extra), station, agent.describe())


def log_folder(path: Path) -> Path:
    """Create a folder for logs. Raises ConfigError if it cannot be written or has logs of an evaluation already."""
    if not path.is_dir():
        require_writable(path)
        path.mkdir(exist_ok=True)
    require_writable(path / "episode.mcap")
    old = sorted(path.glob("episode-*.mcap"))
    if old:
        raise ConfigError(f"{path} already contains logs of an evaluation ({old[0].name}); choose another folder")
    return path
