"""The slots of an iteration: how many samples each way of designing gets, and the drafts that come of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np

from eureka.generator_types import Draft
from eureka.history import GenerateRequest
from eureka_symbolic.code import answer, body, render
from eureka_symbolic.data import load_episodes
from eureka_symbolic.draw import Rng, draw_program, draw_term
from eureka_symbolic.evolve import Proposal, cross, evolve, mutate
from eureka_symbolic.first import hint_program, probe, regulator
from eureka_symbolic.grammar import Program, Term
from eureka_symbolic.population import best_quarter, progress, rank
from eureka_symbolic.regress import Regression
from eureka_symbolic.space import make_space
from eureka_symbolic.surrogate import RecordHolders

_TRIES = 20
"""Draws of a slot before a random program takes it: a program that was there before, or tells nothing apart, is drawn again."""


def drafts(request: GenerateRequest, strategy: Literal["hybrid", "random"], replicates: bool, hints: bool) -> Iterator[Draft]:
    """All samples of the iteration, in order. Each has a generator of its own, so nothing depends on which are missing."""
    designer = _Designer(request, hints)
    slots = _slots(request, designer, strategy, replicates)
    again = iter(designer.groups)
    for sample, slot in enumerate(slots):
        if slot == "again":
            group = next(again)
            text = answer(f"{group.id} again, unchanged: is it as good on another training seed?", group.code)
            yield Draft(sample=sample, text=text, parents=(group.id,), replicate_of=group.id)
        else:
            proposal, code = designer.design(np.random.default_rng([request.seed, sample]), slot)
            text = answer(proposal.words, code)
            yield Draft(sample=sample, text=text, parents=proposal.parents)


def _slots(request: GenerateRequest, designer: _Designer, strategy: str, replicates: bool) -> list[str]:
    """One way of designing per sample. Shares are those measured with 16 samples."""
    count = request.samples
    rng = np.random.default_rng([request.seed, count])  # no sample has this number
    hinted = bool(designer.space.hinted)
    if not designer.trained:
        if strategy == "random":
            return ["random"] * count
        shares = {"regulator": 5, "hint": 8, "random": 3} if hinted else {"regulator": 5, "probe": 4, "random": 7}
        return _apportion(rng, shares, count)
    again = 0
    if replicates and count >= 4 and designer.progress:
        share = 6 if request.iteration == request.iterations - 1 else 4
        again = min(round(share * count / 16), len(designer.groups))
    rest = count - again
    if strategy == "random":
        return ["again"] * again + ["random"] * rest
    if not designer.progress:
        ways = {"holder": 6, "regulator": 2, "hint": 2, "random": 2} if hinted else {"holder": 6, "regulator": 4, "random": 2}
    elif designer.fold in ("sum", "mean"):
        ways = {"reg": 3, "meanreg": 2, "val": 1, "random": 2, "evolve": 4}
    else:
        ways = {"reg": 3, "val": 3, "random": 2, "evolve": 4}
    return ["again"] * again + _apportion(rng, ways, rest)


def _apportion(rng: Rng, shares: dict[str, int], count: int) -> list[str]:
    """Whole slots by share; what is left over goes by lot, in proportion to what each way was short of."""
    names, exact = list(shares), np.array(list(shares.values())) * count / sum(shares.values())
    slots = np.floor(exact + 1e-9).astype(int)
    for _ in range(count - int(slots.sum())):
        short = np.maximum(exact - slots, 0.0) + 1e-12
        slots[int(rng.choice(len(names), p=short / short.sum()))] += 1
    return [name for name, n in zip(names, slots, strict=True) for _ in range(n)]


class _Designer:
    """What is known before an iteration, and one program per call."""

    def __init__(self, request: GenerateRequest, hints: bool) -> None:
        history = request.history
        episodes = load_episodes(history)
        self.fold = history.task.fitness.fold
        self.space = make_space(history.context, episodes, hints)
        self.groups = rank(history, self.space)
        self.trained = bool(self.groups)
        self.progress = progress(history, episodes)
        self.parents = best_quarter(self.groups)
        self.regression = Regression(self.space, episodes) if len(episodes) else None
        self.holders = RecordHolders(self.space, episodes, self.groups)
        self.taken = {body(g.code) for g in self.groups}

    def design(self, rng: Rng, slot: str) -> tuple[Proposal, str]:
        """A program that differs from all earlier ones, and its code."""
        proposal, code = None, ""
        for attempt in range(2 * _TRIES):
            proposal = self._propose(rng, slot if attempt < _TRIES else "random")
            code = render(proposal.program, self.space.torch) if self.space.varies(proposal.program) else ""
            if code and body(code) not in self.taken:
                break
        assert proposal is not None
        self.taken.add(body(code))
        return proposal, code

    def _propose(self, rng: Rng, slot: str) -> Proposal:
        if slot == "regulator":
            return Proposal(regulator(rng, self.space), "A regulator: hold the state where it should rest.")
        if slot == "probe":
            return Proposal(probe(rng, self.space), "A probe: what does a policy do that wants only this?")
        if slot == "hint":
            return Proposal(hint_program(rng, self.space), "What the task's hints ask for.")
        if slot == "evolve" and self.parents:
            return evolve(rng, self.space, self.parents)
        if slot == "holder":
            return self._from_holder(rng)
        if slot in ("reg", "val", "meanreg") and self.regression is not None:
            return self._regressed(rng, slot, self.regression)
        return Proposal(draw_program(rng, self.space), "A random program.")

    def _from_holder(self, rng: Rng) -> Proposal:
        parent = self.holders.draw(rng)
        if parent is None:
            return Proposal(draw_program(rng, self.space), "A random program.")
        assert parent.program is not None
        if rng.random() < 0.35:
            other = self.holders.draw(rng)
            return cross(rng, parent.program.terms, [other or parent], f"the terms of {parent.id}, which went furthest,", (parent.id,))
        return mutate(rng, self.space, parent)

    def _regressed(self, rng: Rng, slot: str, regression: Regression) -> Proposal:
        """Terms of a regression; 40 % get a random one more, about a third are crossed with a parent."""
        terms: list[Term]
        if slot == "reg":
            terms, words = regression.episodic(rng), "the statistics of episodes that go with fitness"
        elif slot == "val":
            terms, words = regression.value(rng), "an estimate of how good a state is"
        else:
            terms, words = regression.mean(rng, total=self.fold == "sum"), "the features that make up fitness"
        if not terms:
            return Proposal(draw_program(rng, self.space), "A random program: regression found nothing.")
        if rng.random() < 0.4:
            terms.append(draw_term(rng, self.space))
        if self.parents and rng.random() < (0.35 if slot == "reg" else 0.3):
            return cross(rng, Program.of(terms).terms, self.parents, words)
        return Proposal(Program.of(terms), f"From {words} in earlier evaluations.")
