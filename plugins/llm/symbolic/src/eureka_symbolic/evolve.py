"""New programs from good ones: mutation and crossover."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from eureka_symbolic.draw import Rng, choice, draw_feature, draw_program, draw_term
from eureka_symbolic.grammar import MAX_TERMS, Feature, Program, Shape, Term
from eureka_symbolic.population import Group, tournament
from eureka_symbolic.space import Signal, Space

_BOUNDED = ("gauss", "lap", "tanh")
_MUTATIONS = {"weight": 0.3, "add": 0.15, "drop": 0.13, "flip": 0.08, "change": 0.12, "feature": 0.15, "replace": 0.07}
_DEAD, _LOUD = 0.02, 0.9


@dataclass(frozen=True, slots=True)
class Proposal:
    """A program, what to say of it, and the candidates it derives from."""

    program: Program
    words: str
    parents: tuple[str, ...] = ()


def evolve(rng: Rng, space: Space, parents: list[Group]) -> Proposal:
    """15 % fresh, 30 % crossover of two parents, 55 % mutation of one."""
    how = choice(rng, {"fresh": 0.15, "cross": 0.3, "mutate": 0.55})
    if how == "fresh":
        return Proposal(draw_program(rng, space), "A random program, to keep the population varied.")
    parent = tournament(rng, parents)
    assert parent.program is not None
    if how == "cross":
        return cross(rng, parent.program.terms, parents, f"the terms of {parent.id}", (parent.id,))
    return mutate(rng, space, parent)


def cross(rng: Rng, terms: tuple[Term, ...], parents: list[Group], words: str, ids: tuple[str, ...] = ()) -> Proposal:
    """A random part of `terms` and of a parent's, at least one of them, at most six."""
    other = tournament(rng, parents)
    assert other.program is not None
    pool = [*terms, *(t for t in other.program.terms if t not in terms)]
    kept = [t for t in pool if rng.random() < 0.5] or [pool[int(rng.integers(len(pool)))]]
    if len(kept) > MAX_TERMS:
        kept = [kept[i] for i in sorted(rng.choice(len(kept), MAX_TERMS, replace=False))]
    return Proposal(Program.of(kept), f"A mix of {words} with those of {other.id}.", tuple(dict.fromkeys((*ids, other.id))))


def mutate(rng: Rng, space: Space, parent: Group) -> Proposal:
    """One or two small changes. Terms that say nothing, or drown out the others, are changed more often."""
    assert parent.program is not None
    terms, odd = list(parent.program.terms), list(_odd(parent))
    done = []
    for _ in range(int(rng.integers(1, 3))):
        how = choice(rng, _MUTATIONS)
        strange = np.array([4.0 if o else 1.0 for o in odd])
        i = int(rng.choice(len(terms), p=strange / strange.sum()))
        if how == "drop" and len(terms) > 1:
            del terms[i], odd[i]
        elif how == "add" and len(terms) < MAX_TERMS:
            terms.append(draw_term(rng, space))
            odd.append(0)
        elif how == "replace":
            terms[i], odd[i] = draw_term(rng, space), 0
        elif how == "flip":
            terms[i] = terms[i].scaled(-1.0)
        elif how == "change":
            terms[i] = _state_to_diff(space, terms[i])
        elif how == "feature":
            terms[i] = _reshape(rng, space, terms[i])
        else:
            factor = float(np.exp(rng.normal(0.0, 0.9)))
            terms[i] = terms[i].scaled(max(factor, 1 / factor) if odd[i] < 0 else min(factor, 1 / factor) if odd[i] > 0 else factor)
            how = "weight"
        done.append(how)
    return Proposal(Program.of(terms), f"A variation of {parent.id} ({', '.join(done)}).", (parent.id,))


def _odd(parent: Group) -> tuple[int, ...]:
    """Per term −1 where it is dead beside the others, 1 where it drowns them out, else 0.

    Only of terms that are paid at every step: a difference sums to little over an episode, and an end comes once.
    """
    assert parent.program is not None
    terms, total = parent.program.terms, sum(parent.loudness)
    if len(terms) < 2 or total <= 0:
        return (0,) * len(terms)
    shares = [loud / total for loud in parent.loudness]
    steady = [t.kind in ("state", "push", "effort") for t in terms]
    return tuple(0 if not s else -1 if x < _DEAD else 1 if x > _LOUD else 0 for s, x in zip(steady, shares, strict=True))


def _state_to_diff(space: Space, term: Term) -> Term:
    if term.kind == "diff":
        return replace(term, kind="state")
    if term.kind == "state" and all(space.known[f.signal] for f in term.features):
        return replace(term, kind="diff")
    return term


def _reshape(rng: Rng, space: Space, term: Term) -> Term:
    """Move, scale or change the shape of one feature, within what its signal's range can bear."""
    known = [i for i, f in enumerate(term.features) if space.signal(f.signal)]
    if not known:
        return term
    i = known[int(rng.integers(len(known)))]
    feature = term.features[i]
    signal = space.signal(feature.signal)
    assert signal is not None
    return replace(term, features=(*term.features[:i], _moved(rng, signal, feature, term.kind == "gate"), *term.features[i + 1 :]))


def _moved(rng: Rng, signal: Signal, f: Feature, bounded: bool) -> Feature:
    how = rng.integers(3)
    if how == 0:
        return Feature.of(f.shape, f.signal, f.c + float(rng.normal(0.0, 0.3)) * signal.h, f.w)
    if how == 1:
        least = 0.02 if f.shape in _BOUNDED else 0.1
        w = float(np.clip(f.w * np.exp(rng.normal(0.0, 0.6)), least * signal.h, 10 * signal.h))
        return Feature.of(f.shape, f.signal, f.c, w)
    shapes: tuple[Shape, ...] = ("gauss", "lap") if bounded else ("lin", "abs", "gauss", "lap", "tanh")
    return draw_feature(rng, signal, shapes[int(rng.integers(len(shapes)))])
