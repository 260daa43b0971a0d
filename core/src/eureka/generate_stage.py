"""The generation stage: drafts from the generator become journalled candidates; what it asks a model is never bought twice."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator

from eureka.budget import affordable, reached
from eureka.errors import BudgetReached, PluginContractError
from eureka.extraction import check_arguments, extract, program_sha256
from eureka.generator_types import Answer, CompletionRequest, Draft, Failure
from eureka.history import GenerateRequest
from eureka.run import Run
from eureka.seeds import derive_seed
from eureka.types import Asked, Candidate, Completion, Message, Verdict


def generate(run: Run, restart: int, iteration: int) -> str:
    """Journal a candidate for every sample of the iteration that has none yet; says which cap, if any, left some without."""
    have = {candidate.sample for candidate in run.state.iteration(restart, iteration)}
    missing = tuple(sample for sample in range(run.config.search.samples) if sample not in have)
    if not missing:
        return ""
    selection = run.state.selections.get((restart, iteration - 1))
    parents = selection.parents if selection else ()
    request = GenerateRequest(
        history=run.state.history(restart),
        restart=restart,
        iteration=iteration,
        iterations=run.config.search.iterations,
        samples=run.config.search.samples,
        missing=missing,
        seed=derive_seed("design", run.config.seed, restart, iteration),
        parents=parents,
        reflections=tuple(run.state.reflections[restart, iteration - 1, p] for p in parents),
        failures=tuple(failures(run, restart, iteration - 1)),
    )
    started = time.time()
    left = set(missing)
    drafts = run.hooks.hook.eureka_generate_rewards(request=request, tools=AskTools(run, restart, iteration))
    try:
        for draft in run.expect(drafts, "eureka_generate_rewards", "one draft per sample"):
            if draft.sample not in left:
                raise PluginContractError(f"generator: gave a draft for sample {draft.sample}; expected one of {sorted(left)}.")
            left.remove(draft.sample)
            _take(run, restart, iteration, draft, started)
    except BudgetReached as cap:
        return str(cap)  # what was bought goes on; a resume with a higher cap asks for the rest
    if left:
        raise PluginContractError(f"generator: gave no draft for sample(s) {sorted(left)}.")
    return ""


def _take(run: Run, restart: int, iteration: int, draft: Draft, started: float) -> None:
    """Journal a draft as a candidate, and its verdict where no program is found in it."""
    assert run.state.context is not None
    text = storable(draft.text)
    if (restart, iteration, draft.sample, 0) not in run.state.completions:  # the generator wrote it itself, no model was asked
        run.record(
            Completion(
                restart=restart,
                iteration=iteration,
                sample=draft.sample,
                text=text,
                provider=run.config.generator.use,
                started=started,
                ended=time.time(),
            )
        )
    found = extract(text)
    message = found.error or check_arguments(found.arguments, run.state.context.arguments)
    candidate = Candidate(
        id=f"r{restart}i{iteration}s{draft.sample:02}",
        restart=restart,
        iteration=iteration,
        sample=draft.sample,
        code=found.code,
        sha256=program_sha256(found.code),
        parents=draft.parents,
        replicate_of=draft.replicate_of,
        repairs=found.repairs,
    )
    _write_files(run, candidate, text)
    run.record(candidate)
    if message:
        stage, code = ("extract", "no_program") if found.error else ("static", "arguments")
        run.record(Verdict(candidate=candidate.id, accepted=False, stage=stage, code=code, message=message, line=found.line))


def _write_files(run: Run, candidate: Candidate, text: str) -> None:
    """What a person wants to look at. The journal is what counts."""
    folder = run.dir / "candidates" / candidate.id
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "answer.md").write_text(text, encoding="utf-8", errors="replace")
    if candidate.code:
        (folder / "reward.py").write_text(candidate.code, encoding="utf-8", errors="replace")


def failures(run: Run, restart: int, iteration: int) -> Iterator[Failure]:
    """The distinct ways candidates of an iteration failed, most frequent first. The machine's faults are not among them."""
    counts: Counter[tuple[str, str, int | None]] = Counter()
    for candidate in run.state.iteration(restart, iteration):
        verdict, outcome = run.state.verdicts.get(candidate.id), run.state.outcomes.get(candidate.id)
        if verdict is not None and not verdict.accepted:
            counts[verdict.stage or "check", verdict.message, verdict.line] += 1
        elif outcome is not None and outcome.status == "failed" and outcome.error is not None:
            counts["training", outcome.error.message, outcome.error.line] += 1
    for (stage, message, line), count in counts.most_common():
        yield Failure(count=count, stage=stage, message=message, line=line)


def storable(text: str) -> str:
    """Text the journal can hold: a lone surrogate, which UTF-8 has no form for, becomes a question mark."""
    return text.encode("utf-8", "replace").decode()


class AskTools:
    """See `eureka.hookspecs.GenerateTools`."""

    def __init__(self, run: Run, restart: int, iteration: int) -> None:
        self._run = run
        self._restart = restart
        self._iteration = iteration

    def ask(self, messages: tuple[Message, ...], samples: tuple[int, ...], attempt: int = 0) -> Iterable[Answer]:
        run, unpaid = self._run, []
        for sample in samples:
            known = run.state.completions.get((self._restart, self._iteration, sample, attempt))
            if known is None:
                unpaid.append(sample)
            else:  # bought before this host took over
                yield Answer(sample=sample, **known.model_dump(include=set(Answer.model_fields) - {"sample"}))
        if not unpaid:
            return
        llm = run.config.llm
        assert llm is not None  # config: a generator that needs a model has one
        max_tokens = int(llm.options.get("max_tokens") or 0)
        unpaid, beyond = affordable(run.config, run.state, unpaid, max_tokens)
        yield from self._buy(llm.use, messages, tuple(unpaid), attempt, max_tokens)
        if beyond:
            caps = "; ".join(reached(run.config, run.state).values()) or "budget: nearly spent"
            raise BudgetReached(f"{caps}, {len(beyond)} more answers are not covered")

    def _buy(
        self, provider: str, messages: tuple[Message, ...], samples: tuple[int, ...], attempt: int, max_tokens: int
    ) -> Iterator[Answer]:
        """Ask for answers, journalling the question before and each answer as it comes."""
        if not samples:
            return
        run, started = self._run, time.time()
        run.record(
            Asked(
                restart=self._restart,
                iteration=self._iteration,
                samples=samples,
                attempt=attempt,
                messages=messages,
                max_tokens=max_tokens,
                time=started,
            )
        )
        request = CompletionRequest(messages=messages, samples=samples, restart=self._restart, iteration=self._iteration, attempt=attempt)
        for answer in run.expect(run.hooks.hook.eureka_complete(request=request), "eureka_complete", "one answer per sample"):
            run.record(
                Completion(
                    restart=self._restart,
                    iteration=self._iteration,
                    attempt=attempt,
                    provider=provider,
                    started=started,
                    ended=time.time(),
                    **answer.model_copy(update={"text": storable(answer.text)}).model_dump(),
                )
            )
            yield answer
