"""Every program that can be drawn is code that runs, reads back as itself, and stays finite."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from eureka.errors import ConfigError
from eureka.history import History
from eureka.types import EnvContext
from eureka_symbolic.code import component_names, parse, render
from eureka_symbolic.data import load_episodes
from eureka_symbolic.draw import Rng, draw_program
from eureka_symbolic.evolve import mutate
from eureka_symbolic.first import hint_program, probe, regulator
from eureka_symbolic.grammar import KAPPA, Feature, Program, Term, rounded
from eureka_symbolic.population import Group
from eureka_symbolic.space import Space, make_space


@pytest.fixture
def space_of(kit: SimpleNamespace):
    def make(context: EnvContext) -> Space:
        return make_space(context, load_episodes(History(kit.make_task(context), context, 0)), hints=True)

    return make


def drawn(rng: Rng, space: Space, number: int) -> Program:
    """Of every way of drawing in turn; a mutant many changes away from where it began."""
    if number % 5 == 1:
        return regulator(rng, space)
    if number % 5 == 2:
        return probe(rng, space)
    if number % 5 == 3 and space.hinted:
        return hint_program(rng, space)
    program = draw_program(rng, space)
    if number % 5 == 4:
        for _ in range(10):
            loudness = tuple(rng.exponential(size=len(program.terms)))
            mutant = mutate(rng, space, Group("r0i0s00", "", program, 0.0, loudness)).program
            program = mutant if space.varies(mutant) else program
    return program


def test_thousands_of_programs_run_and_stay_finite(pole: EnvContext, space_of, kit: SimpleNamespace) -> None:
    space = space_of(pole)
    rng = np.random.default_rng(0)
    batches = [(kit.batch(pole, rng, size, spread), spread) for size in (1, 64, 257) for spread in (1.0, 10.0, 1e9)]
    for number in range(2000):
        program = drawn(np.random.default_rng(number), space, number)
        code = render(program)
        assert parse(code) == program
        compute, names = kit.load(code), kit.arguments(code)
        assert set(names) <= set(pole.arguments)
        for arrays, spread in (batches[number % 9], batches[(number + 4) % 9]):
            size = len(arrays["angle"])
            total, components = compute(**{name: arrays[name] for name in names})
            assert list(components) == component_names(program)
            assert 1 <= len(components) <= 6
            for values in (total, *components.values()):
                assert values.shape == (size,)
                assert values.dtype == np.float64
                assert np.isfinite(values).all()
                assert spread > 10 or np.abs(values).max() < 1e8


def test_drawn_totals_are_not_constant(pole: EnvContext, space_of, kit: SimpleNamespace) -> None:
    space = space_of(pole)
    arrays = kit.batch(pole, np.random.default_rng(0), 500)
    for seed in range(500):
        code = render(draw_program(np.random.default_rng(seed), space))
        total, _ = kit.load(code)(**{name: arrays[name] for name in kit.arguments(code)})
        assert np.ptp(total) > 0, code


def test_variables_that_never_change_are_skipped(pole: EnvContext, space_of) -> None:
    keys = {s.key for s in space_of(pole).signals}
    assert keys == {"angle", "speed", "feet[0]", "feet[1]", "feet[2]", "alive"}


def test_a_component_never_hides_an_argument() -> None:
    program = Program.of([Term("alive", 1.0), Term("state", 1.0, (Feature.of("lin", "alive", 0.0, 1.0),))])
    assert component_names(program) == ["alive_2", "keep_high_alive"]


def test_equal_terms_merge_and_cancelled_ones_vanish() -> None:
    x = Term("state", 1.0, (Feature.of("lin", "x", 0.0, 1.0),))
    y = Term("state", 2.0, (Feature.of("lin", "y", 0.0, 1.0),))
    assert Program.of([x, y, x, y.scaled(-1.0)]) == Program.of([x.scaled(2.0)])


def test_a_readable_program_says_what_it_rewards() -> None:
    speed = Feature.of("abs", "velocity", 0.0, 0.07)
    code = render(Program.of([Term("diff", 1.0, (speed,)), Term("terminated", -30.0)]))
    assert "def compute_reward(velocity, prev_velocity, terminated):" in code
    assert "# Change since the step before: the further velocity is from 0.0, the better." in code
    assert "progress_abs_velocity = 10.0 * (np.abs(velocity) / 0.07 - np.abs(prev_velocity) / 0.07)" in code
    assert '"progress_abs_velocity": progress_abs_velocity,' in code


def test_constants_have_three_digits_unless_the_scale_needs_more() -> None:
    assert rounded(3.14159) == 3.14
    assert rounded(900.512, 0.5) == 900.5 or abs(rounded(900.512, 0.5) - 900.512) <= 0.025


@pytest.mark.parametrize(
    "line",
    [
        "",
        "# program: nonsense",
        "# program: []",
        "# program: 7",
        "# program: [[1]]",
        '# program: [["state",1.0,[],0,1.0]]',
        '# program: [["state",NaN,[["lin","x",0,1]],0,1.0]]',
        '# program: [["state",1.0,[["lin","x",0,0]],0,1.0]]',
        '# program: [["system",1.0,[["lin","x",0,1]],0,1.0]]',
        '# program: [["state","1",[["lin","x",0,1]],0,1.0]]',
        '# program: [[["state"],1.0,[[["lin"],"x",0,1]],0,1.0]]',
        "# program: " + "[" * 5000,
    ],
)
def test_code_without_a_proper_program_line_has_no_program(line: str) -> None:
    assert parse(f"def compute_reward(x):\n    return x, {{'x': x}}\n{line}\n") is None


def test_a_program_of_unknown_variables_is_not_allowed(line: EnvContext, space_of) -> None:
    space = space_of(line)
    for raw in (
        [["state", 1.0, [["lin", "y", 0, 1]], 0, 1.0]],
        [["push", 1.0, [["lin", "x", 0, 1]], 0, 1.0]],
        [["terminated", 1.0, [], 0, 1.0]],
    ):
        program = parse(f"# program: {raw!r}".replace("'", '"'))
        assert program is not None
        assert not space.allows(program)


def test_discrete_actions_are_never_used(line: EnvContext, space_of) -> None:
    space = space_of(line)
    for seed in range(1000):
        assert "action" not in render(draw_program(np.random.default_rng(seed), space))


def test_differences_need_the_value_before_the_step(kit: SimpleNamespace, space_of) -> None:
    space = space_of(kit.make_context(kit.scalar("x"), kit.scalar("y"), has_prev=("x",)))
    for seed in range(500):
        assert "prev_y" not in render(drawn(np.random.default_rng(seed), space, seed))


def test_a_task_without_state_variables_is_a_config_error(kit: SimpleNamespace, space_of) -> None:
    with pytest.raises(ConfigError, match="Add entries under `variables:`"):
        space_of(kit.make_context(limits=[1.0]))


def test_unbounded_actions_are_scaled_by_what_was_measured(kit: SimpleNamespace, space_of) -> None:
    context = kit.make_context(kit.scalar("x"), kit.vector("action", [-2.0], [3.0]), action_low=(-np.inf,), action_high=(np.inf,))
    assert space_of(context).limits == (3.0,)


def test_torch_code_agrees_with_numpy(pole: EnvContext, space_of, kit: SimpleNamespace) -> None:
    torch = pytest.importorskip("torch")
    space = space_of(pole)
    arrays = kit.batch(pole, np.random.default_rng(0), 7)
    for seed in range(100):
        program = drawn(np.random.default_rng(seed), space, seed)
        names = kit.arguments(render(program))
        expected, _ = kit.load(render(program))(**{n: arrays[n] for n in names})
        total, _ = kit.load(render(program, torch=True))(**{n: torch.from_numpy(arrays[n].copy()) for n in names})
        np.testing.assert_allclose(total.numpy(), expected, rtol=1e-6, atol=1e-9)


# ── Offsets ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_offset_that_is_to_be_zero_has_a_length_which_takes_the_hint(kit: SimpleNamespace, space_of) -> None:
    offset, wind = kit.vector("offset", [-3.0, -1.0], [1.0, 4.0], goal="zero"), kit.vector("wind", [-1.0, -1.0], [1.0, 1.0])
    wide = kit.vector("angles", [-1.0] * 7, [1.0] * 7, goal="zero")
    space = space_of(kit.make_context(offset, wind, wide))
    length = space.signal("|offset|")
    assert length is not None and (length.lo, length.hi, length.goal, length.variable) == (0.0, 5.0, "zero", "offset")
    assert space.signal("offset[0]").goal is None and space.signal("angles[6]").goal == "zero"
    assert [s.key for s in space.signals if "|" in s.key] == ["|offset|"]


@pytest.mark.parametrize("torch", [False, True], ids=["numpy", "torch"])
def test_a_length_is_computed_row_by_row_before_and_after_the_step(torch: bool, kit: SimpleNamespace) -> None:
    feature = Feature.of("abs", "|offset|", 0.0, 2.0)
    program = Program.of([Term("state", -1.0, (feature,)), Term("diff", -1.0, (Feature.of("lin", "|offset|", 0.0, 2.0),))])
    code = render(program, torch)
    assert parse(code) == program and set(kit.arguments(code)) == {"offset", "prev_offset"}
    assert component_names(program) == ["keep_small_offset", "progress_low_offset"]
    now, before = np.array([[3.0, 4.0], [0.0, 0.0], [0.6, 0.8]]), np.array([[3.0, 4.0], [6.0, 8.0], [0.0, 0.0]])
    arrays = {"offset": now, "prev_offset": before}
    if torch:
        library = pytest.importorskip("torch")
        arrays = {name: library.from_numpy(array) for name, array in arrays.items()}
    _, components = kit.load(code)(**arrays)
    assert np.asarray(components["keep_small_offset"]).tolist() == [-2.5, 0.0, -0.5]
    np.testing.assert_allclose(np.asarray(components["progress_low_offset"]), rounded(-KAPPA) * np.array([0.0, -10.0, 1.0]) / 2.0)


def test_lengths_of_recorded_offsets_are_learnt_from(kit: SimpleNamespace, world, space_of) -> None:
    context = kit.make_context(kit.vector("offset", [-1.0, -1.0], [1.0, 1.0], goal="zero"), kit.scalar("y"))
    made = world(context, fold="last")
    rng = np.random.default_rng(0)
    for draft in made.drafts(0):
        episodes = []
        for _ in range(20):
            offset = rng.normal(0, 3, (20, 2))
            episodes.append(({"offset": offset, "y": rng.normal(0, 1, 20)}, float(np.linalg.norm(offset[-1]) < 2.0)))
        made.add(draft, float(np.mean([f for _, f in episodes])), episodes)
    read = load_episodes(made.request(1).history)
    both, length = [read.columns[f"offset[{i}]"] for i in (0, 1)], read.columns["|offset|"]
    np.testing.assert_allclose(read.states[:, length], np.linalg.norm(read.states[:, both], axis=1), rtol=1e-5)
    assert sum("linalg.norm(offset, axis=1)" in draft.text for draft in made.drafts(1)) >= 8
