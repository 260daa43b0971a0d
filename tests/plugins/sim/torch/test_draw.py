"""Counter-based random numbers."""

from __future__ import annotations

import numpy as np
import torch
from scipy import stats
from torch_envs import draw

from eureka_torch.draw import Draw, outputs, seed_tensor


def test_the_outputs_are_those_of_splitmix64():
    # Of the generator seeded with 1234567, as published with many implementations; and the first of the one seeded with 0.
    known = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821]
    found = outputs(seed_tensor([1234567]), torch.arange(5))
    assert [value % 2**64 for value in found.tolist()] == known
    assert outputs(seed_tensor([0]), torch.tensor(0)).item() % 2**64 == 0xE220A8397B1DCDAF


def test_uniform_and_normal_numbers_are_what_they_are_called():
    many = draw(20_000)
    uniform, normal = many.uniform(size=5).numpy(), many.normal(size=5).numpy()
    assert uniform.dtype == normal.dtype == np.float32 and uniform.min() >= 0 and uniform.max() < 1
    assert stats.kstest(uniform.ravel(), "uniform").pvalue > 0.01
    assert stats.kstest(normal.ravel(), "norm").pvalue > 0.01
    scaled = draw(20_000).uniform(-2.0, 6.0).numpy()
    assert abs(scaled.mean() - 2.0) < 0.05 and abs(scaled.var() - 64 / 12) < 0.1
    assert abs(draw(20_000).normal(3.0, 2.0).numpy().std() - 2.0) < 0.05


def test_numbers_of_neighbouring_seeds_episodes_steps_and_calls_have_nothing_in_common():
    first = draw(20_000)
    zeros = torch.zeros(20_000, dtype=torch.int64)
    seeds = seed_tensor(range(20_000))
    series = {
        "seed": first.uniform(),
        "call": first.uniform(),
        "next seed": Draw(seeds + 1, zeros, zeros).uniform(),
        "episode": Draw(seeds, zeros + 1, zeros).uniform(),
        "step": Draw(seeds, zeros, zeros + 1).uniform(),
        "episodes of one seed": Draw(zeros + 5, seeds, zeros).uniform(),
        "steps of one seed": Draw(zeros + 5, zeros, seeds).uniform(),
    }
    together = np.corrcoef(np.stack([values.numpy() for values in series.values()]))
    assert np.abs(together - np.eye(len(series))).max() < 4 / np.sqrt(20_000)
    # Those of a seed are found again where it is a neighbour; of 2²⁴ values some more come twice.
    assert 119_000 < len(np.unique(np.stack([values.numpy() for values in series.values()]))) < 120_001


def test_a_rows_numbers_depend_on_its_own_counters_only():
    many, few = draw(300), Draw(seed_tensor([7]), torch.zeros(1, dtype=torch.int64), torch.zeros(1, dtype=torch.int64))
    for name, size in (("uniform", None), ("normal", 3), ("uniform", 2)):
        assert torch.equal(getattr(many, name)(size=size)[7:8], getattr(few, name)(size=size))


def test_seeds_of_64_bits_are_all_different():
    seeds = seed_tensor([0, 2**63, 2**64 - 1, -1, 2**62 + 2**63])
    assert seeds.tolist() == [0, -(2**63), -1, -1, 2**62 - 2**63]
