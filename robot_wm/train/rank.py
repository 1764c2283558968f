"""One process of data-parallel training. Knows torch.distributed; does nothing where there is one process only."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn


@dataclass(frozen=True)
class Rank:
    """This process's number among those that train one model together.

    Attributes:
        index: From 0.
        world_size: Number of ranks.
        group: Their process group (or a backend of one, such as gloo's); None for a process by itself.
    """

    index: int = 0
    world_size: int = 1
    group: Any = None

    @classmethod
    def current(cls) -> "Rank":
        """Return the rank in torch.distributed's default group, or the only rank where it is not initialised."""
        if dist.is_available() and dist.is_initialized():
            return cls(dist.get_rank(), dist.get_world_size(), dist.group.WORLD)
        return cls()

    @property
    def is_first(self) -> bool:
        """Whether this is rank 0, the only one that writes."""
        return self.index == 0

    def wait(self) -> None:
        """Block until every rank is here."""
        if self.world_size > 1:
            self.group.barrier().wait()

    @contextmanager
    def first_alone(self) -> Iterator[None]:
        """Run the body on rank 0, then on the others."""
        if not self.is_first:
            self.wait()
        try:
            yield
        finally:  # also where it failed, so that the others do not wait for ever
            if self.is_first:
                self.wait()

    @torch.no_grad()
    def average(self, tensors: Sequence[Tensor]) -> None:
        """Replace floating-point tensors, of the same shapes on every rank, by their mean over the ranks."""
        if self.world_size == 1 or not tensors:
            return
        flat = torch.cat([each.detach().flatten().float() for each in tensors])
        self.group.allreduce([flat]).wait()
        sizes = [each.numel() for each in tensors]
        for each, mean in zip(tensors, (flat / self.world_size).split(sizes), strict=True):
            each.copy_(mean.view_as(each))

    def average_gradients(self, parameters: Sequence[nn.Parameter]) -> None:
        """Average gradients; a parameter without one counts as zero, and stays without where every rank lacks it."""
        if self.world_size == 1:
            return
        present = torch.tensor([float(p.grad is not None) for p in parameters], device=parameters[0].device)
        self.group.allreduce([present]).wait()
        used = [p for p, count in zip(parameters, present.tolist(), strict=True) if count > 0.0]
        for each in used:
            each.grad = torch.zeros_like(each) if each.grad is None else each.grad
        self.average([p.grad for p in used if p.grad is not None])
