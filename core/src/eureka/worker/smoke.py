"""The smoke check: one candidate's reward on batches that show at once what would spoil a training hours later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from eureka.env import Array
from eureka.errors import RewardFailed
from eureka.seeds import derive_seed
from eureka.types import ArrayLibrary, EnvContext
from eureka.worker.reward_client import RewardLimits, RewardProcess
from eureka.worker.reward_contract import shapes_given
from eureka.worker.synthetic import Change, Synthetic

LIMITS = RewardLimits(total_cpu_s=2.0, total_cpu_s_per_call=0.0, total_cpu_s_per_row=0.0)
LARGEST = 1e8
SLOW_S = 0.5

_SAME = {"numpy": 1e-6, "torch": 1e-4}
"""Values of the same row may differ by this much, of 1 or of the largest of their batch: libraries round differently where they cut
batches differently into blocks, and what is left of a difference of large numbers has their rounding errors. Torch's are of float32."""

_ROWS, _MANY, _TIMED = 64, 257, 1024
_PURE = "expected a function of the arguments alone: nothing kept between calls, nothing random"
_ROW_BY_ROW = "expected each row's reward from that row alone: no mean, sum, sort or difference over the batch"
_TOLD = 6

Outputs = dict[str, Array]
"""Component → its values; `total` is the reward itself."""


class Smoke:
    """What every candidate of a task is tried on, made once. recordings: each of `context.arguments`, (B,) or (B, d)."""

    def __init__(self, context: EnvContext, recordings: Mapping[str, Array]) -> None:
        self._recordings = recordings
        self._library = context.array_library
        self._device = context.reward_device
        rng = np.random.default_rng(derive_seed("design", "smoke"))
        count = len(next(iter(recordings.values())))
        sizes = (_ROWS, _ROWS, _MANY - 2 * _ROWS, _TIMED)
        self._first, self._other, more, self._timed = (np.resize(rng.permutation(count), size) for size in sizes)
        self._many = np.concatenate([self._other, self._first, more])
        self._order = rng.permutation(_ROWS)
        self._synthetic = Synthetic(context, recordings, rng)

    def check(self, process: RewardProcess, arguments: Sequence[str]) -> None:
        """Raise RewardFailed with what a model must know of the first thing that is wrong."""
        trial = _Trial(process, {name: self._recordings[name] for name in arguments}, self._library)
        first, other = trial.recorded(self._first), trial.recorded(self._other)
        self._expect_same(first, trial.recorded(self._first), "when the same batch comes again", _PURE)
        moved = trial.recorded(self._first[self._order])
        self._expect_same({n: v[self._order] for n, v in first.items()}, moved, "when the rows come in another order", _ROW_BY_ROW)
        many = trial.recorded(self._many)
        for expected, start in (other, 0), (first, _ROWS):
            part = {n: v[start : start + _ROWS] for n, v in many.items()}
            self._expect_same(expected, part, f"in a batch of {_MANY} rows", _ROW_BY_ROW)
        one = trial.recorded(self._first[:1])
        self._expect_same({n: v[:1] for n, v in first.items()}, one, "in a batch of one row", _ROW_BY_ROW)
        if self._device is not None and self._library == "torch":
            trial.elsewhere(self._first, self._device)
        far = trial.synthetic(self._synthetic)
        _expect_varied(np.concatenate([many["total"], far["total"]]))
        before = process.cpu_s
        trial.recorded(self._timed)
        _expect_fast(process.cpu_s - before)
        self._expect_same(first, trial.recorded(self._first), "when the same batch comes again later", _PURE)

    def _expect_same(self, expected: Outputs, found: Outputs, when: str, why: str) -> None:
        for name, values in expected.items():
            difference = np.abs(found[name] - values)
            row = int(difference.argmax())
            if difference[row] > _SAME[self._library] * max(1.0, float(np.abs(values).max())):
                raise RewardFailed("impure", f"{_label(name)} of a row is {values[row]:.6g}, but {found[name][row]:.6g} {when}; {why}")


class _Trial:
    """Calls one reward; what it returns is held to what holds for every batch. recordings: its arguments."""

    def __init__(self, process: RewardProcess, recordings: Mapping[str, Array], library: ArrayLibrary) -> None:
        self._process = process
        self._library = library
        self._recordings = recordings
        self._names: set[str] = set()

    def recorded(self, rows: NDArray[np.intp]) -> Outputs:
        return self._call({name: column[rows] for name, column in self._recordings.items()})

    def elsewhere(self, rows: NDArray[np.intp], device: str) -> None:
        try:
            self._process.try_elsewhere({name: column[rows] for name, column in self._recordings.items()})
        except RewardFailed as error:
            hint = f"; in training the arguments are on {device}: make tensors there, as in torch.zeros_like(x) or with device=x.device"
            raise RewardFailed(error.code, error.message.replace("meta", device) + hint, error.line) from None

    def synthetic(self, made: Synthetic) -> Outputs:
        rows = made.rows(tuple(self._recordings))
        return self._call({name: made.arrays[name][rows] for name in self._recordings}, [made.changes[row] for row in rows])

    def _call(self, batch: Mapping[str, Array], changes: Sequence[Change | None] = ()) -> Outputs:
        try:
            total, components = self._process.call(batch)
        except RewardFailed as error:
            hint = self._where(batch, error.row, changes) if error.row is not None else _hint(error, batch, self._library)
            raise RewardFailed(error.code, error.message + hint, error.line) from None
        outputs = {**components, "total": total}
        for name, values in outputs.items():
            row = int(np.abs(values).argmax())
            if abs(values[row]) >= LARGEST:
                where = self._where(batch, row, changes)
                raise RewardFailed("too_large", f"{_label(name)} is {values[row]:.3g}; expected less than {LARGEST:.0e} in size{where}")
        self._names = self._names or set(components)
        if self._names != set(components):
            was, now = (", ".join(sorted(names)) for names in (self._names, components))
            raise RewardFailed("contract", f"components were {was} in one call and {now} in another; expected the same in every call")
        return outputs

    def _where(self, batch: Mapping[str, Array], row: int, changes: Sequence[Change | None]) -> str:
        """The values of the arguments in a row, what was changed first, fit to follow what is wrong with it."""
        change = changes[row] if changes else None
        names = sorted(batch, key=lambda name: change is None or name != change.name)
        values = [f"{name} = {_number(batch[name][row])}" for name in names[:_TOLD]]
        if change is not None:
            column, entry = self._recordings[change.name], change.entry
            if entry is not None and column.ndim == 2:
                values[0] = f"{change.name}[{entry}] = {_number(batch[change.name][row, entry])}"
                column = column[:, entry]
            values[0] += f" (recorded: {column.min():.4g} to {column.max():.4g})"
        return f"; so it is where {', '.join(values)}" + (", …" if len(names) > _TOLD else "")


def _expect_varied(total: Array) -> None:
    if np.ptp(total) <= 1e-9 * np.abs(total).max():
        raise RewardFailed(
            "constant",
            f"total is {total[0]:.6g} in all {len(total)} states, recorded and extreme ones; expected it to tell good states from bad",
        )


def _expect_fast(seconds: float) -> None:
    if seconds > SLOW_S:
        raise RewardFailed(
            "slow",
            f"{_TIMED} rows took {seconds:.2f} s of CPU time; expected at most {SLOW_S} s: operations on whole arrays, no loop over rows",
        )


def _hint(error: RewardFailed, batch: Mapping[str, Array], library: ArrayLibrary) -> str:
    """What the words of the library or of the contract leave open."""
    rows = len(next(iter(batch.values())))
    if "read-only" in error.message:
        return "; arguments cannot be written to: compute a new array, or copy first"
    if "truth value of an array" in error.message or "Boolean value of Tensor" in error.message:
        where = "torch.where" if library == "torch" else "np.where"
        return f"; here an argument holds a whole batch: choose row by row with {where}, not with `if`, `and` or `max`"
    if rows > 1 and (given := shapes_given(error.message, batch)):
        wide = [name for name, array in batch.items() if array.ndim == 2]
        column = f": of (B, d) take a column, as in {wide[0]}[:, 0], or sum over the last axis" if wide else ""
        return f"{given}{column}"
    return "; this was a batch of one row, which must work like any other" if rows == 1 and error.code in ("error", "contract") else ""


def _label(name: str) -> str:
    return name if name == "total" else f'component "{name}"'


def _number(value: Array) -> str:
    return f"{value:.4g}" if value.ndim == 0 else f"[{', '.join(f'{v:.4g}' for v in value[:_TOLD])}{', …' if len(value) > _TOLD else ''}]"
