"""A video of a log: one frame per tick, as `do --video` writes; imagined pictures if the checkpoint is available."""

from collections.abc import Callable, Iterator
from pathlib import Path

from robot_wm.errors import LogError, RobotWMError
from robot_wm.log.entries import LogGoal, LogHeader, LogInstruction, LogTick
from robot_wm.log.provenance import file_sha256
from robot_wm.log.read import Log
from robot_wm.types import PlanRecord
from robot_wm.video.canvas import Picture
from robot_wm.video.mp4 import Mp4Writer
from robot_wm.video.page import Page

Decode = Callable[[PlanRecord], Picture | None]


def write_video(log: Log, path: Path) -> int:
    """Write the video; return its number of frames. Raises LogError without ticks, ConfigError for a bad path."""
    pages = 0
    with Mp4Writer(path, 1.0 / log.header.dt_s) as writer:
        for page in _pages(log, decoder_of(log.header)):
            writer.write(page.draw())
            pages += 1
    if not pages:
        raise LogError(f"{log.path} has no ticks to show; choose a log of a session that ran")
    return pages


def decoder_of(header: LogHeader) -> Decode:
    """Return a decoder of the imagined end of a plan; it returns None if the log's checkpoint is not available here."""
    path = Path(header.policy.checkpoint)
    if not header.policy.checkpoint_sha256 or file_sha256(path) != header.policy.checkpoint_sha256:
        return lambda plan: None
    try:
        import torch

        from robot_wm.world_model import Decodes, open_model

        model = open_model(path)
    except RobotWMError:
        return lambda plan: None
    if not isinstance(model, Decodes):
        return lambda plan: None
    return lambda plan: model.decode(torch.tensor(plan.imagined[-1:]))[0]


def _pages(log: Log, decode: Decode) -> Iterator[Page]:
    said, goal, steps = "", "-", list[float]()
    imagined: Picture | None = None
    for entry in log.entries():
        if isinstance(entry, LogInstruction):
            said = entry.text
        elif isinstance(entry, LogGoal):
            goal, steps, imagined = " ".join(str(word) for word in entry.task.values()), [], None
        elif isinstance(entry, LogTick):
            steps.append(entry.decision.steps_to_goal)
            imagined = decode(entry.decision.plan) if entry.decision.plan is not None else imagined
            yield _page(entry, said, goal, steps, imagined)


def _page(tick: LogTick, said: str, goal: str, steps: list[float], imagined: Picture | None) -> Page:
    frames = {name: frame.rgb for name, frame in tick.observation.frames.items()}
    first = next(iter(frames.values()), None)
    status = f"tick {tick.number + 1}, {tick.held or tick.decision.source}, {tick.decision_ms:.0f} ms"
    return Page(said, goal, status, frames.get("overview", first), frames.get("wrist"), imagined, tuple(steps))
