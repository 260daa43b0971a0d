"""The training stage: trainings cut into segments, those that the caps cover, and who trains on after each."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence

from eureka.lessons import segment_ends
from eureka.run import Run
from eureka.segment_stage import Segment
from eureka.spending import reached
from eureka.step_budget import steps_in_words, steps_left, steps_needed
from eureka.training_plan import Training
from eureka.types import TrainResult


def train(
    run: Run,
    trainings: Sequence[Training],
    done: Callable[[Training], None],
    keep: Callable[[int, list[str]], Sequence[str]] | None = None,
) -> str:
    """Train all that the caps cover, segment by segment, journalling each result as it is there; says which cap others wait for.

    What is journalled already, or lies finished on disk from a host that died, is not trained again. What a segment left for the next
    one (`state`, which may hold a whole replay buffer) is gone once nothing goes on from it.
    done: called for each training that ends in the last segment or fails, as soon as its result is journalled, or is not kept.
    keep: asked after every segment but the last which of the trainings still going train on; only once all have come that far, since
        who is kept must not depend on a cap.
    """
    cap = ""
    going = list(trainings)
    segments = len(segment_ends(run.config))
    by_id = {training.id: training for training in trainings}

    def on_result(result: TrainResult, segment: int) -> None:
        if result.status != "ok" or segment == segments - 1:
            done(by_id[result.trial])

    for segment in range(segments):
        trained, short = covered(run, going, whole=keep is None, segment=segment)
        cap = short or cap
        Segment(run, segment, trained, on_result).train()
        results = {t.id: run.state.results[f"{t.dir}/{segment}"] for t in trained}
        going = [t for t in trained if results[t.id].status == "ok"]
        if keep is not None and going and segment < segments - 1 and not cap:
            kept = keep(segment, [t.id for t in going])
            for stopped in (t for t in going if t.id not in kept):
                done(stopped)
            going = [t for t in going if t.id in kept]
        for t in trained:
            for number in (segment - 1, segment) if t not in going else (segment - 1,):
                shutil.rmtree(run.dir / t.dir / str(number) / "state", ignore_errors=True)
        if keep is not None and cap:
            break
    return cap


def covered(run: Run, trainings: Sequence[Training], whole: bool, segment: int = 0) -> tuple[list[Training], str]:
    """Those of the trainings that the caps on steps and hours let begin a segment, and the cap that the others wait for, in words.

    whole: with all of their further segments, else with this one. What needs the fewest steps more comes first: what had begun.
    """
    segments = range(segment, len(segment_ends(run.config)) if whole else segment + 1)
    needs = {t.id: steps_needed(run.config, run.state, segments, t.dir) for t in trainings}
    hours, left, fit = reached(run.config, run.state).get("hours", ""), steps_left(run.config, run.state), set[str]()
    for id_, need in sorted(needs.items(), key=lambda item: item[1]):
        if not need or (need <= left and not hours):
            left -= need
            fit.add(id_)
    waiting = [id_ for id_ in needs if id_ not in fit]
    more = f"{len(waiting)} more training{'s are' if len(waiting) > 1 else ' is'} not covered"
    words = f"{hours or steps_in_words(run.config, run.state)}; {more}" if waiting else ""
    return [t for t in trainings if t.id in fit], words
