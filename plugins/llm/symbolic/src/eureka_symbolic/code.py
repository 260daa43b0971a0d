"""A program as Python a person can read, and back: the last line of the code holds the program in short."""

from __future__ import annotations

import json
import keyword
import re
from math import isfinite
from typing import Any, get_args

from eureka_symbolic import signal_keys
from eureka_symbolic.grammar import KAPPA, Feature, Kind, Program, Shape, Term, rounded

_MARK = "# program: "
_FEATURES = {"state": (1, 2), "diff": (1, 2), "push": (1, 1), "gate": (1, 3), "effort": (0, 0), "terminated": (0, 0), "alive": (0, 0)}
_ADJECTIVES = {"lin": ("high", "low"), "tanh": ("above", "below"), "gauss": ("near", "off"), "lap": ("near", "off")}
_SENTENCES = {
    "lin": ("the higher {v}, the better", "the lower {v}, the better"),
    "abs": ("the further {v} is from {c}, the better", "the closer {v} is to {c}, the better"),
    "gauss": ("best where {v} is {c}, fading over {w}", "worst where {v} is {c}, fading over {w}"),
    "lap": ("best where {v} is {c}, fading over {w}", "worst where {v} is {c}, fading over {w}"),
    "tanh": ("good while {v} is above {c}, levelling off over {w}", "good while {v} is below {c}, levelling off over {w}"),
}


def render(program: Program, torch: bool = False) -> str:
    """The program as `compute_reward`, taking only the variables it uses."""
    xp = "torch" if torch else "np"
    names = component_names(program)
    lines = []
    for name, term in zip(names, program.terms, strict=True):
        comment = _words(term)
        lines += [f"    # {comment[0].upper()}{comment[1:]}.", f"    {name} = {_expression(program, term, xp)}"]
    components = "".join(f'        "{name}": {name},\n' for name in names)
    return (
        f"import {'torch' if torch else 'numpy as np'}\n\n\n"
        f"def compute_reward({', '.join(_arguments(program))}):\n"
        + "\n".join(lines)
        + f"\n    total = {' + '.join(names)}\n    return total, {{\n{components}    }}\n\n\n{_MARK}{_dump(program)}\n"
    )


def answer(explanation: str, code: str) -> str:
    """The text a model would answer with."""
    return f"{explanation}\n\n```python\n{code.rstrip()}\n```\n"


def parse(code: str) -> Program | None:
    """The program its last line names; None for code that something else wrote."""
    line = next((line for line in reversed(code.splitlines()) if line.startswith(_MARK)), None)
    if line is None or len(line) > 10_000:
        return None
    try:
        terms = [_load(raw) for raw in json.loads(line[len(_MARK) :])]
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
        return None
    program = Program.of(terms)
    return program if program.terms else None


def body(code: str) -> str:
    """The code without the line that names its program: equal for programs that differ only in what cancels out."""
    return code.rpartition(_MARK)[0] or code


def component_names(program: Program) -> list[str]:
    """One identifier per term, none twice and none that hides an argument."""
    taken = {*_arguments(program), "np", "torch", "total", "compute_reward"}
    names: list[str] = []
    for term in program.terms:
        stem = name = _name(term)
        number = 2
        while name in taken or keyword.iskeyword(name):
            name, number = f"{stem}_{number}", number + 1
        taken.add(name)
        names.append(name)
    return names


def _arguments(program: Program) -> list[str]:
    """The variables it uses, each followed by its value before the step where a difference needs that."""
    used: dict[str, None] = {}
    for term in program.terms:
        for feature in term.features:
            variable = signal_keys.variable(feature.signal)
            used[variable] = None
            if term.kind == "diff":
                used[f"prev_{variable}"] = None
    kinds = {term.kind for term in program.terms}
    if kinds & {"push", "effort"}:
        used["action"] = None
    if kinds & {"terminated", "gate"}:
        used["terminated"] = None
    return list(used)


def _name(term: Term) -> str:
    if term.kind == "alive":
        return "alive"
    if term.kind == "effort":
        return "effort" if term.weight < 0 else "activity"
    if term.kind == "terminated":
        return "ending_cost" if term.weight < 0 else "ending_bonus"
    if term.kind == "push":
        return f"push_{term.action}_{'along' if term.weight > 0 else 'against'}_{_plain(term.features[0].signal)}"
    verb = {"state": "keep", "diff": "progress", "gate": "end"}[term.kind]
    if len(term.features) == 1:
        return f"{verb}_{_adjective(term.features[0], term.weight > 0)}_{_plain(term.features[0].signal)}"
    product = "_and_".join(f"{_adjective(f, True)}_{_plain(f.signal)}" for f in term.features)
    return f"{verb}_{'' if term.weight > 0 else 'not_'}{product}"


def _adjective(feature: Feature, good: bool) -> str:
    if feature.shape == "abs":
        return ("abs" if good else "small") if feature.c == 0 else "far" if good else "close"
    return _ADJECTIVES[feature.shape][not good]


def _plain(signal: str) -> str:
    return re.sub(r"\W+", "_", signal).strip("_")


def _words(term: Term) -> str:
    """What a term rewards, as half a sentence."""
    good = term.weight > 0
    if term.kind == "alive":
        return "the same for every step"
    if term.kind == "effort":
        return "large actions " + ("pay" if good else "cost")
    if term.kind == "terminated":
        return "the end of an episode by termination " + ("pays" if good else "costs")
    if term.kind == "push":
        return f"action {term.action} {'along' if good else 'against'} the sign of {term.features[0].signal}"
    if len(term.features) == 1 and term.kind != "gate":
        f = term.features[0]
        said = _SENTENCES[f.shape][not good].format(v=f.signal, c=f.c, w=f.w)
        return said if term.kind == "state" else f"change since the step before: {said}"
    parts = " times ".join(f"({_SENTENCES[f.shape][0].format(v=f.signal, c=f.c, w=f.w)})" for f in term.features)
    verdict = "rewarded" if good else "punished"
    if term.kind == "gate":
        return f"when the episode terminates, {verdict}: {parts}"
    return f"{'change since the step before, ' if term.kind == 'diff' else ''}{verdict}: {parts}"


def _expression(program: Program, term: Term, xp: str) -> str:
    weight = term.weight
    if term.kind == "effort":
        return f"{weight} * ((action / {term.limit}) ** 2).mean(1)"
    if term.kind == "terminated":
        return f"{weight} * terminated"
    if term.kind == "alive":
        first = program.signals[0] if program.signals else "terminated"
        return f"{weight} * {xp}.ones_like({_entry(first, xp)})"
    if term.kind == "push":
        return f"{weight} * action[:, {term.action}] / {term.limit} * {_value(term.features[0], xp)}"
    if term.kind == "gate":
        return f"{weight} * terminated * {_product(term.features, xp)}"
    if term.kind == "state":
        return f"{weight} * {_product(term.features, xp)}"
    factor = rounded(weight * KAPPA)
    if len(term.features) == 1 and term.features[0].shape == "lin":
        f = term.features[0]
        return f"{factor} * ({_entry(f.signal, xp)} - {_entry(f.signal, xp, 'prev_')}) / {f.w}"
    return f"{factor} * ({_product(term.features, xp)} - {_product(term.features, xp, 'prev_')})"


def _product(features: tuple[Feature, ...], xp: str, prefix: str = "") -> str:
    return " * ".join(_value(f, xp, prefix) for f in features)


def _value(feature: Feature, xp: str, prefix: str = "") -> str:
    v, c, w = _entry(feature.signal, xp, prefix), feature.c, feature.w
    apart = v if c == 0 else f"{v} - {c}" if c > 0 else f"{v} + {-c}"
    ratio = f"{v} / {w}" if c == 0 else f"({apart}) / {w}"
    if feature.shape == "lin":
        return ratio
    if feature.shape == "abs":
        return f"{xp}.abs({apart}) / {w}"
    if feature.shape == "gauss":
        return f"{xp}.exp(-(({ratio}) ** 2))"
    if feature.shape == "lap":
        return f"{xp}.exp(-{xp}.abs({apart}) / {w})"
    return f"{xp}.tanh({ratio})"


def _entry(signal: str, xp: str, prefix: str = "") -> str:
    if signal_keys.is_length(signal):
        return f"{xp}.linalg.norm({prefix}{signal_keys.variable(signal)}, {'dim' if xp == 'torch' else 'axis'}=1)"
    return prefix + signal.replace("[", "[:, ")


def _dump(program: Program) -> str:
    raw = [[t.kind, t.weight, [[f.shape, f.signal, f.c, f.w] for f in t.features], t.action, t.limit] for t in program.terms]
    return json.dumps(raw, separators=(",", ":"))


def _load(raw: Any) -> Term:
    """A term of `_dump`'s. ValueError where it is not one: the line may have been edited, or invented by a model."""
    kind, weight, features, action, limit = raw
    if kind not in get_args(Kind):
        raise ValueError(kind)
    least, most = _FEATURES[kind]
    if not least <= len(features) <= most or not isinstance(action, int):
        raise ValueError(raw)
    return Term(kind, _finite(weight), tuple(_load_feature(*f) for f in features), action, _positive(limit))


def _load_feature(shape: Any, signal: Any, c: Any, w: Any) -> Feature:
    if shape not in get_args(Shape) or not isinstance(signal, str):
        raise ValueError(shape)
    return Feature(shape, signal, _finite(c), _positive(w))


def _finite(value: Any) -> float:
    if not isfinite(value):
        raise ValueError(value)
    return float(value)


def _positive(value: Any) -> float:
    if not _finite(value) > 0:
        raise ValueError(value)
    return float(value)
