"""The video of a job: a page a tick, with the scene, the wrist, what is imagined and how far it still is."""

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, final

from robot_wm.goals import Task
from robot_wm.records import Picture, Tick
from robot_wm.station.station import SimulatedStation, Station
from robot_wm.video.mp4 import Mp4Writer
from robot_wm.video.page import Page

RATE_HZ = 10.0
_IMAGINE_EVERY = 3  # ticks: painting what is imagined costs about as much as planning
_STILL_PAGES = 12  # of the first and the last page, so that they can be read


@final
class Film:
    """Films a job into one mp4, which is written when the block is left."""

    def __init__(self, path: Path, instruction: str) -> None:
        self._writer = Mp4Writer(path, RATE_HZ)
        self._instruction = instruction
        self._goal = "-"
        self._steps: list[float] = []
        self._overview: Picture | None = None
        self._wrist: Picture | None = None
        self._imagined: Picture | None = None

    def __enter__(self) -> Self:
        self._writer.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.__exit__(kind, error, trace)

    def show(self, station: Station) -> None:
        """The scene before anything is tried."""
        self._see(station, {name: camera.read().rgb for name, camera in station.cameras.items()})
        self._page("looking", _STILL_PAGES)

    def begin(self, station: Station, task: Task) -> Callable[[Tick], None]:
        """A goal is taken up; the answer films each of its ticks."""
        self._goal, self._steps, self._imagined = task.words(), [], None

        def film(tick: Tick) -> None:
            self._see(station, {name: frame.rgb for name, frame in tick.observation.frames.items()})
            self._steps.append(tick.decision.steps_to_goal)
            if tick.decision.imagined is not None and tick.number % _IMAGINE_EVERY == 0:
                self._imagined = tick.decision.imagined()[-1]
            self._page(f"step {tick.number + 1}, {tick.held or tick.decision.source}, {tick.decision_ms:.0f} ms")

        return film

    def end(self, words: str) -> None:
        """How it ended."""
        self._page(words.partition(" (")[0], _STILL_PAGES)

    def _see(self, station: Station, pictures: dict[str, Picture]) -> None:
        self._overview = station.picture() if isinstance(station, SimulatedStation) else pictures.get("overview")
        self._wrist = pictures.get("wrist")

    def _page(self, status: str, times: int = 1) -> None:
        page = Page(
            self._instruction, self._goal, status, self._overview, self._wrist, self._imagined, self._steps
        ).draw()
        for _ in range(times):
            self._writer.write(page)
