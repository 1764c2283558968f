"""Model-predictive path integral search over action chunks in a world model's latent space.

The candidates come from the model's own action head, which proposes several ways, and from the planner's distribution,
fused as a product of Gaussians (precision-weighted, as in PRISM, arXiv 2606.07974); elites of one way are averaged
with MPPI weights (Williams et al. 2017), over as many iterations as are configured. Where the goal comes no nearer for
a while, a detour is made (`robot_wm.planning.recovery`). All randomness comes from a seeded generator.
"""

import time
from dataclasses import dataclass, field

import torch
from jaxtyping import Float, Int
from torch import Tensor

from robot_wm.errors import ConfigError
from robot_wm.planning.objective import Objective
from robot_wm.planning.recovery import Detour, DetourConfig
from robot_wm.world_model.protocol import WorldModel


@dataclass(frozen=True)
class PlannerConfig:
    """How the search is done. YAML in configs/plan/."""

    samples: tuple[int, ...] = (96, 48)  # candidates in each iteration
    elites: float = 0.15  # share of the candidates kept
    temperature: float = 0.5  # ticks of cost over which a candidate's weight falls by e
    prior_share: float = 0.5  # of the first candidates, drawn from the action head alone
    floor: tuple[float, ...] = (0.003, 0.003, 0.003, 0.05, 0.05)  # least spread of the search, by action number
    shifted_spread: float = 3.0  # spread of the shifted last plan, in floors
    correlation: float = 0.8  # of the noise from one tick to the next
    margin: float = 0.05  # ticks by which a plan must beat the action head's own chunk
    deadline_ms: float = 60.0  # no further iteration starts after this
    objective: Objective = field(default_factory=Objective)
    detour: DetourConfig = field(default_factory=DetourConfig)

    def __post_init__(self) -> None:
        if not self.samples or min(self.samples) < 4:
            raise ConfigError(f"planner samples must be 4 or more in each iteration, received {self.samples}")
        if not 0.0 < self.elites <= 1.0 or not 0.0 <= self.correlation < 1.0 or self.temperature <= 0.0:
            raise ConfigError("planner elites must be in (0, 1], correlation in [0, 1), temperature above 0")


@dataclass(frozen=True)
class Plan:
    """What the search chose."""

    actions: Float[Tensor, "t a"]
    cost: float
    prior_cost: float  # of the action head's own chunk
    source: str  # "search", "prior" or "detour"
    iterations: int
    imagined: Float[Tensor, "h d"]  # latents along the chosen plan
    spread: float  # standard deviation of the candidates' costs: is there anything to choose?
    costs: Float[Tensor, " n"]  # of the last iteration's candidates
    left: float  # ticks to the goal from where the plan begins, as the model believes


@dataclass(frozen=True)
class _Search:
    """One search: from where, to what, and by which ways the action head proposes to go, the likeliest first."""

    z: Float[Tensor, "1 d"]
    goal: Float[Tensor, " g"]
    ways: Float[Tensor, "k t a"]
    spread: Float[Tensor, "k t a"]
    weight: Float[Tensor, " k"]

    @property
    def prior(self) -> Float[Tensor, "t a"]:
        """What the action head would do alone."""
        return self.ways[0]


class MPPI:
    """One search a tick, warm-started by the last plan; `reset` forgets it."""

    def __init__(self, model: WorldModel, config: PlannerConfig, low: Tensor, high: Tensor, seed: int = 0) -> None:
        self._model, self._config = model, config
        self._low, self._high = low, high
        self._floor = torch.tensor(config.floor, dtype=torch.float32)
        self._seed = seed
        self.reset()

    def reset(self) -> None:
        """Forget the last plan and start the noise anew: the same seed gives the same plans."""
        self._last: Tensor | None = None
        self._detour = Detour(self._config.detour)
        self._generator = torch.Generator().manual_seed(self._seed)

    @torch.inference_mode()
    def plan(self, z: Float[Tensor, "1 d"], goal: Float[Tensor, " g"], iterations: int | None = None) -> Plan:
        """Search from `z` for `goal`. The first candidates are always the action head's own ways.

        `iterations`: do exactly as many, whatever the time; a replay does as many as were done then. 0, as a detour
        says, where none is made now: do all.
        """
        started_s = time.perf_counter()
        left = float(self._model.score(z, goal[None])[0])
        search = self._search(z, goal)
        if self._detour.due(left):
            self._detour.begin(self._way_out(search))
        if self._detour.under_way:
            return self._go_on(search, left)
        mean, deviation = self._fused(search)
        imagined = costs = torch.tensor([])
        done = 0
        for iteration, count in enumerate(self._config.samples[: iterations or None]):
            chunks = self._candidates(search, mean, deviation, count, iteration)
            imagined, costs, ways = self._cost(search, chunks)
            mean, deviation = self._refit(search, chunks, costs, ways)
            done = iteration + 1
            if iterations is None and 1e3 * (time.perf_counter() - started_s) > self._config.deadline_ms:
                break
        plan = self._choose(search, mean, imagined, costs, done, left)
        self._last = plan.actions
        return plan

    def _way_out(self, search: _Search) -> Float[Tensor, "t a"]:
        """A chunk that leads away from here: of the half that leads furthest any of those imagined to cost less.

        Not always the best of them: what is not imagined, as a wall, may stand in its way again and again.
        """
        config = self._config.detour
        ways = torch.randint(len(search.ways), (config.samples,), generator=self._generator)
        noise = self._noise(config.samples, *search.prior.shape)
        chunks = search.ways[ways] + torch.tensor(config.spread) * 0.5 * (self._high - self._low) * noise
        chunks = chunks.clamp(self._low, self._high)
        imagined, costs = self._imagine(search, chunks)
        away = (imagined[:, -1] - search.z).norm(dim=-1).topk(config.samples // 2).indices
        better = away[costs[away].argsort()][: config.samples // 4]
        return chunks[better[torch.randint(len(better), (1,), generator=self._generator)[0]]]

    def _go_on(self, search: _Search, left: float) -> Plan:
        """One more tick of the detour; the search starts afresh after it."""
        self._last, nan = None, float("nan")
        chunk = self._detour.go_on()
        imagined, costs = self._imagine(search, chunk[None])
        return Plan(chunk, float(costs[0]), nan, "detour", 0, imagined[0], nan, costs, left)

    def _search(self, z: Tensor, goal: Tensor) -> _Search:
        proposals = self._model.propose(z, goal[None])
        order = proposals.weights[0].argsort(descending=True, stable=True)
        spread = torch.maximum(proposals.scales[0, order], self._floor)
        return _Search(z, goal, proposals.chunks[0, order], spread, proposals.weights[0, order])

    def _fused(self, search: _Search) -> tuple[Tensor, Tensor]:
        """The product of Gaussians of the last plan, shifted by a tick, and of the way nearest to it."""
        if self._last is None:
            return search.prior, search.spread[0]
        shifted = torch.cat([self._last[1:], search.prior[-1:]])
        objective = self._config.objective
        way = objective.strayed(shifted[None], search.ways, search.spread, search.weight)[0].argmin()
        p_prior = search.spread[way].square().reciprocal()
        p_plan = (self._config.shifted_spread * self._floor).square().reciprocal().expand_as(p_prior)
        both = p_prior + p_plan
        return (search.ways[way] * p_prior + shifted * p_plan) / both, torch.maximum(both.rsqrt(), self._floor)

    def _candidates(self, search: _Search, mean: Tensor, deviation: Tensor, count: int, iteration: int) -> Tensor:
        from_prior = int(self._config.prior_share * count) if iteration == 0 else 0
        noise = self._noise(count, *mean.shape)
        ways = torch.multinomial(search.weight, max(1, from_prior), replacement=True, generator=self._generator)
        ways = ways[:from_prior]
        drawn = search.ways[ways] + search.spread[ways] * noise[:from_prior], mean + deviation * noise[from_prior:]
        chunks = torch.cat(drawn)
        own = min(len(search.ways), count - 1)
        chunks[:own], chunks[-1] = search.ways[:own], mean
        return chunks.clamp(self._low, self._high)

    def _noise(self, n: int, t: int, a: int) -> Float[Tensor, "n t a"]:
        """Standard normal, correlated in time, so that candidates differ by where they go and not by trembling."""
        fresh = torch.randn(n, t, a, generator=self._generator)
        keep = self._config.correlation
        rows = [fresh[:, 0]]
        for i in range(1, t):
            rows.append(keep * rows[-1] + (1.0 - keep**2) ** 0.5 * fresh[:, i])
        return torch.stack(rows, dim=1)

    def _cost(self, search: _Search, chunks: Float[Tensor, "n t a"]) -> tuple[Tensor, Tensor, Int[Tensor, " n"]]:
        """What is imagined, what it costs, and which of the ways each chunk belongs to."""
        imagined, costs = self._imagine(search, chunks)
        strayed, ways = self._config.objective.strayed(chunks, search.ways, search.spread, search.weight).min(-1)
        return imagined, self._config.objective.finite(costs + strayed), ways

    def _imagine(self, search: _Search, chunks: Float[Tensor, "n t a"]) -> tuple[Tensor, Float[Tensor, " n"]]:
        """What is imagined, and what it costs but for where it strays to."""
        rollout, objective = self._model.predict(search.z.expand(len(chunks), -1), chunks), self._config.objective
        costs = objective.cost(self._model, rollout, chunks, search.goal, self._high - self._low)
        return rollout.z, objective.finite(costs)

    def _refit(self, search: _Search, chunks: Tensor, costs: Tensor, ways: Tensor) -> tuple[Tensor, Tensor]:
        """Weighted mean and deviation of the best candidates of the best one's way: the mean of two ways is none."""
        costs = costs.masked_fill(ways != ways[costs.argmin()], torch.inf)
        count = max(4, int(self._config.elites * len(chunks)))
        best = costs.topk(count, largest=False)
        if not torch.isfinite(best.values[0]):
            return search.prior, self._floor.expand_as(search.prior)
        weight = (-(best.values - best.values[0]) / self._config.temperature).exp()
        weight = (weight / weight.sum())[:, None, None]
        elites = chunks[best.indices]
        mean = (weight * elites).sum(0)
        deviation = (weight * (elites - mean).square()).sum(0).sqrt()
        return mean, torch.maximum(deviation, self._floor)

    def _choose(self, search: _Search, mean: Tensor, imagined: Tensor, costs: Tensor, done: int, left: float) -> Plan:
        """The search's mean, where it is imagined to beat the action head's own chunk; that one otherwise.

        Where no candidate beat that by the margin, their mean is not even imagined: that takes as long as a third of
        all candidates together.
        """
        prior_cost, way, source = costs[0], imagined[0], "prior"  # the first candidate is the action head's own
        chunk, cost = search.prior.clamp(self._low, self._high), prior_cost
        if costs.min() < prior_cost - self._config.margin:
            between = mean[None].clamp(self._low, self._high)
            of_mean, cost_of_mean, _ = self._cost(search, between)
            if cost_of_mean[0] < prior_cost - self._config.margin:
                chunk, cost, way, source = between[0], cost_of_mean[0], of_mean[0], "search"
        finite = costs[torch.isfinite(costs)]
        choice = float(finite.std()) if len(finite) > 1 else float("nan")
        return Plan(chunk, float(cost), float(prior_cost), source, done, way, choice, costs, left)
