"""Which candidates become variables, and which are left out because they would tell the reward."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from eureka.env import Array
from eureka.types import Dropped, VariableSpec
from eureka_gymnasium.candidates import Candidate, name_of, unique_name
from eureka_gymnasium.twins import Twins
from eureka_gymnasium.words import speaks_of_reward


class Selection:
    """Takes candidates one by one, the most telling first.

    reason: why a source must be no variable, else None. hide: names that are none either. variables, dropped, state: see `Derived`.
    """

    def __init__(self, reason: Callable[[str], str | None], hide: Sequence[str]) -> None:
        self.variables: dict[str, VariableSpec] = {}
        self.dropped: list[Dropped] = []
        self.state: set[str] = set()
        self._reason, self._hide = reason, frozenset(hide)
        self._named, self._observed = Twins(), Twins()

    def add(self, candidate: Candidate, value: Array) -> None:
        """A part of the observation or of a MuJoCo model, or the action: a variable unless it tells the reward. value: (S,) or (S, d)."""
        name = unique_name(candidate, self.variables)
        if self._refused(candidate, name):
            return
        self._take(candidate, name)
        # An entry of a whole observation or memory says nothing by itself, so an attribute that equals it still does.
        nameless = candidate.source in ("obs", "env.ram") and value.ndim > 1
        (self._observed if nameless else self._named).add(name, value)

    def add_new(self, candidate: Candidate, value: Array | None, changes: bool) -> None:
        """An attribute or an `info` entry: a variable where it changes and always differs from those before it.

        value: None where it could not be read in every state. changes: it does, or what is like it does.
        """
        name = unique_name(candidate, self.variables)
        is_number = value is not None and changes
        if (is_number or speaks_of_reward(candidate.name)) and self._refused(candidate, name):
            return
        if value is None or not is_number:
            return
        named, observed = self._named.of(value), self._observed.of(value)
        if all(named):
            return
        same = [by_name or entry for by_name, entry in zip(named, observed, strict=True)]
        notes = [f"the same as {twin}" if value.ndim == 1 else f"[{i}] is {twin}" for i, twin in enumerate(same) if twin]
        meaning = f"{candidate.meaning} ({', '.join(notes)})" if notes else candidate.meaning
        self._take(Candidate(name, candidate.source, meaning, candidate.unit, candidate.state or all(observed)), name)
        self._named.add(name, value)

    def _refused(self, candidate: Candidate, name: str) -> bool:
        reason = self._reason(candidate.source)
        if reason is None and name in self._hide:
            reason = "sim.hide names it"
        if reason is None and speaks_of_reward(candidate.name):
            reason = "its name speaks of reward"
        if reason is not None:
            path = candidate.name if candidate.source.startswith("obs") else name_of(candidate.source)
            self.dropped.append(Dropped(name=path, source=candidate.source, reason=reason))
        return reason is not None

    def _take(self, candidate: Candidate, name: str) -> None:
        self.variables[name] = VariableSpec(source=candidate.source, meaning=candidate.meaning, unit=candidate.unit)
        if candidate.state:
            self.state.add(name)
