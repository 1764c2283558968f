"""Laws of layouts: distinct names, gaps between outlines, within reach, the same for the same seed."""

import numpy as np
import pytest

from robot_wm.errors import ConfigError, UnknownNameError
from robot_wm.evaluate.episodes import lay_out
from robot_wm.evaluate.instructions import Line
from robot_wm.goals import MOVABLE_KINDS, NAMES, Task, kind_of
from sim.layout import checked_names, draw_names, draw_placements
from sim.reach import figures_of
from sim.scene_config import SceneConfig

CONFIG = SceneConfig()
_AREA = figures_of("so101.xml").area
assert _AREA is not None
AREA = _AREA
TABLES = [
    draw_placements(np.random.default_rng(s), CONFIG, draw_names(np.random.default_rng(s), CONFIG), AREA)
    for s in range(60)
]


def test_names_are_distinct_known_and_hold_something_to_move() -> None:
    counts = set()
    for table in TABLES:
        names = [placement.name for placement in table]
        counts.add(len(names))
        assert len(set(names)) == len(names) and set(names) <= set(NAMES)
        assert any(kind_of(name) in MOVABLE_KINDS for name in names)
        assert sum(kind_of(name) not in MOVABLE_KINDS for name in names) <= 2
    assert counts == {2, 3, 4, 5}


def test_a_gripper_fits_between_things_unless_one_is_a_pad() -> None:
    for table in TABLES:
        for i, one in enumerate(table):
            for other in table[:i]:
                free_m = np.hypot(one.x_m - other.x_m, one.y_m - other.y_m) - one.outline_m - other.outline_m
                needed_m = 0.01 if "pad" in (one.kind, other.kind) else CONFIG.clearance_min_m
                assert free_m >= needed_m - 1e-9


def test_everything_lies_within_reach() -> None:
    for placement in (each for table in TABLES for each in table):
        movable = placement.kind in MOVABLE_KINDS
        near, far = AREA.things_radius_m if movable else AREA.targets_radius_m
        bearing = AREA.things_bearing_deg if movable else AREA.targets_bearing_deg
        ahead_m = placement.x_m - AREA.axis_x_m
        assert near - 1e-9 <= np.hypot(ahead_m, placement.y_m) <= far + 1e-9
        assert abs(np.degrees(np.arctan2(placement.y_m, ahead_m))) <= bearing + 1e-6


def test_movable_things_are_two_to_four_centimetres_wide() -> None:
    widths = [2 * each.half_width_m for table in TABLES for each in table if each.kind in MOVABLE_KINDS]
    assert 0.02 <= min(widths) < 0.023 and 0.037 < max(widths) <= 0.04


def test_the_same_seed_gives_the_same_table() -> None:
    def draw(seed: int):
        rng = np.random.default_rng(seed)
        return draw_placements(rng, CONFIG, draw_names(rng, CONFIG), AREA)

    assert draw(4) == draw(4) != draw(5)


def test_placements_keep_the_order_of_the_names() -> None:
    names = ("red cube", "blue bin", "green cylinder")
    assert tuple(each.name for each in draw_placements(np.random.default_rng(0), CONFIG, names, AREA)) == names


def test_names_that_no_table_can_hold_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="unknown thing 'pink cube'"):
        checked_names(["pink cube"])
    with pytest.raises(ConfigError, match="names must be unique"):
        checked_names(["red cube", "red cube"])
    with pytest.raises(ConfigError, match="at most 3 bins, received 4"):
        checked_names([f"{colour} bin" for colour in ("red", "green", "blue", "yellow")])
    with pytest.raises(ConfigError, match="at most 5 cubes and cylinders, received 6"):
        checked_names([f"{colour} cube" for colour in ("red", "green", "blue", "yellow", "purple", "orange")])


def test_too_many_things_for_the_table_are_refused() -> None:
    names = [f"{colour} {kind}" for colour in ("red", "green", "blue") for kind in ("bin", "pad", "cube")]
    with pytest.raises(ConfigError, match=r"do not fit on the table together.*ask for fewer"):
        draw_placements(np.random.default_rng(0), SceneConfig(bearing_deg=10, target_bearing_deg=10), names, AREA)


def test_things_fit_on_a_table_with_the_measured_area() -> None:
    for episode in lay_out(400, 8, [Line("put the red cube in the bin", (Task("place", "red cube", "blue bin"),))]):
        draw_placements(np.random.default_rng(episode.seed), CONFIG, episode.names, AREA)


def test_an_inconsistent_configuration_is_refused() -> None:
    with pytest.raises(ConfigError, match="things_min and things_max must rise within 1 and 11, received 4 and 2"):
        SceneConfig(things_min=4, things_max=2)
    with pytest.raises(ConfigError, match=r"mass_kg must be \(low, high\).*received \(0\.2, 0\.1\)"):
        SceneConfig(mass_kg=(0.2, 0.1))
