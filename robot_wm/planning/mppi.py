"""Model-predictive path integral search over action chunks in a world model's latent space.

Candidates come from the model's own action head, a mixture of modes, and from the planner's distribution, fused as a
product of Gaussians (precision-weighted, as in PRISM, arXiv 2606.07974); elites of one mode are averaged with MPPI
weights (Williams et al. 2017), in the configured number of iterations. For a model without an action head, a wide
Gaussian around holding still replaces it. Without progress towards the goal, a recovery motion is made
(`robot_wm.planning.recovery`). All randomness comes from a seeded CPU generator, independent of the model's device.
Knows no family of models and no tasks.
"""

import time
from dataclasses import dataclass, field, replace
from math import nan

import torch
from jaxtyping import Float, Int
from torch import Tensor

from robot_wm.errors import ConfigError, RefusedError
from robot_wm.planning.objective import Objective
from robot_wm.planning.plan import Plan, Searcher
from robot_wm.planning.recovery import Recovery, RecoveryConfig
from robot_wm.world_model.protocol import Proposals, Proposes, Scores, State, WorldModel

_UNGUIDED = 0.5  # spread around holding still for models without an action head, in half ranges of the action


@dataclass(frozen=True)
class PlannerConfig:
    """Settings of the search; the README's figures were measured with the defaults."""

    samples: tuple[int, ...] = (64,)  # candidates per iteration
    elites: float = 0.15  # share of candidates that are kept
    temperature: float = 0.5  # cost difference, in ticks, by which a candidate's weight falls by a factor of e
    prior_share: float = 0.5  # of the first iteration's candidates, drawn from the action head alone
    min_spread: tuple[float, ...] = (
        0.0015,
        0.0015,
        0.0015,
        0.02,
        0.01,
    )  # smallest standard deviation, per action component
    shifted_spread: float = 3.0  # standard deviation of the shifted last plan, in units of `min_spread`
    correlation: float = 0.8  # of the noise in consecutive ticks
    margin: float = 1.0  # cost, in ticks, by which a plan must beat the action head's own chunk
    deadline_ms: float = 60.0  # no further iteration starts after this
    objective: Objective = field(default_factory=Objective)
    recovery: RecoveryConfig = field(default_factory=RecoveryConfig)

    def __post_init__(self) -> None:
        if not self.samples or min(self.samples) < 4:
            raise ConfigError(f"planner samples must be 4 or more per iteration, received {self.samples}")
        if not 0.0 < self.elites <= 1.0 or not 0.0 <= self.correlation < 1.0 or self.temperature <= 0.0:
            raise ConfigError("planner elites must be in (0, 1], correlation in [0, 1), temperature above 0")


@dataclass(frozen=True)
class _Search:
    """One search: start state, goal, and proposed modes, most probable first."""

    state: State
    goal: Float[Tensor, " g"]
    modes: Float[Tensor, "k t a"]
    scales: Float[Tensor, "k t a"]
    weights: Float[Tensor, " k"]

    @property
    def prior(self) -> Float[Tensor, "t a"]:
        """The most probable mode, which needs no search."""
        return self.modes[0]


class MPPI(Searcher):
    """One search per tick, warm-started with the last plan."""

    def __init__(self, model: WorldModel, config: PlannerConfig, seed: int = 0) -> None:
        """Search with a model over its own action space.

        Raises:
            RefusedError: The model does not score goals.
            ConfigError: The configuration is for another number of action components.
        """
        if not isinstance(model, Scores):
            raise RefusedError(f"{type(model).__name__} cannot score goals, so it cannot evaluate plans")
        self._model, self._scores, self._config, self._seed = model, model, config, seed
        self._proposes = model if isinstance(model, Proposes) else None
        objective = config.objective
        self._objective = objective if self._proposes else replace(objective, prior_deviation=0.0, mode_log_odds=0.0)
        self._low, self._high = (
            torch.tensor(each, dtype=torch.float32) for each in (model.actions.low, model.actions.high)
        )
        self._min_spread = torch.tensor(config.min_spread, dtype=torch.float32)
        self._recovery_spread = torch.tensor(config.recovery.spread)
        _require_sizes(config, model.actions.names)
        self.reset()

    def reset(self) -> None:
        self._last: Tensor | None = None
        self._recovery = Recovery(self._config.recovery)
        self._generator = torch.Generator().manual_seed(self._seed)

    @torch.inference_mode()
    def plan(
        self, state: State, goal: Float[Tensor, " g"], hold: Float[Tensor, " a"], iterations: int | None = None
    ) -> Plan:
        """Search for a plan from `state` to `goal`; the first candidates are the modes proposed by the model."""
        started_s = time.perf_counter()
        self._move_to(state.latent.device)
        steps_left = float(self._scores.score(state.latent, goal)[0])
        search = self._search(state, goal, hold)
        if self._recovery.due(steps_left):
            self._recovery.begin(self._way_out(search))
        if self._recovery.under_way:
            return self._recover(search, steps_left)
        mean, deviation = self._fused(search)
        latents = costs = torch.tensor([])
        done = 0
        for iteration, count in enumerate(self._config.samples[: iterations or None]):
            chunks = self._candidates(search, mean, deviation, count, iteration)
            latents, costs, modes = self._cost(search, chunks)
            mean, deviation = self._refit(search, chunks, costs, modes)
            done = iteration + 1
            if iterations is None and 1e3 * (time.perf_counter() - started_s) > self._config.deadline_ms:
                break
        plan = self._choose(search, mean, latents, costs, done, steps_left)
        self._last = plan.actions
        return plan

    def _move_to(self, device: torch.device) -> None:
        self._low, self._high = self._low.to(device), self._high.to(device)
        self._min_spread, self._recovery_spread = self._min_spread.to(device), self._recovery_spread.to(device)

    def _way_out(self, search: _Search) -> Float[Tensor, "t a"]:
        """Draw a chunk that leads away: one of the cheaper chunks among the half that leads furthest.

        Not always the cheapest one, since an obstacle that the model does not imagine could block it repeatedly.
        """
        config = self._config.recovery
        modes = torch.randint(len(search.modes), (config.samples,), generator=self._generator)
        noise = self._noise(config.samples, *search.prior.shape)
        chunks = search.modes[modes] + self._recovery_spread * 0.5 * (self._high - self._low) * noise
        chunks = chunks.clamp(self._low, self._high)
        latents, costs = self._imagine(search, chunks)
        away = (latents[:, -1] - search.state.latent).norm(dim=-1).topk(config.samples // 2).indices
        better = away[costs[away].argsort()][: config.samples // 4]
        return chunks[better[torch.randint(len(better), (1,), generator=self._generator)[0]]]

    def _recover(self, search: _Search, steps_left: float) -> Plan:
        """Continue the recovery motion by one tick; the search afterwards starts without a warm start."""
        self._last = None
        chunk = self._recovery.advance()
        latents, costs = self._imagine(search, chunk[None])
        return Plan(chunk, float(costs[0]), nan, "recovery", 0, latents[0], nan, costs, steps_left)

    def _search(self, state: State, goal: Tensor, hold: Tensor) -> _Search:
        proposals = self._proposes.propose(state.latent, goal) if self._proposes else self._unguided(hold)
        order = proposals.weights[0].argsort(descending=True, stable=True)
        scales = torch.maximum(proposals.scales[0, order], self._min_spread)
        return _Search(state, goal, proposals.chunks[0, order], scales, proposals.weights[0, order])

    def _unguided(self, hold: Float[Tensor, " a"]) -> Proposals:
        """Return one wide mode around holding still."""
        chunk = hold.to(self._low).expand(1, 1, self._model.chunk, -1)
        scale = (_UNGUIDED * 0.5 * (self._high - self._low)).expand_as(chunk)
        return Proposals(chunk, scale, torch.ones(1, 1, device=chunk.device))

    def _fused(self, search: _Search) -> tuple[Tensor, Tensor]:
        """Return mean and deviation of the product of two Gaussians: the shifted last plan and its nearest mode."""
        if self._last is None:
            return search.prior, search.scales[0]
        shifted = torch.cat([self._last[1:], search.prior[-1:]])
        nearest = self._objective.prior_cost(shifted[None], search.modes, search.scales, search.weights)[0].argmin()
        p_prior = search.scales[nearest].square().reciprocal()
        p_plan = (self._config.shifted_spread * self._min_spread).square().reciprocal().expand_as(p_prior)
        both = p_prior + p_plan
        mean = (search.modes[nearest] * p_prior + shifted * p_plan) / both
        return mean, torch.maximum(both.rsqrt(), self._min_spread)

    def _candidates(self, search: _Search, mean: Tensor, deviation: Tensor, count: int, iteration: int) -> Tensor:
        from_prior = int(self._config.prior_share * count) if iteration == 0 else 0
        noise = self._noise(count, *mean.shape)
        weights = search.weights.cpu()
        modes = torch.multinomial(weights, max(1, from_prior), replacement=True, generator=self._generator)
        modes = modes[:from_prior]
        drawn = search.modes[modes] + search.scales[modes] * noise[:from_prior], mean + deviation * noise[from_prior:]
        chunks = torch.cat(drawn)
        own = min(len(search.modes), count - 1)
        chunks[:own], chunks[-1] = search.modes[:own], mean
        return chunks.clamp(self._low, self._high)

    def _noise(self, n: int, t: int, a: int) -> Float[Tensor, "n t a"]:
        """Draw standard normal noise, correlated in time so that candidates differ in direction, not in jitter."""
        fresh = torch.randn(n, t, a, generator=self._generator)
        keep = self._config.correlation
        rows = [fresh[:, 0]]
        for i in range(1, t):
            rows.append(keep * rows[-1] + (1.0 - keep**2) ** 0.5 * fresh[:, i])
        return torch.stack(rows, dim=1).to(self._low.device)

    def _cost(self, search: _Search, chunks: Float[Tensor, "n t a"]) -> tuple[Tensor, Tensor, Int[Tensor, " n"]]:
        """Return imagined latents, costs, and the nearest mode of each chunk."""
        latents, costs = self._imagine(search, chunks)
        prior = self._objective.prior_cost(chunks, search.modes, search.scales, search.weights)
        deviation, modes = prior.min(-1)
        return latents, self._objective.finite(costs + deviation), modes

    def _imagine(self, search: _Search, chunks: Float[Tensor, "n t a"]) -> tuple[Tensor, Float[Tensor, " n"]]:
        """Return imagined latents, and costs without the deviation from the modes."""
        rollout = self._model.imagine(search.state, chunks)
        costs = self._objective.cost(self._scores, rollout, chunks, search.goal, self._high - self._low)
        return rollout.latents, self._objective.finite(costs)

    def _refit(self, search: _Search, chunks: Tensor, costs: Tensor, modes: Tensor) -> tuple[Tensor, Tensor]:
        """Return weighted mean and deviation of the elites of the best mode; an average of modes fits none."""
        costs = costs.masked_fill(modes != modes[costs.argmin()], torch.inf)
        count = max(4, int(self._config.elites * len(chunks)))
        best = costs.topk(count, largest=False)
        if not torch.isfinite(best.values[0]):
            return search.prior, self._min_spread.expand_as(search.prior)
        weight = (-(best.values - best.values[0]) / self._config.temperature).exp()
        weight = (weight / weight.sum())[:, None, None]
        elites = chunks[best.indices]
        mean = (weight * elites).sum(0)
        deviation = (weight * (elites - mean).square()).sum(0).sqrt()
        return mean, torch.maximum(deviation, self._min_spread)

    def _choose(
        self, search: _Search, mean: Tensor, latents: Tensor, costs: Tensor, done: int, steps_left: float
    ) -> Plan:
        """Return the mean of the search if it beats the first candidate by the margin, else the first candidate.

        If no candidate beats it by the margin, the mean is not imagined, which saves a third of an iteration's time.
        """
        prior_cost, imagined = costs[0], latents[0]  # the first candidate is the most probable mode
        source = "prior" if self._proposes else "hold"
        chunk, cost = search.prior.clamp(self._low, self._high), prior_cost
        if costs.min() < prior_cost - self._config.margin:
            between = mean[None].clamp(self._low, self._high)
            latents_of_mean, cost_of_mean, _ = self._cost(search, between)
            if cost_of_mean[0] < prior_cost - self._config.margin:
                chunk, cost, imagined, source = between[0], cost_of_mean[0], latents_of_mean[0], "search"
        finite = costs[torch.isfinite(costs)]
        spread = float(finite.std()) if len(finite) > 1 else nan
        return Plan(chunk, float(cost), float(prior_cost), source, done, imagined, spread, costs, steps_left)


def _require_sizes(config: PlannerConfig, names: tuple[str, ...]) -> None:
    """Raise ConfigError unless the configuration has one value per action component of the model."""
    for key, values in (("min_spread", config.min_spread), ("recovery.spread", config.recovery.spread)):
        if len(values) != len(names):
            raise ConfigError(
                f"planner {key} has {len(values)} values, but the model's actions have {len(names)} components "
                f"({', '.join(names)}); give one value per component in configs/plan/"
            )
