"""Laws of configurations: what is saved is read back equal, and what does not fit is said in so many words."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from robot_wm.config import config_folder, config_names, find_config, from_values, load_config, read_yaml, save_config
from robot_wm.errors import ConfigError, UnknownNameError
from robot_wm.types import Floats


@dataclass(frozen=True)
class Optimiser:
    rate: float = 1e-3
    name: Literal["adam", "sgd"] = "adam"


@dataclass(frozen=True)
class Run:
    steps: int
    optimiser: Optimiser = Optimiser()
    sizes: tuple[int, ...] = (1, 2)
    span: tuple[float, float] = (0.0, 1.0)
    weights: Mapping[str, float] = field(default_factory=dict)
    note: str | None = None
    stages: tuple[Optimiser, ...] = ()
    bf16: bool = False


@dataclass(frozen=True)
class WithArray:
    q_rad: Floats


FULL = Run(7, Optimiser(0.5, "sgd"), (3,), (0.25, 2.0), {"a": 1.0}, "é", (Optimiser(), Optimiser(2.0)), True)


def written(folder: Path, text: str) -> Path:
    path = folder / "run.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("config", [Run(1), FULL])
def test_what_is_saved_is_read_back_equal(tmp_path: Path, config: Run) -> None:
    save_config(config, tmp_path / "run.yaml")
    assert load_config(Run, tmp_path / "run.yaml") == config


def test_arrays_survive_too(tmp_path: Path) -> None:
    save_config(WithArray(np.array([0.1, 2.0])), tmp_path / "q.yaml")
    np.testing.assert_array_equal(load_config(WithArray, tmp_path / "q.yaml").q_rad, [0.1, 2.0])


def test_keys_left_out_keep_their_defaults(tmp_path: Path) -> None:
    assert load_config(Run, written(tmp_path, "steps: 3\noptimiser: {rate: 1}\n")) == Run(3, Optimiser(rate=1.0))


def test_a_number_with_an_exponent_is_a_number(tmp_path: Path) -> None:
    assert load_config(Run, written(tmp_path, "steps: 3\noptimiser: {rate: 3e-4}\n")).optimiser.rate == 3e-4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("steps: true", "{path}: steps: allowed: a whole number, received True (bool)"),
        ("steps: 1.5", "{path}: steps: allowed: a whole number, received 1.5 (float)"),
        ("{steps: 1, bf16: 1}", "{path}: bf16: allowed: true or false, received 1 (int)"),
        ("{steps: 1, note: 3}", "{path}: note: allowed: text, received 3 (int)"),
        ("{steps: 1, sizes: [1, x]}", "{path}: sizes[1]: allowed: a whole number, received 'x' (str)"),
        ("{steps: 1, sizes: 4}", "{path}: sizes: allowed: a list, received 4 (int)"),
        ("{steps: 1, span: [1]}", "{path}: span: allowed: a list of 2, received [1] (list)"),
        ("{steps: 1, weights: {a: b}}", "{path}: weights.a: allowed: a number, received 'b' (str)"),
        ("{steps: 1, weights: 2}", "{path}: weights: allowed: a mapping, received 2 (int)"),
        ("{steps: 1, optimiser: 2}", "{path}: optimiser: allowed: a mapping, received 2 (int)"),
        (
            "{steps: 1, optimiser: {name: lion}}",
            "{path}: optimiser.name: allowed: 'adam' or 'sgd', received 'lion' (str)",
        ),
        ("{steps: 1, stages: [{rate: fast}]}", "{path}: stages[0].rate: allowed: a number, received 'fast' (str)"),
        ("bf16: true", "{path}: missing steps; add it"),
        ("[1, 2]", "{path}: allowed: a mapping of keys to values, received [1, 2] (list)"),
    ],
)
def test_what_does_not_fit_is_said(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_config(Run, path)
    assert str(caught.value) == message.format(path=path)


def test_an_unknown_key_is_named_with_the_nearest_known_one(tmp_path: Path) -> None:
    path = written(tmp_path, "steps: 1\noptimiser: {rte: 1}\n")
    with pytest.raises(UnknownNameError) as caught:
        load_config(Run, path)
    assert str(caught.value) == f"unknown key 'rte'; known: name, rate. Did you mean 'rate'? (in {path}: optimiser)"


def test_a_key_that_is_given_twice_is_an_error(tmp_path: Path) -> None:
    path = written(tmp_path, "steps: 1\noptimiser:\n  rate: 1\n  rate: 2\n")
    with pytest.raises(ConfigError) as caught:
        load_config(Run, path)
    assert str(caught.value) == f"{path}: key 'rate' is given twice, in lines 3 and 4; keep one of them"
    merged = "a: &a {rate: 1.0}\nb: {<<: *a, rate: 2.0}\n"
    assert read_yaml(written(tmp_path, merged))["b"] == {"rate": 2.0}


def test_finding_a_configuration_imports_no_pydantic() -> None:
    code = "import sys, robot_wm.config; assert 'pydantic' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_files_that_are_no_yaml_or_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is not YAML"):
        load_config(Run, written(tmp_path, "a: [1"))
    with pytest.raises(ConfigError, match="No such file"):
        load_config(Run, tmp_path / "none.yaml")


def test_a_field_no_yaml_can_hold_is_the_programmers_error() -> None:
    @dataclass(frozen=True)
    class Odd:
        what: complex = 0j

    with pytest.raises(TypeError, match="cannot hold"):
        from_values(Odd, {"what": 1})


def test_configurations_are_found_by_name_and_by_path(tmp_path: Path) -> None:
    path = written(tmp_path, "steps: 1")
    assert find_config("train", str(path)) == path
    with pytest.raises(ConfigError, match="there is no file"):
        find_config("train", str(tmp_path / "none.yaml"))
    with pytest.raises(UnknownNameError, match="unknown configuration in scenes/"):
        find_config("scenes", "nowhere")
    for name in config_names("scenes"):
        assert find_config("scenes", name) == config_folder() / "scenes" / f"{name}.yaml"
