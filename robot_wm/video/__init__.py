"""Videos for people: pages with cameras, goal and progress, as mp4 or GIF. Knows no model, arm or simulator."""

from typing import TYPE_CHECKING

from robot_wm.lazy import front_door

if TYPE_CHECKING:
    from robot_wm.video.canvas import Canvas as Canvas
    from robot_wm.video.gif import Gif as Gif
    from robot_wm.video.gif import make_gif as make_gif
    from robot_wm.video.mp4 import Mp4Writer as Mp4Writer
    from robot_wm.video.mp4 import read_mp4 as read_mp4
    from robot_wm.video.page import Page as Page

__getattr__, __dir__, __all__ = front_door(
    __name__,
    {
        "canvas": ("Canvas",),
        "gif": (
            "Gif",
            "make_gif",
        ),
        "mp4": (
            "Mp4Writer",
            "read_mp4",
        ),
        "page": ("Page",),
    },
)
