"""Robot setups: an arm with its cameras, clock and optional simulation. `robot_wm.make` finds one by name or file."""

from typing import TYPE_CHECKING

from robot_wm.lazy import front_door

if TYPE_CHECKING:
    from robot_wm.station.make import require_arm as require_arm
    from robot_wm.station.make import scene_of as scene_of
    from robot_wm.station.plain import PlainStation as PlainStation
    from robot_wm.station.plain import fake_station as fake_station
    from robot_wm.station.station import Simulation as Simulation
    from robot_wm.station.station import Station as Station
    from robot_wm.station.station import require_simulation as require_simulation

__getattr__, __dir__, __all__ = front_door(
    __name__,
    {
        "make": (
            "require_arm",
            "scene_of",
        ),
        "plain": (
            "PlainStation",
            "fake_station",
        ),
        "station": (
            "Simulation",
            "Station",
            "require_simulation",
        ),
    },
)
