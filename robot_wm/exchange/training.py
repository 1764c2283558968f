"""Convert recordings to training episodes: constant rate, robot_wm's state and actions, square pictures.

Frame k is observed before action k. The command in force at a frame is the last one sent before it, and the action is
the motion of the commanded tool until the next frame, unless the source has the requested action.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from robot_wm.action_space import ACTION_HIGH, ACTION_LOW, ACTION_NAMES
from robot_wm.data.dataset_writer import Episode
from robot_wm.data.features import PICTURE_PREFIX, Feature, picture
from robot_wm.data.segments import Segment
from robot_wm.exchange.fitting import square
from robot_wm.exchange.recording import Numbers, Part, Pictures, Recording
from robot_wm.exchange.resampling import Piece, in_force, nearest
from robot_wm.kinematics import Kinematics, wrapped_yaw
from robot_wm.proprioception import state_names, state_vector
from robot_wm.types import ArmCommand, ArmState, Floats

_EXPERT, _EXPERT_VALID = "action.expert", "action.expert_valid"
_BOUND = 1e-4  # tolerance of the action bounds


@dataclass(frozen=True)
class TrainingForm:
    """The contents of episodes, and their conversion from recordings of one kind."""

    kinematics: Kinematics
    fps: int
    sides_px: Mapping[str, int]  # by camera; cameras that were not recorded are black
    has_state: bool
    has_actions: bool
    has_experts: bool
    columns: Mapping[str, Feature] = field(default_factory=dict)  # copied unchanged

    @property
    def features(self) -> tuple[Feature, ...]:
        """Features in the dataset's order."""
        vector = lambda name, names: Feature(name, "float32", (len(names),), names)  # noqa: E731
        return (
            *(picture(camera, px, px) for camera, px in self.sides_px.items()),
            *((vector("observation.state", state_names(self.kinematics.spec.n_joints)),) if self.has_state else ()),
            *((vector("action", ACTION_NAMES),) if self.has_actions else ()),
            *((vector(_EXPERT, ACTION_NAMES), Feature(_EXPERT_VALID, "bool", (1,))) if self.has_experts else ()),
            *self.columns.values(),
        )

    def episode(self, recording: Recording, piece: Piece) -> Episode:
        """Return the episode of one piece (T frames)."""
        columns: dict[str, np.ndarray] = {}
        if self.has_state:
            columns["observation.state"] = self._states(recording, piece)
        if self.has_actions:
            columns["action"] = self._actions(recording, piece)
        if self.has_experts:
            moments_s = _measured(recording, piece)[1]
            columns |= _experts(recording.demonstrated, columns.get("action"), moments_s, 1.0 / self.fps)
        for name, feature in self.columns.items():
            taken = recording.columns[name].values[piece.samples[name]]
            columns[name] = taken.astype(feature.dtype).reshape(-1, *feature.shape)
        pictures = {PICTURE_PREFIX + camera: self._pictures(recording, camera, piece) for camera in self.sides_px}
        return Episode(columns, pictures, segments(recording.parts, piece))

    def _states(self, recording: Recording, piece: Piece) -> NDArray[np.float32]:
        measured, moments_s = _measured(recording, piece)
        forced = measured if recording.sent is None else commands(recording.sent, moments_s, measured)
        speeds: Floats = np.asarray(np.gradient(measured[:, :-1], 1.0 / self.fps, axis=0))
        if recording.speeds is not None:
            speeds = recording.speeds.values[piece.samples["speeds"]]
        rows = [
            state_vector(ArmState(m[:-1], dq, None, float(m[-1]), 0.0), _command(forced_row), self.kinematics)
            for m, dq, forced_row in zip(measured, speeds, forced, strict=True)
        ]
        return np.stack(rows)

    def _actions(self, recording: Recording, piece: Piece) -> NDArray[np.float32]:
        """Return steps of the commanded tool (T, 5), or the requested actions if the source has them."""
        assert recording.sent is not None
        measured, moments_s = _measured(recording, piece)
        later_s = np.append(moments_s[1:], moments_s[-1] + 1.0 / self.fps)
        before = commands(recording.sent, moments_s, measured)
        steps = self._steps(before, commands(recording.sent, later_s, before))
        asked, known = matching(recording.requested, moments_s, 0.5 / self.fps)
        known &= later_s > moments_s  # a repeated frame has no action
        return np.where(known[:, None], asked, steps).astype(np.float32)

    def _steps(self, before: Floats, after: Floats) -> Floats:
        """Return the actions (T, 5) that move the commanded tool from one command (T, n + 1) to the next."""
        pose = self.kinematics.forward
        steps = np.zeros((len(before), len(ACTION_NAMES)))
        for row, a, b in zip(steps, before, after, strict=True):
            start, end = pose(a[:-1]), pose(b[:-1])
            row[:3] = end.position_m - start.position_m
            row[3] = wrapped_yaw(end.yaw_rad - start.yaw_rad)
            row[4] = b[-1]
        return steps

    def _pictures(self, recording: Recording, camera: str, piece: Piece) -> NDArray[np.uint8]:
        px, stream = self.sides_px[camera], recording.pictures.get(camera)
        if stream is None:
            return np.zeros((len(piece.stamps_s), px, px, 3), np.uint8)
        return np.stack(list(_squares(stream, piece.samples[f"pictures {camera}"], px)))


def _measured(recording: Recording, piece: Piece) -> tuple[Floats, Floats]:
    """Return joints and opening of each frame (T, n + 1), and their measurement times (T,)."""
    assert recording.joints is not None and recording.gripper is not None
    rows = piece.samples["joints"]
    opening = recording.gripper.values[piece.samples["gripper"]]
    return np.hstack([recording.joints.values[rows], opening]), recording.joints.stamps_s[rows]


def _command(row: Floats) -> ArmCommand:
    return ArmCommand(row[:-1], float(row[-1]), 0.0)


def streams(recording: Recording) -> dict[str, Floats]:
    """Return the timestamps of all streams that every frame needs; commands hold and need not be near."""
    numbers = {"joints": recording.joints, "gripper": recording.gripper, "speeds": recording.speeds}
    found = {name: each.stamps_s for name, each in numbers.items() if each is not None}
    found |= {f"pictures {camera}": each.stamps_s for camera, each in recording.pictures.items()}
    return found | {name: each.stamps_s for name, each in recording.columns.items()}


def commands(sent: Numbers, moments_s: Floats, first: Floats) -> Floats:
    """Return the commands in force at the moments (T, n + 1); before the first command, the rows of `first`."""
    rows = in_force(sent.stamps_s, moments_s)
    return np.where((rows >= 0)[:, None], sent.values[np.maximum(rows, 0)], first)


def matching(actions: Numbers | None, moments_s: Floats, within_s: float) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the action (T, 5) at each moment, and whether there is one (T,)."""
    if actions is None or len(actions) == 0:
        return np.zeros((len(moments_s), len(ACTION_NAMES))), np.zeros(len(moments_s), bool)
    rows = nearest(actions.stamps_s, moments_s)
    return actions.values[rows], np.abs(actions.stamps_s[rows] - moments_s) <= within_s


def segments(parts: tuple[Part, ...], piece: Piece) -> tuple[Segment, ...]:
    """Return the parts of a recording within these frames as segments that tile them.

    A part that continues after the piece has not succeeded in it.
    """
    stamps_s = piece.stamps_s
    begins = [int(np.searchsorted(stamps_s, part.start_s - 1e-6)) for part in parts]
    ends = [*begins[1:], len(stamps_s)]
    begins[0] = 0
    found = []
    for number, (part, start, stop) in enumerate(zip(parts, begins, ends, strict=True)):
        if stop > start:
            ended = piece.is_last if number + 1 == len(parts) else parts[number + 1].start_s <= stamps_s[-1] + 1e-6
            found.append(_segment(part, start, stop, part.success and ended))
    return tuple(found)


def _segment(part: Part, start: int, stop: int, success: bool) -> Segment:
    words = (part.words,) if part.words else ()
    return Segment(start, stop, part.task, (part.task,) if success else (), success, words)


def _experts(
    demonstrated: Numbers | None, done: np.ndarray | None, moments_s: Floats, dt_s: float
) -> dict[str, np.ndarray]:
    """Return expert labels: demonstrated actions, else executed ones; only those within the action bounds."""
    if demonstrated is not None:
        wanted, valid = matching(demonstrated, moments_s, 0.5 * dt_s)
    else:
        assert done is not None
        wanted, valid = done, np.ones(len(done), bool)
    inside = ((wanted >= ACTION_LOW - _BOUND) & (wanted <= ACTION_HIGH + _BOUND)).all(axis=1)
    good = (valid & inside)[:, None]
    return {_EXPERT: np.where(good, wanted, 0.0).astype(np.float32), _EXPERT_VALID: good}


def _squares(stream: Pictures, samples: NDArray[np.int64], px: int) -> Iterator[NDArray[np.uint8]]:
    return (square(each, px) for each in stream.read([int(k) for k in samples]))
