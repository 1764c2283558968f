"""What a person says about the table, put into effect: which objects are on it, and by which seed."""

from collections.abc import Sequence

from robot_wm.errors import ConfigError, UnknownNameError
from robot_wm.goals import NAMES, Task
from robot_wm.station.station import Station


def objects_in(words: str) -> tuple[str, ...]:
    """Parse names of objects, e.g. from "red cube, green pad". Raises UnknownNameError, ConfigError."""
    names = tuple(" ".join(part.lower().split()) for part in words.split(",") if part.strip())
    for name in names:
        if name not in NAMES:
            raise UnknownNameError("thing", name, NAMES)
    if not names:
        raise ConfigError(f'--scene names nothing, received {words!r}; write it like "red cube, green pad"')
    return names


def set_up(station: Station, seed: int, names: tuple[str, ...] | None) -> None:
    """Reset a simulated table; leave a real one as it is.

    Args:
        station: the setup, entered.
        seed: of the table, 0 or more.
        names: the objects on it; None: a few at random.

    Raises:
        ConfigError: the seed is negative, or objects are asked for on a real table.
    """
    if seed < 0:
        raise ConfigError(f"--seed must be 0 or more, received {seed}")
    if station.simulation is not None:
        station.simulation.reset(seed, names)
    elif names is not None:
        raise ConfigError(
            "--scene sets up a simulated table; on a real one, put the objects there yourself and leave it out"
        )


def require_objects(station: Station, goals: Sequence[Task]) -> None:
    """Raise UnknownNameError unless every object that given goals are about is on the simulated table."""
    if station.simulation is not None:
        for name in (name for goal in goals for name in goal.names):
            if name not in station.simulation.names:
                raise UnknownNameError("thing on this table", name, station.simulation.names)
