import numpy as np
import pytest

from eureka.errors import PluginContractError, RewardFailed
from eureka.transitions import load_transitions, save_transitions
from eureka.worker.evaluate import evaluate_policies, evaluate_policy
from eureka.worker.recorder import Recorder, all_names, raw_sources
from eureka.worker.thinning import rows_within, thin
from eureka.worker.transition_log import TransitionLog


def make(counter_env, task, rows, names=None, **env):
    names = all_names(task) if names is None else names
    return Recorder(counter_env(rows, **env).read(raw_sources(task, names)), task, names)


def test_only_the_first_episode_of_every_row_counts(counter_env, make_task):
    recorder = make(counter_env, make_task(), 3, top=5.0)
    batches = []

    def act(observations):
        batches.append(observations.copy())
        return np.ones((len(observations), 1))

    episodes = evaluate_policy(recorder, act, [0, 2, 4], "sum", 100)
    assert episodes.length.tolist() == [5, 3, 1] and episodes.steps == 9
    assert episodes.fitness.tolist() == [1 + 2 + 3 + 4 + 5, 3 + 4 + 5, 5]
    assert episodes.episode.tolist() == [0] * 5 + [1] * 3 + [2]
    assert episodes.step.tolist() == [1, 2, 3, 4, 5, 1, 2, 3, 1]
    assert episodes.variables["count"].tolist() == [1, 2, 3, 4, 5, 3, 4, 5, 5]
    assert episodes.variables["prev_count"].tolist() == [0, 1, 2, 3, 4, 2, 3, 4, 4]
    assert episodes.variables["terminated"].tolist() == [0, 0, 0, 0, 1, 0, 0, 1, 1]
    assert episodes.variables["count"].dtype == np.float32
    # The policy always sees the whole batch, and never what a resting row holds.
    assert {len(b) for b in batches} == {3} and np.isfinite(batches).all()
    assert recorder.env.active[-1].tolist() == [True, False, False]


@pytest.mark.parametrize(("fold", "expected"), [("last", [4, 9]), ("mean", [2.5, 7.5]), ("max", [4, 9]), ("any", [1, 1])])
def test_a_truncated_episode_is_folded_like_any_other(counter_env, make_task, fold, expected):
    recorder = make(counter_env, make_task(fold=fold), 2, max_episode_steps=4)
    episodes = evaluate_policy(recorder, lambda o: np.ones((2, 1)), [0, 5], fold, 0)
    assert episodes.fitness.tolist() == expected
    assert len(episodes.step) == 0 and len(episodes.variables["count"]) == 0


def test_an_environment_without_an_end_is_cut(counter_env, make_task):
    recorder = make(counter_env, make_task(), 2)
    episodes = evaluate_policy(recorder, lambda o: np.zeros((2, 1)), [1, 2], "sum", 8, max_steps=50)
    assert episodes.length.tolist() == [50, 50] and episodes.fitness.tolist() == [50, 100]


def test_fitness_alone_needs_no_variables(counter_env, make_task):
    recorder = make(counter_env, make_task(value="native"), 1, names=(), max_episode_steps=3)
    assert evaluate_policy(recorder, lambda o: np.ones((1, 1)), [0], "sum", 0).fitness.tolist() == [-6]


def pushing(gain):
    """A policy whose actions are as fine as floats are, and that asks for its whole block."""

    def act(observations):
        assert observations.shape == (3, 1) and np.isfinite(observations).all()
        return np.cos(gain * observations)

    return act


SEEDS = [[0, 1, 2], [0.5, 1, 3], [-1, -2, 0]]


@pytest.mark.parametrize("at_once", [False, True])
def test_policies_evaluated_together_get_what_each_gets_alone_to_the_last_bit(counter_env, make_task, at_once):
    gains, task = [0.1, 0.25, 0.7], make_task({"count": "obs[0]", "action": "action"})

    def together(observations):
        return np.stack([pushing(gain)(block) for gain, block in zip(gains, observations, strict=True)])

    recorder = make(counter_env, task, 12, top=5.0, max_episode_steps=20)  # room for a fourth
    acts = [pushing(gain) for gain in gains]
    found = evaluate_policies(recorder, acts, SEEDS, "mean", 8, together if at_once else None)
    assert len({episodes.fitness.tobytes() for episodes in found}) == 3
    for act, seeds, episodes in zip(acts, SEEDS, found, strict=True):
        alone = evaluate_policy(make(counter_env, task, 3, top=5.0, max_episode_steps=20), act, seeds, "mean", 8)
        assert alone.fitness.tolist() == episodes.fitness.tolist() and alone.length.tolist() == episodes.length.tolist()
        assert alone.episode.tolist() == episodes.episode.tolist() and alone.step.tolist() == episodes.step.tolist()
        assert all(np.array_equal(alone.variables[name], episodes.variables[name]) for name in alone.variables)


def test_the_last_policy_of_a_batch_has_it_for_itself(counter_env, make_task):
    recorder = make(counter_env, make_task(), 6, top=5.0)
    (episodes,) = evaluate_policies(recorder, [lambda o: np.ones((len(o), 1))], [[2, 3, 4]], "sum", 8)
    assert episodes.length.tolist() == [3, 2, 1] and recorder.env.active[0].tolist() == [True] * 3 + [False] * 3


def test_a_fitness_that_is_not_finite_fails_the_policy_whose_episode_it_is_in_and_no_other(counter_env, make_task, tmp_path):
    (tmp_path / "f.py").write_text("import numpy as np\ndef f(count):\n    return np.where(count > 3.5, np.nan, count)\n")
    task = make_task(value=f"{tmp_path / 'f.py'}:f")
    acts, seeds = [lambda o: np.full((2, 1), 0.5), lambda o: np.ones((2, 1))], [[0, 1], [-3, 1]]
    good, bad = evaluate_policies(make(counter_env, task, 4, max_episode_steps=5), acts, seeds, "sum", 8)
    assert good.error is None and good.fitness.tolist() == [0.5 + 1 + 1.5 + 2 + 2.5, 1.5 + 2 + 2.5 + 3 + 3.5]
    assert bad.error.code == "fitness" and "f.py:f is nan at step 3 of evaluation episode 1; expected" in bad.error.message
    assert bad.length.tolist() == [5, 3]  # it is not driven on from there
    with pytest.raises(RewardFailed, match="is nan at step 3 of evaluation episode 1"):
        evaluate_policy(make(counter_env, task, 2, max_episode_steps=5), acts[1], seeds[1], "sum", 8)


def test_one_seed_per_row_is_asked_for(counter_env, make_task):
    with pytest.raises(PluginContractError, match="2 seeds for 3 rows"):
        evaluate_policy(make(counter_env, make_task(), 3), lambda o: o, [0, 1], "sum", 8)


@pytest.mark.parametrize(("length", "rows"), [(1, 8), (8, 8), (9, 8), (1000, 8), (999, 100), (17, 1)])
def test_thinning_is_even_bounded_and_keeps_the_last_step(length, rows):
    steps = thin(length, rows)
    assert 1 <= len(steps) <= rows and steps[-1] == length and steps[0] >= 1
    assert len(set(np.diff(steps))) <= 1
    assert thin(length, 0).tolist() == []


def test_rows_fit_the_byte_budget_within_bounds():
    assert rows_within({"a": ()}, 10) == 100
    assert rows_within({"a": (1000,)}, 10_000) == 8
    rows = rows_within({"a": (60,), "b": ()}, 1000, max_bytes=4_000_000)
    assert 8 < rows < 100 and rows * 1000 * (61 * 4 + 8) <= 4_000_000


def test_a_log_joins_checkpoints_into_what_transitions_npz_holds(counter_env, make_task, tmp_path):
    task = make_task({"pair": "obs[0:2]", "action": "action"})
    recorder = make(counter_env, task, 2, top=5.0)
    log = TransitionLog(all_names(task))
    for checkpoint, seeds in ((1, [0, 3]), (4, [4, 2])):
        log.add(checkpoint, evaluate_policy(recorder, lambda o: np.ones((2, 1)), seeds, "last", 100))
    save_transitions(tmp_path / "transitions.npz", log.joined())
    loaded = load_transitions([tmp_path / "transitions.npz"])
    assert loaded.episode_checkpoint.tolist() == [1, 1, 4, 4]
    assert loaded.episode_length.tolist() == [5, 2, 1, 3]
    assert loaded.episode.tolist() == [0] * 5 + [1] * 2 + [2] + [3] * 3
    assert loaded.variables["pair"].shape == (11, 2) and tuple(loaded.variables) == all_names(task)
    assert loaded.episode.dtype == loaded.step.dtype == loaded.episode_checkpoint.dtype == np.int32
