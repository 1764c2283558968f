"""Names to what stands behind them, by entry points."""

from importlib.metadata import EntryPoint

import pytest

from robot_wm import registry
from robot_wm.errors import MissingDependencyError, UnknownNameError


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [
        EntryPoint("good", "json:dumps", registry.ARMS),
        EntryPoint("broken", "module_that_is_nowhere:arm", registry.ARMS),
    ]
    monkeypatch.setattr(registry, "entry_points", lambda group: [each for each in points if each.group == group])


@pytest.mark.usefixtures("offered")
def test_a_name_is_found() -> None:
    import json

    assert registry.find(registry.ARMS, "good") is json.dumps
    assert registry.names(registry.ARMS) == ("broken", "good")


@pytest.mark.usefixtures("offered")
def test_an_unknown_name_is_told_the_known_ones() -> None:
    with pytest.raises(UnknownNameError) as caught:
        registry.find(registry.ARMS, "godo")
    assert str(caught.value) == "unknown arm 'godo'; known: broken, good. Did you mean 'good'?"


@pytest.mark.usefixtures("offered")
def test_where_nothing_is_installed_the_remedy_is_to_install() -> None:
    with pytest.raises(UnknownNameError, match="pip install"):
        registry.find(registry.SUITES, "tabletop")


@pytest.mark.usefixtures("offered")
def test_a_missing_module_is_named() -> None:
    with pytest.raises(MissingDependencyError, match="'broken' needs the Python module 'module_that_is_nowhere'"):
        registry.find(registry.ARMS, "broken")
