"""A video file that is written while its frames are made: H.264 that browsers and phones play, or a GIF."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from eureka.errors import ConfigError

if TYPE_CHECKING:
    import av

_X264 = {"crf": "26", "preset": "medium"}
_INSTALL = 'PyAV, which writes videos, is not installed here: pip install "eureka-core[video]"'


class Video:
    """Encodes every frame as it comes. What the encoder holds of them is a matter of its look-ahead, not of the video's length.

    path: replaced. fps: frames a second. height: of the video at most, in pixels; None: as the frames are. A frame of odd width or height
    loses its last column or row, since H.264 counts in pairs. Raises ConfigError where PyAV is missing.
    """

    def __init__(self, path: Path, kind: Literal["mp4", "gif"], fps: float, height: int | None = None) -> None:
        try:
            import av
        except ImportError:
            raise ConfigError(_INSTALL) from None
        self._av = av
        self._kind = kind
        self._height = height
        self._rate = Fraction(fps).limit_denominator(1000)
        # faststart: with the index in front, so that it plays before it is there whole.
        self._container = av.open(str(path), "w", format=kind, options={"movflags": "faststart"} if kind == "mp4" else {})
        self._stream: Any = None
        self._palette: av.filter.Graph | None = None
        self._frames = 0
        self._shape: tuple[int, ...] = ()

    def add(self, frame: NDArray[np.uint8]) -> None:
        """Add one frame. uint8 (H, W, 3), at least 2 x 2; may be written to afterwards. Raises ConfigError for one of another size."""
        if self._stream is None:
            self._begin(frame.shape)
        if frame.shape != self._shape:
            there, new = ("{1} x {0}".format(*shape) for shape in (self._shape, frame.shape))
            raise ConfigError(f"task.sim: the environment draws a frame of {new} pixels after ones of {there}; a video has one size.")
        even = np.ascontiguousarray(frame[: frame.shape[0] // 2 * 2, : frame.shape[1] // 2 * 2])
        made = self._av.VideoFrame.from_ndarray(even, format="rgb24")
        if self._palette is None:
            made = made.reformat(width=self._stream.width, height=self._stream.height, format="yuv420p")
        elif (made.width, made.height) != (self._stream.width, self._stream.height):
            made = made.reformat(width=self._stream.width, height=self._stream.height, format="rgb24")
        made.pts, made.time_base = self._frames, 1 / self._rate
        self._frames += 1
        if self._palette is not None:
            self._palette.vpush(made)
            made = self._palette.vpull()
        self._container.mux(self._stream.encode(made))

    def close(self) -> None:
        """Write what the encoder still holds; the file is whole then. Raises ConfigError where no frame was added."""
        if self._stream is None:
            raise ConfigError("task.sim: the environment drew no frame, so there is no video.")
        self._container.mux(self._stream.encode(None))
        self._container.close()

    def _begin(self, shape: tuple[int, ...]) -> None:
        self._shape = shape
        height, width = shape[0] // 2 * 2, shape[1] // 2 * 2
        if self._height is not None and height > self._height:
            small = self._height // 2 * 2
            height, width = small, max(round(width * small / height / 2) * 2, 2)
        mp4 = self._kind == "mp4"
        self._stream = self._container.add_stream("libx264" if mp4 else "gif", rate=self._rate, options=_X264 if mp4 else {})
        self._stream.width, self._stream.height = width, height
        self._stream.pix_fmt = "yuv420p" if mp4 else "pal8"
        if not mp4:
            self._palette = self._palettes(width, height)

    def _palettes(self, width: int, height: int) -> av.filter.Graph:
        """Gives each frame the 256 colours that suit it, without knowing the others."""
        graph = self._av.filter.Graph()
        source = graph.add_buffer(width=width, height=height, format=self._av.VideoFormat("rgb24"), time_base=1 / self._rate)
        split = graph.add("split")
        palette = graph.add("palettegen", stats_mode="single")
        use = graph.add("paletteuse", new="1", dither="bayer", bayer_scale="4")
        source.link_to(split)
        split.link_to(palette, 0, 0)
        split.link_to(use, 1, 0)
        palette.link_to(use, 0, 1)
        use.link_to(graph.add("buffersink"))
        graph.configure()
        return graph
