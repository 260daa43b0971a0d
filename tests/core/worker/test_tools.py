"""What core does for a trainer, with real reward processes: who fails alone, how that is told, and what no reward can reach."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import shutil
import signal
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from eureka.errors import IsolationMissing, RewardFailed
from eureka.job_types import EvaluateJob, TrainJob
from eureka.training import Policy
from eureka.types import Budget, Task, TrainResult, Trial, VariableSpec
from eureka.worker import checkpoint_evaluation, remeasure, train
from eureka.worker.components import worker_hooks
from eureka.worker.protocol import Events
from eureka.worker.reward_client import RewardHost, RewardLimits, RewardProcess
from eureka.worker.tools import Tools
from eureka.worker.zygote_client import Zygote

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reward processes need Linux")

PARTS = Path(__file__).parents[1] / "fakes" / "parts.py"
IMPATIENT = RewardLimits(wall_factor=1.0, wall_s=1.0, cpu_s=0.3)


def program(*body: str, arguments: str = "x") -> str:
    return f"import numpy as np\n\nCALLS = []\n\ndef compute_reward({arguments}):\n" + "".join(f"    {line}\n" for line in body)


def late(*body: str) -> str:
    """Sound for three rollouts."""
    return program("CALLS.append(0)", "if len(CALLS) > 3:", *(f"    {line}" for line in body), "return -abs(x), {'near': -abs(x)}")


NEAR = program("return -abs(x), {'near': -abs(x)}")


@pytest.fixture
def limits():
    return RewardLimits(memory=300 << 20, cpu_s=0.3)


@pytest.fixture
def processes(monkeypatch, limits):
    """The reward processes that tools start, within `limits`."""
    started: list[RewardProcess] = []

    class Watched(RewardHost):
        def start(self, *arguments):
            started.append(super().start(*arguments))
            return started[-1]

    monkeypatch.setattr("eureka.worker.tools.RewardHost", functools.partial(Watched, limits))
    monkeypatch.setattr("eureka.worker.reward_client._MEMORY_BYTES", 1 << 16)  # little to search through
    return started


@pytest.fixture
def make_job(tmp_path):
    """A cohort of the hill climber: {id: code, or `human` or `fitness`}, each for 10 rollouts of 20 steps."""

    def make(rewards, human="native", value="native", start=0, checkpoints=5):
        task = {
            "name": "point",
            "description": "Go to zero.",
            "sim": f"{PARTS}:PointSim",
            "variables": {"x": {"from": "x"}, "action": {"from": "action"}},
            "fitness": {"value": value, "fold": "mean"},
            "human": human,
        }
        trials = []
        for id_, reward in rewards.items():
            trusted = reward in ("human", "fitness")
            before = f"trials/{id_}/0" if start else None
            trials.append(
                Trial(
                    id=id_,
                    reward=reward if trusted else "candidate",
                    code="" if trusted else reward,
                    seed=7,
                    dir=f"trials/{id_}/{bool(start):d}",
                    start=before,
                )
            )
            if before:
                (tmp_path / before).mkdir(parents=True)
                result = TrainResult(trial=id_, dir=before, spec="", status="ok", reached=start)
                (tmp_path / before / "result.json").write_text(result.model_dump_json())
        return TrainJob(
            run_dir=tmp_path,
            task=Task.model_validate(task),
            trainer=f"{PARTS}:HillClimber",
            trials=tuple(trials),
            budget=Budget(start=start, end=start + 200, total=start + 200, checkpoints=checkpoints, episodes=3),
            isolation="require",
            specs={id_: f"spec of {id_}" for id_ in rewards},
        )

    return make


def directory(job) -> Path:
    number = len(list(job.run_dir.glob("job*")))
    (job.run_dir / f"job{number}").mkdir()
    return job.run_dir / f"job{number}"


def run(job):
    """Do the job in this process. Its result, and each trial's."""
    folder = directory(job)
    done = train.run(job, folder, Events(folder))
    return done, results(job)


def results(job) -> dict[str, TrainResult]:
    paths = {trial.id: job.run_dir / trial.dir / "result.json" for trial in job.trials}
    return {id_: TrainResult.model_validate_json(path.read_bytes()) for id_, path in paths.items() if path.exists()}


@contextlib.contextmanager
def tools_of(job):
    folder = directory(job)
    tools = Tools(job, folder, Events(folder), worker_hooks(job.task, job.trainer))
    try:
        yield tools
    finally:
        tools.close()


def rollout(tools, trial, steps=5):
    """`steps` of 4 rows that stay where they were reset to."""
    env = tools.make_env(4)
    env.reset(tools.row_seeds(trial, 4))
    for _ in range(steps):
        env.step(np.zeros((4, 1)))
    return env.take()


FAILING = {
    "raises": (late("return x / nothing, {}"), "error", "after 80 environment steps: NameError: name 'nothing' is not defined"),
    "misshapen": (late("return x[:3], {'near': x}"), "contract", "after 80 environment steps: total has shape (3,); expected (20,)"),
    "not a number": (late("x = x * np.nan"), "non_finite", 'component "near" is nan in row 0 of 20'),
    "endless": (late("while True: pass"), "timeout", "CPU time"),
    "greedy": (late("x = np.ones(10**11)[:20]"), "memory", "Unable to allocate"),
    # 50 MB a call, as a list that grows does; the limit is 300 MB.
    "leaking": (program("CALLS.append(np.zeros(6_553_600))", "return -abs(x), {'near': -abs(x)}"), "memory", "Unable to allocate"),
    "unloadable": (NEAR + "\nnear = nothing\n", "error", "NameError: name 'nothing' is not defined"),
    "mistaken": (program("return y, {'near': y}", arguments="y"), "contract", "y"),
}


def test_each_failing_candidate_of_a_cohort_fails_alone_for_its_own_reason_and_the_others_train_as_ever(processes, make_job):
    job = make_job({"first": NEAR, **{id_: code for id_, (code, _, _) in FAILING.items()}, "last": NEAR})
    done, each = run(job)
    assert (done.status, done.faults) == ("ok", {})
    for id_, (_, code, words) in FAILING.items():
        error = each[id_].error
        assert (id_, each[id_].status, error.code) == (id_, "failed", code)
        assert words in error.message, error.message
    assert [each[id_].steps for id_ in ("raises", "greedy", "unloadable")] == [80, 80, 20]
    assert 100 <= each["leaking"].steps <= 140
    assert len(each["raises"].checkpoints) == 1  # what it had reached is kept
    _, alone = run(make_job({"alone": NEAR}))
    assert each["first"].status == "ok" and len(each["first"].checkpoints) == 5
    assert each["first"].checkpoints == each["last"].checkpoints == alone["alone"].checkpoints


def test_the_level_of_isolation_that_held_is_in_each_result(processes, make_job):
    _, each = run(make_job({"good": NEAR, "bad": late("raise ValueError"), "unloadable": "1 / 0", "human": "human", "sparse": "fitness"}))
    level = processes[0].isolation
    assert level and level != "trusted"
    assert {id_: result.isolation for id_, result in each.items()} == {
        "good": level,
        "bad": level,
        "unloadable": "",
        "human": "trusted",
        "sparse": "trusted",
    }


@pytest.mark.parametrize("start", [0, 1040])
def test_a_value_that_is_not_finite_names_its_environment_step_and_what_the_reward_was_given_there(processes, make_job, start):
    names = "prev_x, action, x"
    code = program("n = np.zeros(len(x))", "n[13] = np.inf if len(CALLS) else 0", "CALLS.append(0)", "return x, {'n': n}", arguments=names)
    with tools_of(make_job({"a": code, "b": NEAR}, start=start)) as tools:
        tools.rewards("a", rollout(tools, "a"))
        again = rollout(tools, "a")
        with pytest.raises(RewardFailed) as caught:
            tools.rewards("a", again)
        x = again.variables["x"][3, 1]  # row 13 of 5 steps of 4 rows
        place = f"environment step {start + 20 + 14:,}, where prev_x = {x:.6g}, action = 0, x = {x:.6g}"
        assert caught.value.message == f'component "n" is inf in row 13 of 20; expected finite numbers; that row is {place}'
        tools.failed("a", caught.value)
        assert len(tools.rewards("b", again)) == 5
    result = results(tools._job)["a"]
    assert (result.error.message, result.steps, result.reached) == (caught.value.message, 40, start + 40)


@pytest.mark.parametrize("limits", [IMPATIENT])
def test_a_reward_process_that_is_killed_fails_its_candidate_and_one_that_is_starved_is_the_machines_fault(processes, make_job):
    with tools_of(make_job({"killed": NEAR, "starved": NEAR, "good": NEAR})) as tools:
        for trial in ("killed", "starved", "good"):
            tools.rewards(trial, rollout(tools, trial))
        for trial, process, number in (("killed", processes[0], signal.SIGKILL), ("starved", processes[1], signal.SIGSTOP)):
            os.kill(process.pid, number)
            with pytest.raises(RewardFailed) as caught:
                tools.rewards(trial, rollout(tools, trial))
            tools.failed(trial, caught.value)
        assert len(tools.rewards("good", rollout(tools, "good"))) == 5
        assert tools.unfinished == ["good"]
        assert tools.faults == {"starved": "the reward process got too little CPU time to answer"}
        each = results(tools._job)
    assert list(each) == ["killed"]  # without a result the host tries the other again
    assert each["killed"].error.code == "killed" and "after 40 environment steps: " in each["killed"].error.message


def test_isolation_that_is_missing_ends_the_job_and_is_held_against_nobody(monkeypatch, make_job):
    class Unconfined(RewardHost):
        def start(self, *arguments):
            raise IsolationMissing("no seccomp here")

    monkeypatch.setattr("eureka.worker.tools.RewardHost", Unconfined)
    job = make_job({"a": NEAR, "b": NEAR})
    with pytest.raises(IsolationMissing, match="no seccomp here"):
        run(job)
    assert results(job) == {}


# ── Trials stepped and evaluated as one batch ────────────────────────────────────────────────────────────────────────


def policy(gain: float) -> Policy:
    return Policy(act=lambda obs: np.cos(gain * np.asarray(obs)), save=lambda path: (path / "gain").write_text(repr(gain)))


GAINS = {"a": 0.1, "b": 0.7, "c": 1.3}


def act_together(observations):
    return np.stack([policy(gain).act(block) for gain, block in zip(GAINS.values(), observations, strict=True)])


def saved(job, trial):
    with np.load(job.run_dir / f"trials/{trial}/0/transitions.npz") as archive:
        return {name: archive[name].tobytes() for name in archive.files}


@pytest.mark.parametrize("way", ["one by one", "all in one call", "in what memory allows"])
def test_policies_evaluated_as_one_batch_get_the_checkpoints_each_gets_alone(make_job, tmp_path, monkeypatch, way):
    made = []
    make = checkpoint_evaluation.make_recorder
    monkeypatch.setattr(checkpoint_evaluation, "make_recorder", lambda *of: made.append(make(*of)) or made[-1])
    alone, files = {}, {}
    for id_, gain in GAINS.items():
        job = make_job({id_: "human"})
        with tools_of(job) as tools:
            for steps in (40, 60, 200):
                assert tools.after_update(steps, {id_: policy(gain)}) == {}
            tools.finished(id_, lambda path: None)
        alone[id_], files[id_] = results(job)[id_], saved(job, id_)
    assert [env.num_envs for env in made] == [3, 3, 3] and len({repr(result.checkpoints) for result in alone.values()}) == 3
    shutil.rmtree(tmp_path / "trials")
    made.clear()
    if way == "in what memory allows":  # a step takes 5 numbers and 26 bytes, an episode has 10
        monkeypatch.setattr(checkpoint_evaluation, "_RECORDED_BYTES", 2 * 3 * 10 * (5 * 8 + 26))
    job = make_job(dict.fromkeys(GAINS, "human"))
    with tools_of(job) as tools:
        for steps in (40, 60, 200):
            policies = {id_: policy(gain) for id_, gain in GAINS.items()}
            assert tools.after_update(steps, policies, act_together if way == "all in one call" else None) == {}
        for id_ in GAINS:
            tools.finished(id_, lambda path: None)
    assert [env.num_envs for env in made] == [1, 6 if way == "in what memory allows" else 9]
    for id_, result in results(job).items():
        assert result.checkpoints == alone[id_].checkpoints and result.evaluation_steps == alone[id_].evaluation_steps
        assert saved(job, id_) == files[id_]


def test_trials_that_are_not_due_and_those_that_failed_are_not_evaluated_and_their_time_is_not_training(make_job):
    class Slow:
        """Takes a twentieth of a second for each of an episode's ten steps."""

        def __call__(self, observations):
            time.sleep(0.05)
            return np.zeros((3, 1))

    job = make_job(dict.fromkeys("abc", "human"), checkpoints=2)
    with tools_of(job) as tools:
        tools.after_update(20, {id_: policy(1) for id_ in "abc"})
        tools.failed("c", RewardFailed("error", "nothing"))
        tools.after_update(100, {"a": Policy(act=Slow(), save=lambda path: None)})
        for id_ in "ab":
            tools.finished(id_, lambda path: None)
    a, b, c = (results(job)[id_] for id_ in "abc")
    assert [len(result.checkpoints) for result in (a, b, c)] == [1, 0, 0]
    ((began, ended),) = a.evaluation_intervals
    assert ended - began > 0.5 and b.evaluation_intervals == c.evaluation_intervals == ()
    assert [(interval[1], following[0]) for interval, following in zip(b.training_intervals, b.training_intervals[1:], strict=False)] == [
        (began, ended)
    ]


def test_a_fitness_that_is_not_finite_fails_the_trial_whose_rows_it_is_in_and_no_other(processes, make_job, tmp_path):
    (tmp_path / "f.py").write_text("import numpy as np\n\ndef f(x):\n    return np.where(x > 1, np.nan, x)\n")

    def rewards(trials, pushes):
        """What each trial's reward gives for a rollout in which all are stepped as one batch of four rows each."""
        job = make_job(dict.fromkeys(trials, NEAR), value=f"{tmp_path / 'f.py'}:f")
        shutil.rmtree(tmp_path / "trials", ignore_errors=True)
        given = {}
        with tools_of(job) as tools:
            env = tools.make_env(4 * len(trials))
            env.reset([seed for id_ in trials for seed in tools.row_seeds(id_, 4)])
            for _ in range(8):
                env.step(np.repeat(pushes, 4)[:, None])
            recorded = env.take()
            for index, id_ in enumerate(trials):
                try:
                    given[id_] = tools.rewards(id_, recorded.rows(slice(4 * index, 4 * index + 4)))
                except RewardFailed as error:
                    tools.failed(id_, error)
        return given, results(job)

    together, each = rewards(("bad", "good"), [1.0, -0.5])
    assert list(together) == ["good"] and together["good"].tolist() == rewards(("good",), [-0.5])[0]["good"].tolist()
    error = each["bad"].error
    assert (error.code, each["bad"].steps) == ("fitness", 32)
    assert re.fullmatch(r"fitness.value: .*f.py:f is nan at environment step \d+ \(row \d\); expected a finite number. .*", error.message)


def test_a_variable_that_a_function_of_the_task_makes_not_finite_fails_who_takes_it_where_it_is_and_no_other(processes, make_job, tmp_path):
    (tmp_path / "f.py").write_text("import numpy as np\n\ndef f(x):\n    return np.where(x > 1, np.nan, x)\n")
    takes_it = "import numpy as np\n\ndef compute_reward(far):\n    return -far, {'far': -far}\n"
    job = make_job({"bad": takes_it, "good": takes_it, "blind": NEAR})
    far = VariableSpec.model_validate({"from": f"{tmp_path / 'f.py'}:f"})
    job = job.model_copy(update={"task": job.task.model_copy(update={"variables": {**job.task.variables, "far": far}})})
    failed = {}
    with tools_of(job) as tools:
        env = tools.make_env(12)
        env.reset([seed for id_ in ("bad", "good", "blind") for seed in tools.row_seeds(id_, 4)])
        for _ in range(8):
            env.step(np.repeat([1.0, -0.5, 1.0], 4)[:, None])
        recorded = env.take()
        for index, id_ in enumerate(("bad", "good", "blind")):
            try:
                tools.rewards(id_, recorded.rows(slice(4 * index, 4 * index + 4)))
            except RewardFailed as error:
                failed[id_] = error
    assert list(failed) == ["bad"] and failed["bad"].code == "non_finite"
    assert "where the variable far is not finite either" in failed["bad"].message


def test_a_policy_that_drives_the_fitness_out_of_bounds_is_told_of_and_recorded_even_by_a_trainer_that_does_not_listen(make_job, tmp_path):
    (tmp_path / "f.py").write_text("import numpy as np\n\ndef f(x):\n    return np.where(x > 1, np.inf, x)\n")
    wild, tame = (Policy(act=act, save=lambda path: None) for act in (np.ones_like, np.zeros_like))
    job = make_job({"wild": "human", "tame": "human"}, value=f"{tmp_path / 'f.py'}:f")
    with tools_of(job) as tools:
        for steps in (40, 80):  # told again as long as it is there
            failures = tools.after_update(steps, {"wild": wild, "tame": tame})
            assert list(failures) == ["wild"] and failures["wild"].code == "fitness"
        tools.finished("wild", lambda path: None)
        tools.finished("tame", lambda path: None)
    each = results(job)
    assert each["wild"].status == "failed" and each["wild"].checkpoints == () and each["wild"].evaluation_steps > 0
    assert re.match(r"after 40 environment steps: fitness.value: .*f.py:f is inf at step \d+ of evaluation", each["wild"].error.message)
    assert each["tame"].status == "ok" and len(each["tame"].checkpoints) == 2


# ── Fitness cannot be reached ────────────────────────────────────────────────────────────────────────────────────────


def test_evaluation_starts_no_reward_process(monkeypatch, processes, make_job):
    forks: list[int] = []
    fork = Zygote.fork
    monkeypatch.setattr(Zygote, "fork", lambda self, *arguments: (forks.append(0), fork(self, *arguments))[1])
    job = make_job({"candidate": NEAR, "human": "human"})
    _, each = run(job)
    assert [len(result.checkpoints) for result in each.values()] == [5, 5] and len(forks) == 1  # the candidate's own, in training
    folder, trial = directory(job), job.trials[0]
    evaluate = EvaluateJob(
        run_dir=job.run_dir, task=job.task, trainer=job.trainer, checkpoints=((trial.dir, job.specs[trial.id]),), seeds=(1, 2)
    )
    assert len(remeasure.run(evaluate, folder, Events(folder)).fresh[0].fitness) == 2
    assert len(forks) == 1


def test_a_policy_that_fails_on_fresh_episodes_fails_alone(make_job, tmp_path):
    (tmp_path / "f.py").write_text("import numpy as np\n\ndef f(x):\n    return np.where(abs(x) > 1, np.inf, -abs(x))\n")
    job = make_job({"wild": "human", "tame": "human"})
    run(job)
    for trial, gain in zip(job.trials, ("50.0", "-5.0"), strict=True):
        (job.run_dir / trial.dir / "checkpoint" / "gain").write_text(gain)
    fitness = job.task.fitness.model_copy(update={"value": f"{tmp_path / 'f.py'}:f"})
    evaluate = EvaluateJob(
        run_dir=job.run_dir,
        task=job.task.model_copy(update={"fitness": fitness}),
        trainer=job.trainer,
        checkpoints=tuple((trial.dir, job.specs[trial.id]) for trial in job.trials),
        seeds=(1, 2),
    )
    folder = directory(job)
    wild, tame = remeasure.run(evaluate, folder, Events(folder)).fresh
    assert wild.fitness == () and wild.error.code == "fitness" and wild.steps > 0
    assert re.match(r"on fresh episodes: fitness.value: .*f.py:f is inf at step \d+ of evaluation episode", wild.error.message)
    assert tame.error is None and np.isfinite(tame.fitness).all() and len(tame.fitness) == 2


FITNESS = "import numpy as np\n\ndef value(x):\n    return 3.0 - 1.7 * abs(x)\n"
HUMAN = "def compute_reward(x):\n    return 5.0 - 2.3 * abs(x), {'near': -abs(x)}\n"


def test_a_reward_process_maps_its_arguments_and_nothing_else_of_a_step(monkeypatch, processes, make_job, tmp_path):
    (tmp_path / "fitness.py").write_text(FITNESS)
    (tmp_path / "human.py").write_text(HUMAN)
    near = "return -abs(x), {'near': -abs(x)}"
    job = make_job(
        {"x": program(near), "action": program("return action[:, 0], {'a': action[:, 0]}", arguments="action"), "human": "human"},
        human=str(tmp_path / "human.py"),
        value=f"{tmp_path / 'fitness.py'}:value",
    )
    taken: list[tuple[set[str], set[bytes]]] = []  # of each call: the names it was given, and every number the process can read
    call = RewardProcess.call

    def spied(self, variables):
        answer = call(self, variables)
        held = b"".join(memory.map[:] for memory in (self._inputs, self._outputs))
        taken.append((set(variables), {held[i : i + 8] for i in range(0, len(held), 8)}))
        return answer

    monkeypatch.setattr(RewardProcess, "call", spied)
    with tools_of(job) as tools:
        steps = {trial: rollout(tools, trial) for trial in ("x", "action", "human")}
        for trial, transitions in steps.items():
            human = tools.rewards(trial, transitions)
    (names_x, numbers_x), (names_action, numbers_action) = taken
    assert (names_x, names_action) == ({"x"}, {"action"})
    transitions = steps["x"]  # all trials have one seed, and so the same steps
    secret = (transitions.fitness, transitions.fitness_reward[-1], human)
    assert all(number(array).isdisjoint(numbers_x | numbers_action) for array in secret)
    assert number(transitions.variables["x"]) <= numbers_x  # so would be found what is there
    assert number(transitions.variables["x"]).isdisjoint(numbers_action)
    assert number(transitions.native) <= numbers_x and number(transitions.native).isdisjoint(numbers_action)  # it computed -|x| itself


def number(array) -> set[bytes]:
    return {value.tobytes() for value in np.asarray(array).ravel() if value != 0}


HOSTILE = """
import mmap, sys
import numpy as np

def compute_reward(x):
    held = [value for value in vars(sys._getframe(3).f_locals["self"]).values() if isinstance(value, mmap.mmap)]
    for array in (x, *map(np.frombuffer, held)):
        try:
            array.flags.writeable = True
            array.view(np.float64)[:] = 1e9
        except ValueError:
            pass
    return -abs(x), {'near': -abs(x)}
"""


def test_a_candidate_that_writes_wherever_it_can_gets_the_fitness_curve_of_the_same_reward_in_trusted_hands(processes, make_job, tmp_path):
    (tmp_path / "human.py").write_text("def compute_reward(x):\n    return -abs(x), {'near': -abs(x)}\n")
    _, each = run(make_job({"human": "human", "hostile": HOSTILE}, human=str(tmp_path / "human.py")))
    assert each["hostile"].status == "ok", each["hostile"].error
    assert np.frombuffer(processes[0]._outputs.map)[-1] == 1e9  # it did write, and what it was given stayed as it was
    assert each["hostile"].checkpoints == each["human"].checkpoints
    assert len({point.fitness for point in each["human"].checkpoints}) > 1
