"""From instructions in plain English to goals, or to a refusal."""

from typing import TYPE_CHECKING

from robot_wm.lazy import front_door

if TYPE_CHECKING:
    from robot_wm.language.encoder import SentenceEncoder as SentenceEncoder
    from robot_wm.language.grounding import Grounding as Grounding
    from robot_wm.language.text import validated as validated
    from robot_wm.language.wordings import caption as caption

__getattr__, __dir__, __all__ = front_door(
    __name__,
    {
        "encoder": ("SentenceEncoder",),
        "grounding": ("Grounding",),
        "text": ("validated",),
        "wordings": ("caption",),
    },
)
