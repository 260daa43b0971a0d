"""What an iteration asks for: slots, replicates, determinism, and whether it finds what matters."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
from pydantic import ValidationError

from eureka.generator_types import Draft
from eureka.types import EnvContext
from eureka_symbolic import SymbolicGenerator
from eureka_symbolic.code import parse


def pull(kit: SimpleNamespace, draft: Draft, name: str) -> float:
    """How much the reward prefers the named variable at .9 to −.9, the others 0, relative to the largest such effect."""
    code = kit.code_of(draft.text)
    compute, used = kit.load(code), kit.arguments(code)
    effects = {}
    for v in {n.removeprefix("prev_") for n in used}:
        arrays = {n: np.zeros(2) for n in used} | {v: np.array([-0.9, 0.9])}
        total, _ = compute(**{n: arrays[n] for n in used})
        effects[v] = float(total[1] - total[0])
    return effects.get(name, 0.0) / max(1e-9, *(abs(e) for e in effects.values()))


# ── The answer's form ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("samples", [1, 4, 8, 16, 23])
@pytest.mark.parametrize("strategy", ["hybrid", "random"])
def test_any_number_of_samples_is_answered(searched, kit: SimpleNamespace, samples: int, strategy: str) -> None:
    for iteration in (0, 1, 4):
        drafts = searched.drafts(iteration, samples, strategy=strategy)
        assert [d.sample for d in drafts] == list(range(samples))
        for draft in drafts:
            kit.load(kit.code_of(draft.text))
            assert draft.text.splitlines()[0].endswith((".", "?"))


def test_first_iteration_follows_the_measured_shares(line: EnvContext, world) -> None:
    kinds = Counter(d.text.split(":")[0].split(".")[0] for d in world(line).drafts(0))
    assert kinds == {"A regulator": 5, "A probe": 4, "A random program": 7}


def test_same_seed_gives_same_texts_and_another_seed_others(searched) -> None:
    for iteration in (0, 1):
        assert searched.drafts(iteration, seed=5) == searched.drafts(iteration, seed=5)
        assert searched.drafts(iteration, seed=5) != searched.drafts(iteration, seed=6)


def test_a_draft_does_not_depend_on_which_are_missing(searched) -> None:
    whole = searched.drafts(1)
    for missing in ((3,), (0, 15), (7, 8, 9)):
        assert searched.drafts(1, missing=missing) == [whole[i] for i in missing]


def test_no_program_is_proposed_twice_but_as_a_replicate(searched) -> None:
    earlier = [parse(e.candidate.code) for e in searched.entries]
    fresh = [parse(d.text) for d in searched.drafts(1) if d.replicate_of is None]
    assert len(set(fresh)) == len(fresh)
    assert not set(fresh) & set(earlier)


def test_importing_the_plugin_loads_no_numpy() -> None:
    code = "import sys, eureka_symbolic; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_unknown_options_are_refused() -> None:
    with pytest.raises(ValidationError):
        SymbolicGenerator.Options(population=3)  # type: ignore[call-arg]


# ── What there is to speak of ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("strategy", ["hybrid", "random"])
def test_an_end_is_spoken_of_only_once_one_was_seen(kit: SimpleNamespace, world, strategy: str) -> None:
    def speaks(made, iteration: int) -> bool:
        return any("terminated" in d.text or "alive" in d.text for s in range(4) for d in made.drafts(iteration, seed=s, strategy=strategy))

    made = world(kit.make_context(kit.scalar("x"), kit.scalar("y"), kit.scalar("terminated", 0.0, 0.0)), fold="last")
    assert not speaks(made, 0)
    rng = np.random.default_rng(0)
    drafts = made.drafts(0)
    for ends, draft in zip([0.0, 0.0, 1.0], drafts, strict=False):
        episodes = []
        for _ in range(6):
            x = np.cumsum(rng.normal(0, 0.1, 20))
            end = np.zeros(20)
            end[-1] = ends
            episodes.append(({"x": x, "y": -x, "terminated": end}, float(x[-1])))
        made.add(draft, float(np.mean([f for _, f in episodes])), episodes)
        assert speaks(made, 1) == bool(ends)
    seen = kit.make_context(kit.scalar("x"), kit.scalar("y"), kit.scalar("terminated", 0.0, 1.0))  # with random actions already
    (made.root / "seen").mkdir()
    assert speaks(type(made)(made.root / "seen", seen), 0)


def test_one_quantity_under_two_names_is_used_under_the_first_with_the_hint_of_either(kit: SimpleNamespace, world) -> None:
    x, flag = kit.scalar("x"), kit.scalar("left", 0.0, 1.0)
    again = x.model_copy(update={"name": "x_again", "goal": "high", "low": (-1.0 + 1e-8,)})  # in single precision
    other_flag = flag.model_copy(update={"name": "right"})
    made = world(kit.make_context(x, kit.scalar("y"), again, flag, other_flag))
    texts = [d.text for seed in range(6) for d in made.drafts(0, seed=seed)]
    assert not any("x_again" in text for text in texts) and any("the task's hints" in text for text in texts)
    for name in ("left", "right"):  # two flags may agree by chance
        assert any(name in parse(text).signals for text in texts)

    rng = np.random.default_rng(0)
    for draft in made.drafts(0)[:4]:
        columns = {name: rng.normal(0, 0.5, 20) for name in ("x", "y", "x_again", "left", "right")}
        made.add(draft, float(rng.random()), [(columns, float(rng.random()))])
    assert any("x_again" in d.text for seed in range(6) for d in made.drafts(1, seed=seed))  # told apart by an episode


# ── Replicates ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("samples", "iteration", "count"), [(16, 1, 4), (16, 4, 6), (8, 1, 2), (4, 1, 1), (3, 1, 0), (1, 4, 0)])
def test_the_best_are_trained_again(searched, kit: SimpleNamespace, samples: int, iteration: int, count: int) -> None:
    for strategy in ("hybrid", "random"):
        again = [d for d in searched.drafts(iteration, samples, strategy=strategy) if d.replicate_of]
        assert len(again) == count
        assert len({d.replicate_of for d in again}) == count
        for draft in again:
            original = next(e for e in searched.entries if e.id == draft.replicate_of)
            assert draft.parents == (original.id,)
            assert kit.sha256(kit.code_of(draft.text)) == original.candidate.sha256
    assert not any(d.replicate_of for d in searched.drafts(iteration, samples, replicates=False))


def test_several_good_seeds_outrank_one_lucky_one(line: EnvContext, world) -> None:
    made = world(line)
    drafts = made.drafts(0)
    lucky, steady = drafts[0], drafts[1]
    made.add(lucky, 1.0)
    for iteration in range(3):
        made.add(steady, 0.95, iteration=iteration)
    for draft in drafts[2:]:
        made.add(draft, 0.1)
    best = next(d for d in made.drafts(3) if d.replicate_of)
    assert best.replicate_of == "r0i0s01"


# ── Learning from evaluations ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("fold", ["any", "last", "max", "mean", "sum"])
def test_the_variable_that_decides_is_found_with_its_sign(searched, kit: SimpleNamespace, fold: str) -> None:
    searched.task = kit.make_task(searched.context, fold=fold)
    shares = {}
    for strategy in ("hybrid", "random"):
        drafts = [d for seed in range(6) for d in searched.drafts(1, seed=seed, strategy=strategy) if not d.replicate_of]
        shares[strategy] = np.mean([pull(kit, d, "x") > 0.5 for d in drafts])
    assert shares["hybrid"] > 1.5 * shares["random"], shares


def test_less_is_better_turns_the_sign(line: EnvContext, kit: SimpleNamespace, world) -> None:
    made = world(line, fold="last", goal="minimize")
    rng = np.random.default_rng(0)
    for draft in made.drafts(0):
        drift = rng.uniform(-0.9, 0.9)
        episodes = [(variables, 100.0 + 50 * variables["x"][-1]) for variables, _ in (kit.walk(rng, drift) for _ in range(20))]
        made.add(draft, float(np.mean([f for _, f in episodes])), episodes)
    pulls = [pull(kit, d, "x") for seed in range(8) for d in made.drafts(1, seed=seed, replicates=False)]
    assert np.mean([p < -0.5 for p in pulls]) > np.mean([p > 0.5 for p in pulls]) + 0.2
    again = [d.replicate_of for d in made.drafts(1) if d.replicate_of]
    ranked = sorted(made.entries, key=lambda e: e.outcome.fitness)
    assert again == [e.id for e in ranked[:4]]


def test_negative_fitness_is_ranked_like_any_other(line: EnvContext, world) -> None:
    made = world(line)
    for i, draft in enumerate(made.drafts(0)):
        made.add(draft, -500.0 + 10 * i, mean=-500.0)
    assert [d.replicate_of for d in made.drafts(1) if d.replicate_of] == [f"r0i0s{i}" for i in (15, 14, 13, 12)]


def test_vector_variables_are_read_by_entry(kit: SimpleNamespace, world) -> None:
    context = kit.make_context(kit.vector("body", [-1.0] * 3, [1.0] * 3))
    made = world(context)
    rng = np.random.default_rng(0)
    for draft in made.drafts(0):
        drift = rng.uniform(-1.5, 1.5)
        walks = [kit.walk(rng, drift) for _ in range(10)]
        episodes = [({"body": np.stack([v["a"], v["x"], v["b"]], axis=1)}, f) for v, f in walks]
        made.add(draft, float(np.mean([f for _, f in episodes])), episodes)
    largest = {strategy: Counter[int]() for strategy in ("hybrid", "random")}
    probe = np.zeros((6, 3))
    probe[np.arange(6), np.arange(6) % 3] = np.repeat([0.9, -0.9], 3)
    for strategy, counted in largest.items():
        for draft in (d for seed in range(6) for d in made.drafts(1, seed=seed, strategy=strategy, replicates=False)):
            code = kit.code_of(draft.text)
            arrays = {"body": probe, "prev_body": np.zeros((6, 3))}
            total, _ = kit.load(code)(**{n: arrays[n] for n in kit.arguments(code)})
            counted[int(np.argmax(total[:3] - total[3:]))] += 1
    assert largest["hybrid"][1] > 1.3 * largest["random"][1], largest


def test_ranges_widen_to_what_policies_reached(line: EnvContext, world) -> None:
    made = world(line)
    for i, draft in enumerate(made.drafts(0)):
        far = {name: np.linspace(0, 50.0, 40) for name in "abcdx"}
        made.add(draft, float(i), [(far, float(i))])
    widths = [f.w for d in made.drafts(1, strategy="random") if not d.replicate_of for t in parse(d.text).terms for f in t.features]
    assert max(widths) > 20


def test_mutation_mends_a_term_that_says_nothing(line: EnvContext) -> None:
    from eureka_symbolic.evolve import mutate
    from eureka_symbolic.grammar import Feature, Program, Term
    from eureka_symbolic.population import Group
    from eureka_symbolic.space import Signal, Space

    space = Space(tuple(Signal(n, n, -1.0, 1.0) for n in "abx"), dict.fromkeys("abx", True), False, False, (), False)
    terms = [Term("state", 1.0, (Feature.of("lin", n, 0.0, 1.0),)) for n in "abx"]
    touched: Counter[str] = Counter()
    for seed in range(600):
        parent = Group("r0i0s00", "", Program.of(terms), 0.0, (0.5, 0.001, 0.5))
        after = mutate(np.random.default_rng(seed), space, parent).program.terms
        touched.update(t.features[0].signal for t in terms if t not in after)
    assert touched["b"] > 2 * max(touched["a"], touched["x"])


# ── Before any success, and with failures ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("fitness", [0.0, -200.0])
def test_while_all_fitness_is_equal_parents_hold_records(kit: SimpleNamespace, world, fitness: float) -> None:
    made = world(kit.make_context(*(kit.scalar(n) for n in "xyz")))
    rng = np.random.default_rng(0)
    for i, draft in enumerate(made.drafts(0)):
        paths = [kit.walk(rng, 0.9 if i == 3 else 0.0)[0]["x"] for _ in range(5)]
        episodes = [({"x": path, "y": path / 2, "z": 2 * path}, fitness) for path in paths]
        made.add(draft, fitness, episodes)
    drafts = [d for seed in range(20) for d in made.drafts(1, seed=seed)]
    assert not any(d.replicate_of for d in drafts)
    kinds = Counter(d.text.split(" ")[1] for d in drafts)
    assert kinds["regulator:"] >= 60
    parents = Counter(p for d in drafts for p in d.parents)
    assert parents["r0i0s03"] > sum(parents.values()) / 4


def test_equal_fitness_that_solves_the_task_is_progress(line: EnvContext, world) -> None:
    made = world(line, solved=0.9)
    for draft in made.drafts(0):
        made.add(draft, 1.0)
    assert sum(bool(d.replicate_of) for d in made.drafts(1)) == 4


def test_nothing_trained_starts_over(line: EnvContext, world) -> None:
    made = world(line)
    for draft in made.drafts(0):
        made.add(draft, None, status="failed")
    drafts = made.drafts(1)
    assert len(drafts) == 16
    assert not any(d.parents for d in drafts)


def test_rewards_of_other_makers_teach_but_are_no_parents(searched, kit: SimpleNamespace) -> None:
    for i, code in enumerate(
        ["def compute_reward(x):\n    return x, {'x': x}\n", "", "# program: [[]]\ndef compute_reward(x):\n    return 2 * x, {'x': x}\n"]
    ):
        rng = np.random.default_rng(i)
        searched.add(
            None,
            1.0 if code else None,
            [kit.walk(rng, 1.5) for _ in range(5)] if code else (),
            code=code,
            status="ok" if code else "failed",
        )
    drafts = [d for seed in range(5) for d in searched.drafts(1, seed=seed)]
    foreign = {"r0i0s16", "r0i0s18"}
    assert not any(foreign & set(d.parents) for d in drafts if not d.replicate_of)
    assert any(d.replicate_of in foreign for d in drafts)


def test_histories_without_transitions_still_evolve(line: EnvContext, world) -> None:
    made = world(line)
    for i, draft in enumerate(made.drafts(0)):
        made.add(draft, float(i))
    assert any(d.text.startswith("A variation of") for seed in range(4) for d in made.drafts(1, seed=seed))


# ── Hints ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_hints_steer_and_can_be_switched_off(kit: SimpleNamespace, world) -> None:
    goals = {"a": None, "b": "low", "c": "zero", "d": None, "x": "high"}
    made = world(kit.make_context(*(kit.scalar(n, goal=g) for n, g in goals.items())))
    share = {}
    for hints in (True, False):
        pulls = [(pull(kit, d, "x"), pull(kit, d, "b")) for seed in range(10) for d in made.drafts(0, seed=seed, hints=hints)]
        share[hints] = np.mean([x > 0.3 or b < -0.3 for x, b in pulls])
    assert share[True] > share[False] + 0.2
    assert sum("hints ask for" in d.text for d in made.drafts(0)) == 8
    assert not any("hints" in d.text for d in made.drafts(0, hints=False))


# ── Speed and a whole search ─────────────────────────────────────────────────────────────────────────────────────────


def test_an_iteration_is_designed_quickly(kit: SimpleNamespace, world) -> None:
    made = world(kit.make_context(*(kit.scalar(n) for n in "abcdx")))
    rng = np.random.default_rng(0)
    first = made.drafts(0, samples=64)
    for draft in first:
        drift = rng.uniform(-1.5, 1.5)
        episodes = [kit.walk(rng, drift, 100) for _ in range(100)]
        made.add(draft, float(np.mean([f for _, f in episodes])), episodes)
    start = time.process_time()
    made.drafts(1)
    assert time.process_time() - start < 1.5  # about 0.2 s on an idle core


def test_a_search_on_a_point_mass_finds_a_reward_that_reaches_the_goal(kit: SimpleNamespace, world) -> None:
    """The trainer: the best of 24 random linear policies by the reward's own return. Success is |x| < .1 at the end."""
    context = kit.make_context(*(kit.scalar(n, -2.0, 2.0) for n in ("x", "v")), kit.scalar("noise"), limits=[1.0])
    made = world(context, fold="last")

    def rollout(gains: np.ndarray, rng: np.random.Generator, steps: int = 40) -> dict[str, np.ndarray]:
        batch = len(gains)
        x, v = rng.uniform(-2, 2, batch), np.zeros(batch)
        rows = []
        for _ in range(steps):
            before = {"prev_x": x, "prev_v": v, "prev_noise": np.zeros(batch)}
            action = np.clip(gains[:, 0] * x + gains[:, 1] * v, -1, 1)
            v = 0.95 * v + 0.2 * action
            x = np.clip(x + 0.2 * v, -3, 3)
            rows.append(before | {"x": x, "v": v, "noise": rng.uniform(-1, 1, batch), "action": action[:, None]})
        return {name: np.stack([row[name] for row in rows]) for name in rows[0]}

    def train(code: str, seed: int) -> tuple[float, list]:
        rng = np.random.default_rng(seed)
        gains = np.repeat(rng.normal(0, 2, (24, 2)), 4, axis=0)
        data = rollout(gains, rng)
        flat = {n: data[n].reshape(-1, *data[n].shape[2:]) for n in kit.arguments(code)}
        returns = kit.load(code)(**flat)[0].reshape(40, 24, 4).sum(axis=(0, 2))
        best = int(returns.argmax())
        test = rollout(np.repeat(gains[4 * best : 4 * best + 1], 8, axis=0), np.random.default_rng(99))
        reached = (np.abs(test["x"][-1]) < 0.1).astype(float)
        return float(reached.mean()), [({n: test[n][:, i] for n in ("x", "v", "noise")}, reached[i]) for i in range(8)]

    means = []
    for iteration in range(3):
        fitness = []
        for draft in made.drafts(iteration):
            value, episodes = train(kit.code_of(draft.text), 1000 + iteration)
            made.add(draft, value, episodes, iteration=iteration)
            fitness.append(value)
        means.append(np.mean(fitness))
    assert max(e.outcome.fitness for e in made.entries) >= 0.8
    assert means[2] > means[0] + 0.1, means
