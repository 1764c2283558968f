"""Every randomisation varies its quantity within its range, and nothing when its range is a point."""

import colorsys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from robot_wm.goals import COLOURS
from sim.randomise import HUES, draw_material, draw_trim
from sim.scene import Scene, SceneConfig

NAMES = ("red cube", "blue bin")
STILL = SceneConfig(
    half_width_m=(0.015, 0.015),
    mass_kg=(0.03, 0.03),
    friction=(0.7, 0.7),
    hue_jitter=0.0,
    shade_jitter=0.0,
    light=(0.6, 0.6),
    light_tilt_deg=0.0,
    table_value=(0.6, 0.6),
    camera_jitter_m=0.0,
    camera_jitter_deg=0.0,
    gain_factor=(1.0, 1.0),
    latency_s=(0.0, 0.0),
)


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    made = Scene(STILL)
    yield made
    made.close()


def cube_geom(scene: Scene) -> int:
    return int(scene._model.body_geomadr[scene._slots["red cube"].body])


WATCHED: dict[str, tuple[dict[str, Any], Callable[[Scene], Any]]] = {
    "sizes": ({"half_width_m": (0.01, 0.02)}, lambda s: s._model.geom_size[cube_geom(s)]),
    "mass": ({"mass_kg": (0.02, 0.05)}, lambda s: s._model.body_mass[s._slots["red cube"].body]),
    "friction": ({"friction": (0.4, 0.9)}, lambda s: s._model.geom_friction[cube_geom(s), 0]),
    "hue": ({"hue_jitter": 0.02}, lambda s: s._model.geom_rgba[cube_geom(s)]),
    "shade": ({"shade_jitter": 0.1}, lambda s: s._model.geom_rgba[cube_geom(s)]),
    "light": ({"light": (0.4, 0.8)}, lambda s: s._model.light("lamp").diffuse),
    "light direction": ({"light_tilt_deg": 30.0}, lambda s: s._model.light("lamp").dir),
    "table": ({"table_value": (0.4, 0.8)}, lambda s: s._model.geom("table").rgba),
    "camera place": ({"camera_jitter_m": 0.01}, lambda s: s._model.camera("overview").pos),
    "camera direction": ({"camera_jitter_deg": 1.0}, lambda s: s._model.camera("wrist").quat),
    "gain": ({"gain_factor": (0.8, 1.2)}, lambda s: s._model.actuator("elbow_flex").gainprm[0]),
    "latency": ({"latency_s": (0.0, 0.1)}, lambda s: s.arm.servos._delays),
}


@pytest.mark.parametrize("what", WATCHED)
def test_it_varies_between_seeds_only_where_its_range_does(scene: Scene, what: str) -> None:
    change, watch = WATCHED[what]
    for config, varies in ((STILL, False), (replace(STILL, **change), True)):
        scene.config = config
        values = []
        for seed in range(6):
            scene.reset(seed, NAMES)
            values.append(np.array(watch(scene)))
        assert np.ptp(values, axis=0).max() > 0 if varies else np.ptp(values, axis=0).max() == 0


def test_poses_vary_even_when_nothing_else_does(scene: Scene) -> None:
    scene.config = STILL
    places = []
    for seed in range(3):
        scene.reset(seed, NAMES)
        places.append(scene.things()["red cube"].position_m)
    assert np.ptp(places, axis=0)[:2].min() > 1e-3


def test_colours_stay_in_their_class() -> None:
    rng, config = np.random.default_rng(0), SceneConfig()
    for colour in COLOURS:
        for _ in range(30):
            red, green, blue, alpha = draw_material(rng, config, f"{colour} cube").rgba
            hue = colorsys.rgb_to_hsv(red, green, blue)[0]
            distances = {other: abs((hue - HUES[other] + 0.5) % 1.0 - 0.5) for other in COLOURS}
            assert min(distances, key=distances.__getitem__) == colour and alpha == 1.0


def test_draws_stay_in_their_ranges() -> None:
    rng, config = np.random.default_rng(0), SceneConfig()
    for _ in range(50):
        material, trim = draw_material(rng, config, "red cube"), draw_trim(rng, config)
        assert config.mass_kg[0] <= material.mass_kg <= config.mass_kg[1]
        assert config.friction[0] <= material.friction <= config.friction[1]
        assert config.gain_factor[0] <= trim.gain_factor <= config.gain_factor[1]
        assert config.latency_s[0] <= trim.extra_latency_s <= config.latency_s[1]
