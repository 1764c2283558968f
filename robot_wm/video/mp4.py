"""H.264 in mp4. Encoded in memory and written atomically, so that no incomplete file is left behind."""

import io
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self, final

import av
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from robot_wm.errors import ConfigError
from robot_wm.files import require_writable, write_whole

Picture = NDArray[np.uint8]  # (h, w, 3) RGB


@final
class Mp4Writer:
    """Encodes pictures and writes one mp4 file when the block ends; without pictures, nothing is written.

    All pictures have the size of the first, with even width and height. After an exception the video is written, too:
    a failed run is the one to look at.
    """

    def __init__(self, path: Path, rate_hz: float = 10.0) -> None:
        if path.suffix != ".mp4":
            raise ConfigError(f"cannot write video {str(path)!r}: the name must end in .mp4")
        require_writable(path)
        self._path = path
        self._rate = Fraction(rate_hz).limit_denominator(1000)
        self._memory = io.BytesIO()
        self._container = av.open(self._memory, mode="w", format="mp4")
        self._stream: VideoStream | None = None

    def write(self, picture: Picture) -> None:
        """Append one picture, uint8 RGB (h, w, 3)."""
        stream = self._stream or self._open_stream(picture)
        self._container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream is None:
            return
        self._container.mux(self._stream.encode(None))
        self._container.close()
        write_whole(self._path, self._memory.getvalue())

    def _open_stream(self, picture: Picture) -> VideoStream:
        stream = self._container.add_stream("libx264", rate=self._rate, options={"crf": "20", "preset": "veryfast"})
        stream.height, stream.width = picture.shape[:2]
        stream.pix_fmt = "yuv420p"
        self._stream = stream
        return stream


def read_mp4(path: Path) -> Iterator[Picture]:
    """Yield the pictures of a video file in order, uint8 RGB (h, w, 3)."""
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)
