"""H.264 in mp4: constant rate, no B-frames, a key frame every second frame, full colour resolution.

Colour is not subsampled (4:4:4): at 128 px a cube is a dozen pixels wide, and subsampling causes errors of up to 185
levels at its edges, where 4:4:4 has 33. docs/data.md has the figures.
"""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
from av.error import FFmpegError
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from robot_wm.errors import DatasetError

CODEC = "h264"
PIX_FMT = "yuv444p"
OFF_GRID = 0.2  # of a frame that a picture's time may be off: containers round to milliseconds
KEY_EVERY = 2  # frames from one key frame to the next
_OPTIONS = {"crf": "14", "preset": "ultrafast", "g": str(KEY_EVERY), "bf": "0"}

Pictures = NDArray[np.uint8]  # (n, h, w, 3) RGB


class VideoWriter:
    """Writes one mp4 file, frame k at exactly k / fps seconds. One thread, so that the bytes are reproducible."""

    def __init__(self, path: Path, fps: int, height: int, width: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = av.open(str(path), "w")
        self._stream = self._file.add_stream("libx264", rate=fps, options=dict(_OPTIONS))
        self._stream.width, self._stream.height, self._stream.pix_fmt = width, height, PIX_FMT
        self._stream.codec_context.thread_count = 1
        self._stream.codec_context.time_base = Fraction(1, fps)
        self._reformatter = VideoReformatter()
        self.frames = 0

    def add(self, pictures: Iterable[Pictures]) -> None:
        """Append pictures, each uint8 (h, w, 3)."""
        for each in pictures:
            frame = av.VideoFrame.from_numpy_buffer(np.ascontiguousarray(each), format="rgb24")
            # The encoder would convert, too, but with one thread per core, which takes three times as long.
            frame = self._reformatter.reformat(frame, format=PIX_FMT, threads=1)
            frame.pts = self.frames
            self.frames += 1
            self._file.mux(self._stream.encode(frame))

    def close(self) -> None:
        self._file.mux(self._stream.encode(None))
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def decode(path: Path) -> Iterator[Pictures]:
    """Yield the pictures of a file in order, each uint8 (h, w, 3). Raises DatasetError if it cannot be read."""
    reformatter = VideoReformatter()
    try:
        with av.open(str(path)) as file:
            stream = file.streams.video[0]
            stream.codec_context.thread_count = 1
            for frame in file.decode(stream):
                yield _rgb(reformatter, frame)
    except (OSError, FFmpegError) as error:
        raise DatasetError(f"video {path} cannot be read ({error}); collect or export the dataset again") from error


def count_frames(path: Path) -> int:
    """Return the number of pictures of a file by its index. Raises DatasetError if it cannot be read."""
    try:
        with av.open(str(path)) as file:
            stream = file.streams.video[0]
            return stream.frames or sum(1 for packet in file.demux(stream) if packet.size)
    except (OSError, FFmpegError, IndexError) as error:
        raise DatasetError(f"video {path} cannot be read ({error}); fetch or export the dataset again") from error


def frames_at(path: Path, fps: float, numbers: Sequence[int]) -> Iterator[Pictures]:
    """Yield the pictures with these running numbers, which ascend and may repeat; seeks to the first one.

    Raises DatasetError if the file lacks one, or if its timestamps are not multiples of 1 / fps.
    """
    wanted = iter(numbers)
    number = next(wanted, None)
    for found, picture in _numbered(path, fps, 0 if number is None else number):
        while number is not None and number == found:
            yield picture
            number = next(wanted, None)
        if number is None or number < found:
            break
    if number is not None:
        raise DatasetError(f"video {path} lacks frame {number}; fetch or export the dataset again")


def _numbered(path: Path, fps: float, first: int) -> Iterator[tuple[int, Pictures]]:
    """Pictures with their running numbers, from the last key frame at or before `first` on."""
    reformatter = VideoReformatter()
    try:
        with av.open(str(path)) as file:
            stream = file.streams.video[0]
            stream.codec_context.thread_count = 1
            base, start = Fraction(stream.time_base or 1), stream.start_time or 0
            file.seek(start + int(first / fps / base), stream=stream)
            for frame in file.decode(stream):
                at = float(((frame.pts or 0) - start) * base) * fps
                if abs(at - round(at)) > OFF_GRID:
                    raise DatasetError(f"video {path}: a picture at {at / fps:.4f} s is not at a multiple of 1/{fps} s")
                yield round(at), _rgb(reformatter, frame)
    except (OSError, FFmpegError, IndexError) as error:
        raise DatasetError(f"video {path} cannot be read ({error}); fetch or export the dataset again") from error


def key_frames(path: Path, wanted: Iterable[int]) -> Iterator[Pictures]:
    """Yield the key frames whose number among the key frames is in `wanted`; nothing else is decoded."""
    numbers, reformatter = set(wanted), VideoReformatter()
    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        stream.codec_context.thread_count = 1
        keys = (packet for packet in file.demux(stream) if packet.is_keyframe and packet.size)
        for number, packet in enumerate(keys):
            if number in numbers:
                yield from (_rgb(reformatter, frame) for frame in packet.decode())
        yield from (_rgb(reformatter, frame) for frame in stream.codec_context.decode(None))


def _rgb(reformatter: VideoReformatter, frame: av.VideoFrame) -> Pictures:
    """Convert with one thread: starting more takes longer than converting a small picture."""
    return np.asarray(reformatter.reformat(frame, format="rgb24", threads=1).to_ndarray(), np.uint8)
