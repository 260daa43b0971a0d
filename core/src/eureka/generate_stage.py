"""The generation stage: drafts from the generator become journalled candidates, each with a verdict before it may train.

What is found in an answer is judged by its syntax tree here and tried in a worker (`checking.py`) while the next answers are on their
way. What is rejected goes back to the generator, until that gives up.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator

from eureka.asking import AskTools, storable
from eureka.checking import Checker
from eureka.conversation import with_answer
from eureka.errors import BudgetReached, PluginContractError
from eureka.extraction import program_sha256
from eureka.generator_types import Draft, Failure
from eureka.history import GenerateRequest
from eureka.hookspecs import Rejected, RepairRequest
from eureka.initial_reward import initial_text
from eureka.run import Run
from eureka.screening import broken_off, of_whole_answer, screen
from eureka.seeds import derive_seed
from eureka.types import Candidate, Completion, Verdict
from eureka.warm_start import policy_for

_MOST_ATTEMPTS = 20
"""Of one sample, whatever a generator wants."""


def generate(run: Run, restart: int, iteration: int) -> str:
    """Bring every sample of the iteration to a verdict; says which cap, if any, left some without an answer."""
    assert run.state.context is not None
    have = run.state.iteration(restart, iteration)
    search, there = run.config.search, {c.sample for c in have}
    given = [sample for sample in range(search.given(iteration)) if sample not in there]
    missing = tuple(sample for sample in search.written(iteration) if sample not in there)
    undecided = [c for c in have if c.id not in run.state.verdicts]
    if not given and not missing and all(c.id in run.state.verdicts and run.state.verdicts[c.id].accepted for c in have):
        return ""
    request = _request(run, restart, iteration, missing)
    tools = AskTools(run, restart, iteration)
    checker = run.checker
    if given or missing or undecided:
        checker.start()  # it warms up while the answers are written
    stage = _Stage(run, restart, iteration, checker)
    for c in undecided:
        text = run.state.completions[c.restart, c.iteration, c.sample, c.attempt].text
        stage.take(Draft(sample=c.sample, text=text, parents=c.parents, replicate_of=c.replicate_of), c.attempt)
    for sample in given:
        stage.take(Draft(sample=sample, text=initial_text(run.config, run.dir)), 0)
    cap = ""
    try:
        if missing:
            if not run.confinement_proven:
                checker.wait_until_ready()
                run.confinement_proven = True
            run.stage("generate", restart, iteration)
            drafts = run.hooks.hook.eureka_generate_rewards(request=request, tools=tools)
            left = stage.take_all(run.expect(drafts, "eureka_generate_rewards", "one draft per sample"), dict.fromkeys(missing, 0))
            if left:
                raise PluginContractError(f"generator: gave no draft for sample(s) {sorted(left)}.")
        stage.wait()
        while rejected := tuple(one for one in stage.rejected() if one.attempt < _MOST_ATTEMPTS):
            asked = tools.attempts = {one.sample: one.attempt + 1 for one in rejected}
            drafts = run.hooks.hook.eureka_repair_rewards(request=RepairRequest(request, rejected), tools=tools)
            if drafts is None:
                break
            run.stage("repair", restart, iteration, [stage.id_of(one.sample) for one in rejected])
            if stage.take_all(drafts, asked) == asked:
                break  # it gave none
            stage.wait()
    except BudgetReached as reached:
        cap = str(reached)  # what was bought goes on; a resume with a higher cap asks for the rest
        stage.wait()
    return cap


def _request(run: Run, restart: int, iteration: int, missing: tuple[int, ...]) -> GenerateRequest:
    selection = run.state.selections.get((restart, iteration - 1))
    parents = selection.parents if selection else ()
    return GenerateRequest(
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


class _Stage:
    """One iteration's candidates on their way to a verdict."""

    def __init__(self, run: Run, restart: int, iteration: int, checker: Checker) -> None:
        self._run = run
        self._restart = restart
        self._iteration = iteration
        self._checker = checker
        self._started = time.time()
        assert run.state.context is not None
        self._context = run.state.context
        # By program: what is known of it, or who waits for it. Identical programs are tried once.
        known = [(c, run.state.verdicts.get(c.id)) for c in run.state.iteration(restart, iteration) if not broken_off(self._answer(c))]
        self._known = {c.sha256: verdict for c, verdict in known if verdict is not None and c.code}
        self._waiting: dict[str, list[Candidate]] = {}

    def id_of(self, sample: int) -> str:
        return f"r{self._restart}i{self._iteration}s{sample:02}"

    def take_all(self, drafts: Iterable[Draft], asked: dict[int, int]) -> dict[int, int]:
        """Judge drafts as they come, and journal the verdicts that come meanwhile. asked: sample → attempt; returns those not given."""
        left = dict(asked)
        for draft in drafts:
            if not isinstance(draft, Draft):
                raise PluginContractError(f"generator: gave {type(draft).__name__} {draft!r:.80}; expected an iterable of `Draft`.")
            if draft.sample not in left:
                raise PluginContractError(f"generator: gave a draft for sample {draft.sample}; expected one of {sorted(left)}.")
            self.take(draft, left.pop(draft.sample))
            for verdict in self._checker.ready():
                self._record(verdict)
        return left

    def wait(self) -> None:
        """Until every candidate has its verdict."""
        for verdict in self._checker.rest():
            self._record(verdict)

    def rejected(self) -> tuple[Rejected, ...]:
        """The latest answers that were refused, by sample; a reward that was given is nobody's to repair."""
        state, written = self._run.state, self._run.config.search.written(self._iteration)
        mine = state.iteration(self._restart, self._iteration)
        refused = [c for c in mine if c.sample in written and not state.verdicts[c.id].accepted]
        return tuple(Rejected(c.sample, c.attempt, self._answer(c).text, c.code, c.parents, state.verdicts[c.id]) for c in refused)

    def take(self, draft: Draft, attempt: int) -> None:
        """Journal a draft as a candidate and have it judged."""
        run, place = self._run, {"restart": self._restart, "iteration": self._iteration, "sample": draft.sample, "attempt": attempt}
        text = storable(draft.text)
        if tuple(place.values()) not in run.state.completions:  # the generator wrote it itself, or the user: no model was asked
            by = run.config.generator.use if draft.sample in run.config.search.written(self._iteration) else "initial"
            run.record(Completion.model_validate({**place, "text": text, "provider": by, "started": self._started, "ended": time.time()}))
        found, refusal = screen(text, self._context)
        made = {"code": found.code, "sha256": program_sha256(found.code), "repairs": found.repairs}
        policy = policy_for(run.config, run.state, self._restart, self._iteration, draft)
        origin = {"id": self.id_of(draft.sample), "parents": draft.parents, "replicate_of": draft.replicate_of, "policy": policy}
        candidate = Candidate.model_validate({**place, **origin, **made})
        if run.state.candidates.get(candidate.id) != candidate:  # a host that died may have got this far
            _write_files(run, candidate, text)
            run.record(candidate)
        if refusal is not None:
            refusal = of_whole_answer(refusal, self._answer(candidate))
            why = {"stage": refusal.stage, "code": refusal.code, "message": refusal.message, "line": refusal.line}
            run.record(Verdict.model_validate({"candidate": candidate.id, "attempt": attempt, "accepted": False, **why}))
        elif candidate.sha256 in self._known:
            self._share(candidate, self._known[candidate.sha256])
        elif candidate.sha256 in self._waiting:
            self._waiting[candidate.sha256].append(candidate)
        else:
            self._waiting[candidate.sha256] = [candidate]
            self._checker.submit(candidate)

    def _record(self, verdict: Verdict) -> None:
        program = self._run.state.candidates[verdict.candidate].sha256
        self._known[program] = verdict
        for candidate in self._waiting.pop(program):
            self._share(candidate, verdict)

    def _share(self, candidate: Candidate, verdict: Verdict) -> None:
        # An identical program may be written on other lines.
        line = verdict.line if self._run.state.candidates[verdict.candidate].code == candidate.code else None
        why = "" if verdict.accepted else broken_off(self._answer(candidate))
        message = f"{why}: {verdict.message}" if why else verdict.message
        told = {"candidate": candidate.id, "attempt": candidate.attempt, "line": line, "message": message}
        self._run.record(verdict.model_copy(update=told))

    def _answer(self, candidate: Candidate) -> Completion:
        return self._run.state.completions[candidate.restart, candidate.iteration, candidate.sample, candidate.attempt]


def _write_files(run: Run, candidate: Candidate, text: str) -> None:
    """What a person wants to look at, the latest attempt outermost. The journal is what counts."""
    folder = run.dir / "candidates" / candidate.id
    folder.mkdir(parents=True, exist_ok=True)
    old = run.state.candidates.get(candidate.id)
    if old is not None and old.attempt < candidate.attempt:
        before = folder / f"attempt{old.attempt}"
        before.mkdir(exist_ok=True)
        for path in folder.glob("*.*"):
            path.replace(before / path.name)
    (folder / "answer.md").write_text(text, encoding="utf-8", errors="replace")
    if candidate.code:
        (folder / "reward.py").write_text(candidate.code, encoding="utf-8", errors="replace")
    place = (candidate.restart, candidate.iteration, candidate.sample, candidate.attempt)
    if (question := run.state.questions.get(place)) is not None:  # none where the generator wrote it itself
        told = with_answer(question.messages, run.state.completions[place])
        (folder / "conversation.md").write_text(told, encoding="utf-8", errors="replace")


def failures(run: Run, restart: int, iteration: int) -> Iterator[Failure]:
    """The distinct ways candidates of an iteration failed, most frequent first, also those that were repaired.

    The machine's faults are not among them.
    """
    counts: Counter[tuple[str, str, int | None]] = Counter()
    for candidate in run.state.iteration(restart, iteration):
        verdicts = [verdict for _, verdict in run.state.earlier.get(candidate.id, ())]
        if (latest := run.state.verdicts.get(candidate.id)) is not None:
            verdicts.append(latest)
        counts.update({(v.stage or "check", v.message, v.line) for v in verdicts if not v.accepted})
        outcome = run.state.outcomes.get(candidate.id)
        if outcome is not None and outcome.status == "failed" and outcome.error is not None:
            counts["training", outcome.error.message, outcome.error.line] += 1
    for (stage, message, line), count in counts.most_common():
        yield Failure(count=count, stage=stage, message=message, line=line)
