import torch
from torch import Tensor

from robot_wm.world_model.protocol import Rollout
from robot_wm.world_model.wam import latent
from robot_wm.world_model.wam.tracking import Memory
from tests.world_model.toy import TINY


class Still:
    """A world in which nothing moves."""

    block = 2

    def predict(self, z: Tensor, actions: Tensor) -> Rollout:
        count = actions.shape[1] // self.block
        return Rollout(z[:, None].expand(-1, count, -1).clone(), torch.zeros(len(z), count))


def seen(x: float, log_scale: float, tool: float = 0.0) -> Tensor:
    """A latent with one thing at x, seen with that log of the expected error."""
    robot, objects = torch.zeros(1, TINY.layout.robot), torch.zeros(1, latent.SLOTS, latent.OBJECT)
    robot[0, latent.TOOL.start] = robot[0, latent.SENT.start] = tool
    objects[0, 0, latent.POSITION.start] = x
    objects[0, 0, 4] = log_scale
    return latent.join(robot, objects)


def place(z: Tensor) -> float:
    return float(latent.split(z)[1][0, 0, latent.POSITION.start])


def remember(*looks: Tensor) -> tuple[Memory, list[float]]:
    memory, places = Memory(Still()), []  # type: ignore[arg-type]
    for z in looks:
        places.append(place(memory.fuse(z)))
        memory.acted(torch.zeros(5))
    return memory, places


def test_what_is_seen_well_is_believed_at_once() -> None:
    _, places = remember(*[seen(1.0, -4.0)] * 3, seen(2.0, -4.0))
    assert places[:3] == [1.0] * 3
    assert abs(places[3] - 2.0) < 0.2


def test_what_is_hidden_stays_where_it_is_imagined() -> None:
    _, places = remember(*[seen(1.0, -4.0)] * 3, *[seen(5.0, 1.5)] * 4)
    assert all(abs(x - 1.0) < 0.2 for x in places)


def test_hidden_for_long_it_is_believed_again_what_is_seen() -> None:
    _, places = remember(*[seen(1.0, -4.0)] * 3, *[seen(2.0, -1.0)] * 60)
    assert abs(places[-1] - 2.0) < 0.3
