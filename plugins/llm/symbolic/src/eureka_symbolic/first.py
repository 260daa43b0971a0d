"""Programs for when nothing is known: regulators, probes and what the hints say."""

from __future__ import annotations

from eureka_symbolic.draw import Rng, draw_signal, gate, hint_term, state_or_diff
from eureka_symbolic.grammar import KAPPA, MAX_TERMS, Feature, Program, Term
from eureka_symbolic.space import Signal, Space


def regulator(rng: Rng, space: Space) -> Program:
    """Hold all variables (or some) at 0 and flags at 1, all by their value or all by its change; make ending costly."""
    chosen = list(space.signals)
    if rng.random() >= 0.6 or len(chosen) > MAX_TERMS:
        most = min(MAX_TERMS, len(chosen))
        count = most if len(chosen) > MAX_TERMS and rng.random() < 0.6 else int(rng.integers(1, most + 1))
        chosen = [chosen[i] for i in sorted(rng.choice(len(chosen), count, replace=False))]
    diff = rng.random() < 0.5
    terms = []
    for signal in chosen:
        feature = Feature.of("lin" if signal.binary else "abs", signal.key, 0.0 if signal.binary else signal.zero, signal.h)
        terms.append(state_or_diff(rng, space, 1.0 if signal.binary else -1.0, (feature,), diff=float(diff)))
    return _with_ending(rng, space, terms, tuple(chosen), diff)


def probe(rng: Rng, space: Space) -> Program:
    """One variable, one direction: what does a policy do that wants only this?"""
    signal = draw_signal(rng, space)
    feature = (
        Feature.of("lin", signal.key, signal.mid, signal.h) if rng.random() < 0.5 else Feature.of("abs", signal.key, signal.zero, signal.h)
    )
    return Program.of([state_or_diff(rng, space, float(rng.choice([-1.0, 1.0])), (feature,))])


def hint_program(rng: Rng, space: Space) -> Program:
    """Two to six hinted variables (fewer where the task hints at fewer), all by their value or all by its change."""
    most = min(MAX_TERMS, len(space.hinted))
    count = int(rng.integers(min(2, most), most + 1))
    chosen = tuple(space.hinted[i] for i in sorted(rng.choice(len(space.hinted), count, replace=False)))
    diff = rng.random() < 0.5
    return _with_ending(rng, space, [hint_term(rng, space, s, float(diff)) for s in chosen], chosen, diff)


def _with_ending(rng: Rng, space: Space, terms: list[Term], chosen: tuple[Signal, ...], diff: bool) -> Program:
    """Price the end, mostly: negative sums invite suicide. Where it is priced, an end in a good state mostly pays back."""
    ending: list[Term] = []
    if space.ends and rng.random() < 0.75:
        price = float(rng.choice([0.3, 1.0, 3.0])) * KAPPA if diff else float(rng.choice([10.0, 30.0, 100.0]))
        ending.append(Term("terminated", -price))
        if rng.random() < 0.6:
            ending.append(gate(rng, chosen, 2 * price))
    return Program.of(terms[: MAX_TERMS - len(ending)] + ending)
