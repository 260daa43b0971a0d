"""The search: iterations, restarts, and the end of a run. A resumed run walks the same way and does only what is missing."""

from __future__ import annotations

import shlex

from eureka.builtin.outside_text import one_line
from eureka.choice import best, ranked
from eureka.clip import make_clip
from eureka.config import Config, to_yaml
from eureka.errors import ConfigError, RunFailed, RunStopped
from eureka.files import write_atomically
from eureka.final import evaluate, retest
from eureka.generate_stage import failures
from eureka.initial_reward import refuse_initial
from eureka.iteration import run_iteration
from eureka.look import in_config, job_of_run
from eureka.run import Run, failure
from eureka.spending import caps_named, reached
from eureka.state import State
from eureka.step_budget import refuse_untrainable, steps_in_words, trains_no_more
from eureka.summary import write_summary

SOLVED = "(search.stop_when_solved)"
"""In what is said of a search that ended before its last iteration because the task was solved."""


def describe(run: Run) -> None:
    """Journal what the environment is, and go on with the variables derived from it where the task declares none.

    Raises ConfigError for what the user must mend; nothing has been spent by then.
    """
    if run.state.context is None:
        _describe(run)
    if run.config.task != run.state.task:
        run.config = run.config.model_copy(update={"task": run.state.task})
        write_atomically(run.dir / "config.yaml", to_yaml(run.config))


def _describe(run: Run) -> None:
    run.stage("context")
    config = run.config
    finished = run.jobs.run([job_of_run(config, run.dir)])[0]
    if finished.result is None or finished.result.context is None:
        if finished.result is None or finished.result.error != "usage":
            raise failure(finished)
        raise ConfigError(in_config(finished.result.message))
    refuse_untrainable(config, finished.result.context)
    refuse_initial(run, finished.result.context)
    run.record(finished.result.context)
    run.confinement_proven = True


def search(run: Run, finish: bool = False) -> str:
    """Bring the run to its end; returns a remark for the user, empty when there is nothing to say.

    finish: begin nothing new, go straight to the final evaluation with what there is.
    """
    remark = "" if finish else _iterate(run)
    if best(run.state) is None:
        if not remark:
            raise RunFailed(_why_all_failed(run))
        raise RunStopped(f"{remark}; no candidate has trained yet. {_go_on(run, remark)}")
    remarks = [remark for remark in (remark, retest(run) or evaluate(run)) if remark]
    make_clip(run)
    told = "; ".join(dict.fromkeys(remarks))
    return f"{told}. {_go_on(run, told)}" if told else ""


def _go_on(run: Run, told: str) -> str:
    """The command that goes on: without the caps that stopped the run, but with twice the dollars; else beyond what solved the task."""
    twice = f"{2 * (run.config.budget.cost_usd or 0.0):.12g}"
    sets = [f"--set budget.{name}={twice if name == 'cost_usd' else 'null'}" for name in caps_named(told)]
    if not sets and SOLVED in told:
        sets = ["--set search.stop_when_solved=false"]
    return f"Go on with: {' '.join(['eureka resume', shlex.quote(str(run.dir)), *sets])}"


def _iterate(run: Run) -> str:
    settings = run.config.search
    with run.checking():
        for restart in range(settings.restarts):
            for iteration in range(settings.iterations):
                if not _is_done(run, restart, iteration):
                    cap = "; ".join(reached(run.config, run.state).values())
                    if not cap and not run.state.iteration(restart, iteration) and trains_no_more(run.config, run.state):
                        cap = steps_in_words(run.config, run.state)
                    if not cap:
                        cap = run_iteration(run, restart, iteration)
                        write_summary(run.state)
                    if cap:
                        return f"{cap}: the search ended in iteration {iteration + 1} of {settings.iterations}"
                if solved := solved_in_words(run.config, run.state, restart, iteration):
                    return solved
    return ""


def solved_in_words(config: Config, state: State, restart: int, iteration: int) -> str:
    """What ends a search that may stop when solved after this iteration; empty where it goes on, or is at its end anyway.

    Only what had trained by this iteration counts, whatever else a longer search has added: a resume stops where the run did.
    """
    settings, fitness = config.search, config.task.fitness
    at_end = (restart, iteration) == (settings.restarts - 1, settings.iterations - 1)
    if not settings.stop_when_solved or fitness.solved is None or at_end:
        return ""
    found = next(iter(ranked(state, with_retests=False, until=(restart, iteration))), None)
    if found is None or found.fitness is None or fitness.score(found.fitness) < fitness.score(fitness.solved):
        return ""
    where = f"iteration {iteration + 1} of {settings.iterations}"
    if settings.restarts > 1:
        where = f"restart {restart + 1} of {settings.restarts}, {where}"
    reached = f"{found.candidate.id} has fitness {found.fitness:.4g}, and task.fitness.solved is {fitness.solved:g}"
    return f"solved: {reached}; the search ended in {where} {SOLVED}"


def all_written(config: Config, state: State) -> bool:
    """Whether every sample that the generator writes has a candidate, so that no model will be asked for anything but repairs."""
    settings = config.search
    have = {(c.restart, c.iteration, c.sample) for c in state.candidates.values()}
    places = [(restart, iteration) for restart in range(settings.restarts) for iteration in range(settings.iterations)]
    return all((*place, sample) in have for place in places for sample in settings.written(place[1]))


def _is_done(run: Run, restart: int, iteration: int) -> bool:
    candidates = run.state.iteration(restart, iteration)
    verdicts, outcomes = run.state.verdicts, run.state.outcomes
    if len(candidates) < run.config.search.candidates(iteration) or any(c.id not in verdicts for c in candidates):
        return False
    # With parents chosen, repairs were over. A rejected candidate alone does not tell: a cap may have come before its repair.
    over = (restart, iteration) in run.state.selections
    return all(c.id in outcomes if verdicts[c.id].accepted else over for c in candidates)


def _why_all_failed(run: Run) -> str:
    """A table of the distinct failures of the whole run."""
    counts: dict[tuple[str, str], int] = {}
    for restart, iteration in sorted({(c.restart, c.iteration) for c in run.state.candidates.values()}):
        for one in failures(run, restart, iteration):
            line = f" (line {one.line})" if one.line else ""
            key = one.stage, one_line(one.message) + line
            counts[key] = counts.get(key, 0) + one.count
    lost = sum(outcome.status == "resource" for outcome in run.state.outcomes.values())
    if lost:
        counts["machine", "the machine ran out of memory or time; use fewer executor.slots or a smaller environment"] = lost
    rows = [f"  {count:>5}  {stage:<9} {message}" for (stage, message), count in sorted(counts.items(), key=lambda item: -item[1])]
    advice = []
    if run.config.llm is not None and any(answer.finish_reason == "length" for answer in run.state.completions.values()):
        advice = ["Answers were cut off: raise llm.max_tokens, or have the model reason less, in a new run."]
    return "\n".join(["no candidate could be trained.", f"  count  {'stage':<9} why", *rows, *advice, f"Answers and logs: {run.dir}"])
