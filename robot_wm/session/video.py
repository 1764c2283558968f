"""A session's video: a page a tick, with the scene, the wrist, what is imagined and how far it still is."""

from pathlib import Path
from types import TracebackType
from typing import Self, final

from robot_wm.records import Picture, Tick
from robot_wm.session.events import UNDERSTAND, Event, GoalEvent, ObservationEvent, ReportEvent, TickEvent
from robot_wm.station.station import Station
from robot_wm.video.mp4 import Mp4Writer
from robot_wm.video.page import Page

RATE_HZ = 10.0
_IMAGINE_EVERY = 3  # ticks: decoding what is imagined costs about as much as planning
_STILL_PAGES = 12  # of the first and the last page, so that they can be read


@final
class SessionVideo:
    """A subscriber that films a session into one mp4, which is written when the block is left.

    Args:
        path: of the file, .mp4.
        instruction: printed on each page.
        station: the setup that is filmed.

    Raises:
        ConfigError: the file cannot be written.
    """

    def __init__(self, path: Path, instruction: str, station: Station) -> None:
        self._writer = Mp4Writer(path, RATE_HZ)
        self._instruction, self._station = instruction, station
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

    def __call__(self, event: Event) -> None:
        """Film an event."""
        match event:
            case ObservationEvent(purpose=purpose) if purpose == UNDERSTAND:
                self._see({name: frame.rgb for name, frame in event.observation.frames.items()})
                self._page("looking", _STILL_PAGES)
            case GoalEvent():
                self._goal = "-" if event.task is None else event.task.words()
                self._steps, self._imagined = [], None
            case TickEvent():
                self._tick(event.tick)
            case ReportEvent():
                self._page(event.report.words().partition(" (")[0], _STILL_PAGES)

    def _tick(self, tick: Tick) -> None:
        self._see({name: frame.rgb for name, frame in tick.observation.frames.items()})
        self._steps.append(tick.decision.steps_to_goal)
        if tick.decision.imagined is not None and tick.number % _IMAGINE_EVERY == 0:
            self._imagined = tick.decision.imagined()[-1]
        self._page(f"step {tick.number + 1}, {tick.held or tick.decision.source}, {tick.decision_ms:.0f} ms")

    def _see(self, pictures: dict[str, Picture]) -> None:
        simulation = self._station.simulation
        names = list(pictures)
        self._overview = simulation.picture() if simulation is not None else pictures.get(names[0]) if names else None
        self._wrist = pictures.get(names[1]) if len(names) > 1 else None

    def _page(self, status: str, times: int = 1) -> None:
        page = Page(
            self._instruction, self._goal, status, self._overview, self._wrist, self._imagined, self._steps
        ).draw()
        for _ in range(times):
            self._writer.write(page)
