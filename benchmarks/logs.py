"""What recording costs, what a kill costs, and what recovery makes of damage. Prints one JSON object.

    python benchmarks/logs.py                              # all three
    python benchmarks/logs.py --seconds 60 --kills 0 --damages 0

Cost: a loop at 100 Hz with two 96-px cameras at 30 Hz, recorded and not, in turns. `share` is the CPU time of both
processes that recording takes, by the duration: `writer_share` of the writing process, `own_share` what handing over
costs this one. `added_p99_ms` is how much longer the 99th percentile of a tick's own work takes (handing over
included), `late_p99_ms` the same for how late a tick starts.

Kills: the recording process and its writer are killed with SIGKILL at a random moment, every second time with a real
camera's noise in the pictures; what is lost is the time from the last tick that took place to the last one that
`recover` brings back. The recovered file is read with the public `mcap` reader.

Damage: cuts and flipped bits at random places of a log.

`within` says whether the bar is kept. Take the figures on an idle machine, at no lower priority than usual.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from mcap.reader import make_reader
from numpy.typing import NDArray

from robot_wm.errors import LogError
from robot_wm.fake import FakeArm
from robot_wm.log.entries import LogHeader, Stamp
from robot_wm.log.paths import PARTIAL
from robot_wm.log.read import load_log
from robot_wm.log.record import Recorder
from robot_wm.log.recover import recover
from robot_wm.log.scan import scan
from robot_wm.records import AgentRecord, Decision, Tick
from robot_wm.types import ArmCommand, ArmState, ArmTarget, CameraSpec, Frame, Observation

Content = tuple[str, int, int, bytes]  # topic, sequence, log time, data
Chunks = dict[tuple[int, int], set[Content]]  # what each stretch of a file's bytes holds
RATE_HZ, CAMERA_HZ, SIDE_PX = 100.0, 30.0, 96
CAMERAS = tuple(CameraSpec(name, SIDE_PX, SIDE_PX, CAMERA_HZ) for name in ("overview", "wrist"))
BOUND_MS = 100.0  # of log that a kill may cost
SHARE_MOST, ADDED_MOST_MS = 0.05, 0.5  # of a core, and of the loop's 99th percentile, that recording may cost
NOISE = 2.0  # grey levels, of a real camera


@dataclass(frozen=True)
class Cost:
    """Of recording, while `pictures` were seen."""

    pictures: str
    seconds: float  # recorded; as many were not
    share: float  # of a core, the two below together
    writer_share: float  # of a core
    own_share: float  # of a core, more than without recording
    added_p99_ms: float
    late_p99_ms: float
    mb_a_minute: float
    dropped: int

    @property
    def within(self) -> bool:
        """Whether the bar is kept, and nothing was dropped for it."""
        return self.share <= SHARE_MOST and self.added_p99_ms <= ADDED_MOST_MS and not self.dropped


@dataclass(frozen=True)
class Loss:
    """Of one kill."""

    after_s: float  # since the first tick
    lost_ms: float
    recovered_ticks: int
    whole: bool  # what came back is the beginning of what took place, without a gap, and the public reader agrees


@dataclass(frozen=True)
class Damage:
    """What recovery made of one damaged file."""

    kind: str  # "cut" or "flip"
    place: int  # byte
    crashed: bool
    invented: int  # messages that the whole file does not hold
    reported: bool  # something was said to be wrong
    kept: float  # share of the messages
    beyond: int  # messages lost that were in chunks which the damage did not touch


def ticks(noise: float, seed: int = 0) -> Iterator[Tick]:
    """Endless turns of a loop; pictures change at the cameras' rate. `noise`: of the sensor, in grey levels."""
    rng = np.random.default_rng(seed)
    album = [{camera.name: _picture(rng, noise) for camera in CAMERAS} for _ in range(60)]
    started_s, number = time.monotonic(), 0
    while True:
        now_s = time.monotonic()
        shown = int((now_s - started_s) * CAMERA_HZ)
        frames = {name: Frame(rgb, started_s + shown / CAMERA_HZ) for name, rgb in album[shown % 60].items()}
        state = ArmState(rng.normal(size=5), rng.normal(size=5), None, 0.5, now_s)
        command = ArmCommand(state.q_rad, 0.5, now_s, (), ArmCommand(state.q_rad + 1e-4, 0.5, now_s))
        decision = Decision(rng.normal(size=5), 10.0, 0.1, 1.0, "station")
        target = ArmTarget(state.q_rad, 0.5)
        yield Tick(number, Observation(frames, state, command), decision, command, "", 1.0, target, now_s)
        number += 1


def recorder(path: Path) -> Recorder:
    """A recorder of the loop above."""
    began = Stamp(time.monotonic(), time.monotonic(), time.time_ns())
    header = LogHeader(
        "station", "fake", FakeArm().spec, CAMERAS, began, AgentRecord("station"), None, dt_s=1 / RATE_HZ
    )
    return Recorder(path, header, time.monotonic)


def measure_cost(seconds: float, noise: float) -> Cost:
    """Recorded and unrecorded stretches of the loop in turns, so that other load falls on both alike."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cost.mcap"
        plain, logged, late = list[float](), list[float](), (list[float](), list[float]())
        cpu_s, writer_s = [0.0, 0.0], 0.0
        source, rec = ticks(noise), recorder(path)
        time.sleep(2.0)  # the writing process has started
        for turn in range(4):
            recording, before_s, writer_before_s = turn % 2, time.process_time(), _cpu_s(rec.pid)
            for took_ms, late_ms in _turns(source, seconds / 2, rec if recording else None):
                (logged if recording else plain).append(took_ms)
                late[recording].append(late_ms)
            cpu_s[recording] += time.process_time() - before_s
            writer_s += _cpu_s(rec.pid) - writer_before_s
        done = rec.close()
    own_s = cpu_s[1] - cpu_s[0]
    return Cost(
        "as a camera gives them, with noise" if noise else "as a simulator paints them",
        seconds,
        round((writer_s + own_s) / seconds, 4),
        round(writer_s / seconds, 4),
        round(own_s / seconds, 4),
        round(float(np.percentile(logged, 99) - np.percentile(plain, 99)), 3),
        round(float(np.percentile(late[1], 99) - np.percentile(late[0], 99)), 3),
        round(done.file_bytes / seconds * 60 / 1e6, 1),
        done.dropped,
    )


def kill_once(after_s: float, folder: Path, noise: float = 0.0) -> Loss:
    """Start a recording in a process of its own, kill it and its writer after `after_s`, recover, and compare."""
    path = folder / f"killed-{os.getpid()}-{after_s:.6f}.mcap"
    told = path.with_suffix(".told")
    command = [sys.executable, __file__, "--record", str(path), "--told", str(told), "--noise", str(noise)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    writer = int(process.stdout.readline())  # comes once the writer has written its first ticks
    time.sleep(after_s)
    os.kill(writer, signal.SIGKILL)  # the writer first: what this process still holds is lost, too
    process.kill()
    process.wait()
    process.stdout.close()
    ticked = np.fromfile(told, dtype=np.float64)
    back = recover(path.with_name(path.name + PARTIAL), path)
    stamps = np.array([tick.stamp.clock_s for tick in load_log(path).ticks()])
    with path.open("rb") as file:
        messages = make_reader(file, validate_crcs=True).iter_messages()
        public = sum(channel.topic == "/tick" for _, channel, _ in messages)
    whole = public == len(stamps) and np.array_equal(stamps, ticked[: len(stamps)]) and back.messages > 0
    return Loss(after_s, 1e3 * float(ticked[-1] - stamps[-1]), len(stamps), bool(whole))


def record_until_killed(path: Path, told: Path, noise: float) -> None:
    """The process that gets killed: says its writer's id; each tick's stamp goes into a file first, unbuffered."""
    source = ticks(noise)
    with recorder(path) as rec, told.open("wb", buffering=0) as stamps:
        due_s, said = time.monotonic(), False
        while True:
            tick = next(source)
            stamps.write(np.float64(tick.clock_s).tobytes())
            rec.tick(tick)
            partial = path.with_name(path.name + PARTIAL)
            if not said and partial.exists() and partial.stat().st_size > 100_000:
                print(rec.pid, flush=True)
                said = True
            due_s += 1.0 / RATE_HZ
            time.sleep(max(0.0, due_s - time.monotonic()))


def short_log(path: Path, count: int = 150) -> None:
    """A log to damage."""
    source = ticks(0.0)
    with recorder(path) as rec:
        for _ in range(count):
            rec.tick(next(source))
            time.sleep(0.002)


def damage_once(whole: bytes, chunks: Chunks, rng: np.random.Generator, folder: Path) -> Damage:
    """Cut the file, or flip one bit of it, and recover."""
    place, kind = int(rng.integers(len(whole))), str(rng.choice(["cut", "flip"]))
    flipped = bytearray(whole[:place] if kind == "cut" else whole)
    if kind == "flip":
        flipped[place] ^= 1 << int(rng.integers(8))
    truth = set[Content]().union(*chunks.values())
    touched = [span for span in chunks if place < span[1] and (kind == "cut" or place >= span[0])]
    spared = set[Content]().union(*(held for span, held in chunks.items() if span not in touched))
    source, target = folder / "damaged.mcap", folder / "recovered.mcap"
    source.write_bytes(flipped)
    target.unlink(missing_ok=True)
    try:
        back = recover(source, target)
    except LogError:  # nothing sound is left, and that is said
        return Damage(kind, place, False, 0, True, 0.0, len(spared))
    except Exception:
        return Damage(kind, place, True, 0, False, 0.0, len(spared))
    found = contents(target)
    kept, beyond = len(found) / len(truth), len(spared - found)
    return Damage(kind, place, False, len(found - truth), bool(back.damage), kept, beyond)


def contents(path: Path) -> set[Content]:
    """Every message of a file as the public reader sees it."""
    with path.open("rb") as file:
        reader = make_reader(file, validate_crcs=True)
        return {(channel.topic, each.sequence, each.log_time, each.data) for _, channel, each in reader.iter_messages()}


def damage_many(count: int, seed: int = 0) -> list[Damage]:
    """Many damaged copies of one log."""
    rng = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        short_log(folder / "whole.mcap")
        found = scan(folder / "whole.mcap")
        assert not found.damage
        held = [
            {(each.topic, each.sequence, each.log_time_ns, each.data) for each in chunk} for chunk in found.chunks()
        ]
        whole, chunks = (folder / "whole.mcap").read_bytes(), dict(zip(found.spans, held, strict=True))
        return [damage_once(whole, chunks, rng, folder) for _ in range(count)]


def main() -> None:
    arguments = _arguments()
    if arguments.record is not None:
        return record_until_killed(arguments.record, arguments.told, arguments.noise)
    figures: dict[str, object] = {}
    if arguments.seconds:
        costs = [measure_cost(arguments.seconds, noise) for noise in (0.0, NOISE)]
        figures["cost"] = [asdict(cost) | {"within": cost.within} for cost in costs]
    if arguments.kills:
        figures["kills"] = _kills(arguments.kills)
    if arguments.damages:
        figures["damage"] = _damages(arguments.damages)
    print(json.dumps(figures, indent=1))


def _kills(count: int) -> dict[str, object]:
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        losses = [
            kill_once(float(rng.uniform(0.1, 2.0)), Path(folder), (0.0, NOISE)[number % 2]) for number in range(count)
        ]
    lost_ms = [loss.lost_ms for loss in losses]
    return {
        "kills": count,
        "lost_ms": {"median": round(float(np.median(lost_ms)), 1), "most": round(max(lost_ms), 1)},
        "above_100_ms": sum(ms > BOUND_MS for ms in lost_ms),
        "whole": sum(loss.whole for loss in losses),
        "within": max(lost_ms) <= BOUND_MS and all(loss.whole for loss in losses),
    }


def _damages(count: int) -> dict[str, object]:
    found = damage_many(count)
    fine = not any(each.crashed or each.invented or not each.reported or each.beyond for each in found)
    return {
        "files": count,
        "within": fine,
        "crashed": sum(each.crashed for each in found),
        "invented": sum(each.invented for each in found),
        "unreported": sum(not each.reported for each in found),
        "lost_beyond_their_chunk": sum(each.beyond for each in found),
        "kept_by_flips": round(float(np.mean([each.kept for each in found if each.kind == "flip"])), 4),
    }


def _turns(source: Iterator[Tick], seconds: float, rec: Recorder | None) -> Iterator[tuple[float, float]]:
    """For each turn of the loop: how long its own work took, and how late it began, ms."""
    due_s = end_s = time.monotonic()
    end_s += seconds
    while due_s < end_s:
        late_ms, began_s = 1e3 * (time.monotonic() - due_s), time.perf_counter()
        tick = next(source)
        if rec is not None:
            rec.tick(tick)
        yield 1e3 * (time.perf_counter() - began_s), late_ms
        due_s += 1.0 / RATE_HZ
        time.sleep(max(0.0, due_s - time.monotonic()))


def _picture(rng: np.random.Generator, noise: float) -> NDArray[np.uint8]:
    y, x = np.mgrid[0:SIDE_PX, 0:SIDE_PX]
    rgb = np.stack([60 + x, 90 + y // 2, 120 + (x + y) // 4], axis=-1).astype(np.float64)
    for _ in range(5):
        top, left = rng.integers(0, SIDE_PX - 16, 2)
        rgb[top : top + 14, left : left + 14] = rng.uniform(0, 255, 3)
    return np.clip(rgb + rng.normal(size=rgb.shape) * noise, 0, 255).astype(np.uint8)


def _cpu_s(process: int) -> float:
    """CPU time of a process so far."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0, help="of recording, for each kind of picture; 0: none")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--damages", type=int, default=2000)
    parser.add_argument("--record", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--told", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--noise", type=float, default=0.0, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
