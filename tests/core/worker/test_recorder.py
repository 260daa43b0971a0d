import numpy as np
import pytest

from eureka.errors import ConfigError, PluginContractError, RewardFailed
from eureka.worker.finite import check_fitness
from eureka.worker.recorder import Recorder, all_names, raw_sources


def record(counter_env, task, names, seeds, actions, **env):
    recorder = Recorder(counter_env(len(seeds), **env).read(raw_sources(task, names)), task, names)
    recorder.reset(seeds)
    for action in actions:
        recorder.step(np.broadcast_to(action, (len(seeds), 1)))
    return recorder.take()


def test_prev_is_the_reset_state_on_the_first_step_of_every_episode(counter_env, make_task):
    names = ("count", "prev_count", "action", "prev_action", "terminated")
    recorded = record(counter_env, make_task(), names, [0, 1], [[0.5], [1.0], [1.0], [1.0]], top=2.5)
    v = recorded.variables
    # Row 0: 0 → .5 → 1.5 → 2.5 (terminal) → reset to 0 → 1. Row 1: 1 → 1.5 → 2.5 (terminal) → reset to 1 → 2 → 3 (terminal).
    assert v["count"].T.tolist() == [[0.5, 1.5, 2.5, 1.0], [1.5, 2.5, 2.0, 3.0]]
    assert v["prev_count"].T.tolist() == [[0.0, 0.5, 1.5, 0.0], [1.0, 1.5, 1.0, 2.0]]
    assert v["prev_action"][:, :, 0].T.tolist() == [[0.0, 0.5, 1.0, 0.0], [0.0, 0.5, 0.0, 1.0]]
    assert v["terminated"].T.tolist() == [[0, 0, 1, 0], [0, 1, 0, 1]]
    assert v["action"].shape == (4, 2, 1) and v["terminated"].dtype == np.float64
    assert recorded.terminated.T.tolist() == [[False, False, True, False], [False, True, False, True]]


def test_action_is_what_was_applied_after_clipping(counter_env, make_task):
    recorded = record(counter_env, make_task(), ("action",), [0], [[7.0]])
    assert recorded.variables["action"].tolist() == [[[1.0]]]
    assert recorded.native.tolist() == [[-1.0]]


def test_truncation_resets_what_is_held_too(counter_env, make_task):
    recorded = record(counter_env, make_task(), ("prev_count", "prev_action"), [5], [[1.0]] * 3, max_episode_steps=2)
    assert recorded.variables["prev_count"].ravel().tolist() == [5, 6, 5]
    assert recorded.variables["prev_action"].ravel().tolist() == [0, 1, 0]
    assert recorded.truncated.ravel().tolist() == [False, True, False]


def test_a_value_only_a_step_gives_is_zero_before_the_first(counter_env, make_task):
    task = make_task({"x": "info.x"})
    recorded = record(counter_env, task, ("x", "prev_x"), [0], [[1.0]] * 3, max_episode_steps=2)
    assert recorded.variables["x"].ravel().tolist() == [10, 10, 10]
    assert recorded.variables["prev_x"].ravel().tolist() == [0, 10, 0]


def test_length_counts_this_step_and_starts_again_with_an_episode(counter_env, make_task):
    task = make_task({"age": "length", "push": "action"}, value="length")
    recorded = record(counter_env, task, ("age", "prev_age", "push"), [0], [[1.0]] * 4, max_episode_steps=2)
    assert recorded.variables["age"].ravel().tolist() == [1, 2, 1, 2]
    assert recorded.variables["prev_age"].ravel().tolist() == [0, 1, 0, 1]
    assert recorded.fitness.ravel().tolist() == [1, 2, 1, 2]
    assert recorded.variables["push"].shape == (4, 1, 1)


def test_function_variables_use_variables_declared_before_and_have_a_prev(counter_env, make_task, tmp_path):
    file = tmp_path / "tasks.py"
    file.write_text(
        "import numpy as np\n"
        "def double(count): return 2 * count\n"
        "def both(twice, count): return np.stack([twice, count], axis=1)\n"
        "def gain(count, prev_count, native): return count - prev_count + 0 * native\n"
    )
    task = make_task({"twice": f"{file}:double", "both": f"{file}:both", "count": "obs[0]"}, value=f"{file}:gain")
    assert raw_sources(task, ["both"]) == {"count": "obs[0]"}
    recorded = record(counter_env, task, ("both", "prev_both", "prev_twice"), [3], [[1.0]] * 3, max_episode_steps=2)
    assert recorded.variables["both"][:, 0].tolist() == [[8, 4], [10, 5], [8, 4]]
    assert recorded.variables["prev_both"][:, 0].tolist() == [[6, 3], [8, 4], [6, 3]]
    assert recorded.variables["prev_twice"].ravel().tolist() == [6, 8, 6]
    assert recorded.fitness.ravel().tolist() == [1, 1, 1]


def test_raw_sources_hold_only_what_is_needed_and_the_fitness_under_its_own_name(make_task):
    task = make_task({"count": "obs[0]", "pair": "obs[0:2]", "action": "action"}, value="info.x")
    assert raw_sources(task, ["prev_pair", "action"]) == {"pair": "obs[0:2]", "fitness:value": "info.x"}
    assert raw_sources(task, []) == {"fitness:value": "info.x"}
    assert raw_sources(make_task(value="native"), []) == {}


def test_all_names_lists_variables_their_prev_and_terminated_unless_it_means_success(make_task):
    assert all_names(make_task()) == ("count", "action", "prev_count", "prev_action", "terminated")
    assert "terminated" not in all_names(make_task(terminated_is_success=True))


@pytest.mark.parametrize(
    ("variables", "names", "words"),
    [
        (None, ["cuont"], ["cuont", "Did you mean 'count'"]),
        (None, ["prev_terminated"], ["prev_terminated", "Valid: count"]),
        ({"n": "native"}, ["n"], ["variables.n.from", "fitness.value only"]),
    ],
)
def test_a_name_that_cannot_be_recorded_is_a_config_error(make_task, variables, names, words):
    with pytest.raises(ConfigError) as error:
        raw_sources(make_task(variables), names)
    assert all(word in str(error.value) for word in words)


def test_terminated_cannot_be_recorded_where_it_means_success(make_task):
    with pytest.raises(ConfigError, match="terminated"):
        raw_sources(make_task(terminated_is_success=True), ["terminated"])


def test_rows_share_the_steps_and_flat_goes_step_by_step(counter_env, make_task):
    recorded = record(counter_env, make_task({"pair": "obs[0:2]"}), ("pair",), [0, 10, 20], [[1.0]] * 2)
    assert (recorded.num_steps, recorded.num_envs) == (2, 3)
    assert recorded.variables["pair"].flags.c_contiguous
    assert recorded.flat("pair")[:, 0].tolist() == [1, 11, 21, 2, 12, 22]
    share = recorded.rows(slice(1, 3))
    assert (share.num_steps, share.num_envs) == (2, 2)
    assert share.flat("pair").tolist() == [[11, -11], [21, -21], [12, -12], [22, -22]]
    assert share.flat("pair").flags.c_contiguous and share.fitness.shape == (2, 2)


def test_what_was_taken_is_never_written_again_and_buffers_grow(counter_env, make_task):
    task = make_task()
    recorder = Recorder(counter_env(1).read(raw_sources(task, ["count"])), task, ["count"])
    recorder.reset([0])
    for _ in range(200):
        recorder.step(np.ones((1, 1)))
    first = recorder.take()
    kept = first.flat("count").copy()
    for _ in range(300):
        recorder.step(np.ones((1, 1)))
    assert recorder.take().flat("count").tolist() == list(range(201, 501))
    assert first.flat("count").tolist() == kept.tolist() == list(range(1, 201))
    with pytest.raises(PluginContractError, match="no step"):
        recorder.take()


def test_a_saved_recorder_goes_on_exactly(counter_env, make_task, tmp_path):
    names = ("count", "prev_count", "prev_action", "terminated")
    task = make_task(fold="max", value="obs[0]")

    def fresh():
        return Recorder(counter_env(2, top=5.0, max_episode_steps=7).read(raw_sources(task, names)), task, names)

    def go(recorder, actions):
        for action in actions:
            recorder.step(np.full((2, 1), action))
        return recorder.take()

    one = fresh()
    one.reset([0, 2])
    go(one, [0.5, 0.5, -1])
    assert one.save_state(tmp_path / "state")
    two = fresh()
    two.load_state(tmp_path / "state")
    actions = [1, 1, -0.5, 1, 1, 1, 1]
    a, b = go(one, actions), go(two, actions)
    assert all(np.array_equal(a.variables[n], b.variables[n]) for n in names)
    assert np.array_equal(a.fitness_reward, b.fitness_reward) and np.array_equal(a.truncated, b.truncated)


def test_saving_says_no_when_the_simulator_does_and_refuses_to_lose_steps(counter_env, make_task, tmp_path):
    recorder = Recorder(counter_env(1, top=-1).read({"count": "obs[0]", "fitness:value": "obs[0]"}), make_task(), ["count"])
    recorder.reset([-100])
    assert recorder.save_state(tmp_path / "state") is False
    recorder.step(np.ones((1, 1)))
    with pytest.raises(PluginContractError, match="take"):
        recorder.save_state(tmp_path / "state")


FUNCTIONS = """
import numpy as np

def short(count):
    return np.where(count > 2.5, np.inf, count)

def twice(count):
    assert np.isfinite(count).all()
    return 2 * count
"""


def go(recorder, actions, active=None):
    """Each row pushed by its own number at every step; what was recorded."""
    for action in np.asarray(actions, float):
        recorder.step(action[:, None], active)
    return recorder.take()


@pytest.fixture
def new(counter_env, make_task, tmp_path):
    """A recorder over counters, with a function as variable and one as fitness, which is infinite beyond a count of 2.5."""
    (tmp_path / "tasks.py").write_text(FUNCTIONS)
    functions = {"count": "obs[0]", "double": f"{tmp_path / 'tasks.py'}:twice", "action": "action"}
    task = make_task(functions, value=f"{tmp_path / 'tasks.py'}:short", fold="max")

    def new(rows, names=("count", "prev_count", "double", "prev_double", "prev_action", "terminated"), **env):
        return Recorder(counter_env(rows, **env).read(raw_sources(task, names)), task, names)

    return new


def equal(one, other, names=None):
    pairs = [(one.variables[name], other.variables[name]) for name in names or one.variables]
    fields = ("native", "fitness", "fitness_reward", "terminated", "truncated")
    return all(np.array_equal(a, b) for a, b in [*pairs, *((getattr(one, f), getattr(other, f)) for f in fields)])


def test_a_row_whose_fitness_is_not_finite_rests_and_the_others_record_what_they_would_alone(new):
    together, alone = new(3, max_episode_steps=4), new(2, max_episode_steps=4)
    together.reset([0, 1, -5])
    alone.reset([0, -5])
    pushes = np.array([[0.25, 1.0, 0.5]] * 6)
    for step in range(6):
        seen = together.step(pushes[step][:, None])
        assert seen.observations[1] == ([2.0] if step == 0 else [0.0])
    assert together.lost.tolist() == [False, True, False] and together.env.active[2:][0].tolist() == [True, False, True]
    recorded = together.take()
    assert recorded.fitness[:, 1].tolist() == [2, np.inf, 0, 0, 0, 0] and not recorded.truncated[:, 1].any()
    assert equal(recorded.rows(slice(0, 3, 2)), go(alone, pushes[:, ::2]))
    assert together.reset([0, 1, 2]).observations.tolist() == [[0], [1], [2]] and together.lost is None


def test_a_fitness_that_is_not_finite_is_found_in_the_rows_it_is_in_with_its_place(new):
    recorder = new(4)
    recorder.reset([0, 0, 0, 1])
    recorded = go(recorder, [[0.5, 0.5, 0.5, 1.0]] * 3)
    check_fitness(recorder.task, recorded.rows(slice(0, 2)))
    with pytest.raises(RewardFailed, match=r"^fitness.value: .*:short is inf at environment step 1,004 \(row 1\); expected") as caught:
        check_fitness(recorder.task, recorded.rows(slice(2, 4)), before=1000)
    assert (caught.value.code, caught.value.row) == ("fitness", 3)


def test_no_function_sees_what_the_simulator_leaves_in_rows_that_rest(new):
    recorder = new(2, max_episode_steps=2)  # the counter leaves NaN there
    recorder.reset([0, 1])
    recorded = go(recorder, [[0.5, 0.5]] * 3, np.array([True, False]))
    assert recorded.variables["double"][:, 0].tolist() == [1, 2, 1] and np.isfinite(recorded.fitness).all()


def test_rows_saved_by_two_cohorts_go_on_in_a_third_exactly_whatever_else_was_recorded_there(new, tmp_path):
    """Trial A takes `count` and its `prev_`, trial B the function's `prev_` and the action's; each was in a cohort with a stranger."""
    names_a, names_b = ("count", "prev_count", "terminated"), ("double", "prev_double", "prev_action", "count")
    pushes_a, pushes_b = np.full((5, 2), 0.5), np.array([[-0.25, 0.75]] * 5)
    ones = np.ones((5, 1))
    first, second = new(3, names_a, max_episode_steps=3), new(3, names_b, max_episode_steps=3)
    first.reset([-9, 0, 1])
    go(first, np.hstack([ones, pushes_a]))
    assert first.save_state(tmp_path / "a", slice(1, 3))
    second.reset([0, -2, -9])
    go(second, np.hstack([pushes_b, ones]))
    assert second.save_state(tmp_path / "b", slice(0, 2))

    third = new(4, max_episode_steps=3)
    third.load_state(tmp_path / "b", slice(2, 4))
    third.load_state(tmp_path / "a", slice(0, 2))
    both = go(third, np.hstack([pushes_a, pushes_b]))
    assert equal(both.rows(slice(0, 2)), go(first, np.hstack([ones, pushes_a])).rows(slice(1, 3)), names_a)
    assert equal(both.rows(slice(2, 4)), go(second, np.hstack([pushes_b, ones])).rows(slice(0, 2)), names_b)
