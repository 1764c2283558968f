"""Laws of the memory: what is seen well is believed, what is hidden stays where it is imagined."""

import torch
from torch import Tensor

from robot_wm.world_model.wam import latent
from robot_wm.world_model.wam.tracking import WAMState, track
from tests.world_model.toy import TINY

BLOCK = 2


def seen(x: float, log_scale: float) -> Tensor:
    """A latent with one thing at x, seen with that log of the expected error."""
    robot, objects = torch.zeros(1, TINY.layout.robot), torch.zeros(1, latent.SLOTS, latent.OBJECT)
    objects[0, 0, latent.POSITION.start] = x
    objects[0, 0, 4] = log_scale
    return latent.join(robot, objects)


def tracked(*looks: Tensor, known: bool = True) -> list[float]:
    """Where the thing is believed to be after each look; nothing moves, and what was done is `known` or not."""
    state, places = WAMState(torch.zeros(1, TINY.layout.z)), []
    for z in looks:
        state = track(state, z, torch.zeros(5) if known else None, BLOCK, lambda before, actions: before)
        places.append(float(latent.split(state.latent)[1][0, 0, latent.POSITION.start]))
    return places


def test_what_is_seen_well_is_believed_at_once() -> None:
    places = tracked(*[seen(1.0, -4.0)] * 3, seen(2.0, -4.0))
    assert places[:3] == [1.0] * 3
    assert abs(places[3] - 2.0) < 0.2


def test_what_is_hidden_stays_where_it_is_imagined() -> None:
    places = tracked(*[seen(1.0, -4.0)] * 3, *[seen(5.0, 1.5)] * 4)
    assert all(abs(x - 1.0) < 0.2 for x in places)


def test_hidden_for_long_it_is_believed_again_what_is_seen() -> None:
    assert abs(tracked(*[seen(1.0, -4.0)] * 3, *[seen(2.0, -1.0)] * 60)[-1] - 2.0) < 0.3


def test_after_an_unknown_action_nothing_is_remembered() -> None:
    assert tracked(*[seen(1.0, -4.0)] * 3, seen(5.0, 1.5), known=False)[-1] == 5.0
