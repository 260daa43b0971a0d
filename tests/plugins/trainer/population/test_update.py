"""Gradients and whole updates are those of torch: autograd in float64, `clip_grad_norm_` and `torch.optim.Adam`."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from reference import SPACES, Case, Settings, slope, torch_parameters

from eureka_population.kernels.update import gradient

WIDTHS = {
    "two layers": ((16, 16), (16, 16)),
    "linear": ((), ()),
    "one layer": ((24,), (24,)),
    "three layers": ((8, 12, 6), (8, 12, 6)),
    "uneven": ((12,), (20, 7)),
}
OPTIONS = {
    "defaults": {},
    "value clipped": {"clip_range_vf": 0.25},
    "entropy": {"ent_coef": 0.05},
    "advantages as they are": {"normalize_advantage": False},
    "narrow clipping, no norm": {"clip_range": 0.05, "vf_coef": 1.5, "max_grad_norm": 1e9},
}


def distance(ours, theirs):
    """The largest relative distance ‖a − b‖ / ‖b‖ over the named arrays."""
    return max(np.linalg.norm(ours[name] - theirs[name]) / np.linalg.norm(theirs[name]) for name in theirs)


def row(named):
    """The arrays of `named`, in its order, as one."""
    return np.concatenate([array.ravel() for array in named.values()]).astype(np.float64)


def compare_gradients(case, settings):
    networks, rollout, small = case.kernel_arguments(settings)
    picked, ours = case.order[0, : settings.batch_size], np.empty_like(case.parameters)
    divergence = gradient(case.parameters, *networks, rollout, picked, small, ours)
    named = torch_parameters(case.network, case.parameters)
    expected = slope(case.network, named, [array[picked] for array in rollout], settings)
    assert divergence == pytest.approx(expected, rel=1e-5)
    assert distance(case.network.arrays(ours), {name: p.grad.numpy() for name, p in named.items()}) < 1e-5


def compare_updates(case, settings):
    parameters, moments, steps = case.update(settings)
    theirs, their_moments, their_steps = case.reference(settings)
    assert steps == their_steps
    made = steps - case.adam_steps
    if made:
        assert distance(case.network.arrays(parameters), theirs) < 1e-5
        assert distance({"": parameters - case.parameters.astype(np.float64)}, {"": row(theirs) - case.parameters}) < 1e-5
        for ours, expected in zip(moments, their_moments, strict=True):
            assert distance({"": ours}, {"": row(expected)}) < 1e-5
    return made


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("kind", SPACES)
def test_a_minibatchs_gradient_and_a_whole_update_are_torchs(kind, activation, options):
    settings = Settings(**options)
    compare_gradients(Case(kind, activation), settings)
    assert compare_updates(Case(kind, activation), settings) == 9


@pytest.mark.parametrize("widths", WIDTHS.values(), ids=WIDTHS)
@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("kind", SPACES)
def test_networks_of_every_depth_learn_as_torchs(kind, activation, widths):
    # 300 rows at a time: more than the kernel takes through a network at once, and no multiple of it.
    case, settings = Case(kind, activation, widths, count=600, seed=1), Settings(batch_size=300, ent_coef=0.01)
    compare_gradients(case, settings)
    assert compare_updates(case, settings) == 6


@pytest.mark.parametrize("kind", SPACES)
def test_an_update_goes_on_from_the_steps_and_moments_of_those_before(kind):
    assert compare_updates(Case(kind, adam_steps=7), Settings()) == 9


@pytest.mark.parametrize("kind", SPACES)
def test_an_update_stops_at_the_minibatch_whose_divergence_is_too_large(kind):
    limits = (0.005, 0.012, 0.016, 0.02, 0.1)
    made = [compare_updates(Case(kind, seed=2), Settings(target_kl=limit, learning_rate=3e-3)) for limit in limits]
    assert made[0] == 0 and made[-1] == 9 and len({*made}) > 2


def test_a_minibatch_of_one_row_scales_no_advantage():
    compare_gradients(Case("discrete"), Settings(batch_size=1))
