"""Which two policies a person is asked to compare: those whose comparison tells most about the rating."""

from __future__ import annotations

from itertools import combinations

from eureka.history import Entry, History
from eureka.seeds import derive_seed
from eureka_human.rating import Rating, information, learnt, rate


def informative_pairs(history: History, count: int, seed: int, author: str | None = None) -> list[tuple[str, str]]:
    """Up to `count` pairs of candidates, (left, right), the most informative first.

    Of the newest iteration that trained and the best before it; of different programs, and never two that were asked about. A comparison
    tells more the nearer it is to a toss-up and the less is known of the two; once chosen, it counts as made for those chosen after it. Of
    equally informative pairs the fitter come first. seed: who is left. The same history and seed give the same pairs. author: who is asked;
    what others have compared without being asked may then be compared once more.
    """
    if count < 1 or not any(history.trained()):
        return []
    rating = rate(history)
    asked = _asked(history, author)
    covariance = rating.covariance
    for one in sorted(asked - _compared(rating, history), key=sorted):  # open questions: their answers are to come
        left, right = (rating.index[program] for program in sorted(one))
        covariance = learnt(covariance, rating.mean[left] - rating.mean[right], left, right)
    pairs = [(a, b) for a, b in combinations(_candidates(history, rating), 2) if _programs(a, b) not in asked]
    chosen: list[tuple[str, str]] = []
    while pairs and len(chosen) < count:

        def gain(pair: tuple[Entry, Entry]) -> float:
            a, b = (rating.index[one.candidate.sha256] for one in pair)
            variance = covariance[a, a] + covariance[b, b] - 2 * covariance[a, b]  # noqa: B023
            return round(float(information(rating.mean[a] - rating.mean[b]) * variance), 9)

        first, second = best = max(pairs, key=gain)  # the first of equals
        pairs.remove(best)
        a, b = (rating.index[one.candidate.sha256] for one in best)
        covariance = learnt(covariance, rating.mean[a] - rating.mean[b], a, b)
        swap = derive_seed("design", "left or right", seed, first.id, second.id) % 2
        chosen.append((second.id, first.id) if swap else (first.id, second.id))
    return chosen


def _candidates(history: History, rating: Rating) -> list[Entry]:
    """One of each program: the newest iteration's, the fittest first, then the best before it, by fitness and by rating."""
    trained = sorted(history.trained(), key=history.rank, reverse=True)
    newest = max(entry.candidate.iteration for entry in trained)
    before = [entry for entry in trained if entry.candidate.iteration < newest]
    found = [entry for entry in trained if entry.candidate.iteration == newest] + before[:1]
    if before:
        found.append(max(before, key=lambda entry: rating.mean[rating.index[entry.candidate.sha256]]))
    return list({entry.candidate.sha256: entry for entry in reversed(found)}.values())[::-1]


def _asked(history: History, author: str | None) -> set[frozenset[str]]:
    """The pairs of programs that are or were asked about, or compared without being asked, by this author or, None, by anybody."""
    pairs = [question.candidates for question in history.questions if question.about == "preference"]
    pairs += [(one.left, one.right) for one in history.preferences if author in (None, one.author)]
    trained = {entry.id: entry for entry in history.trained()}
    found = {_programs(trained[a], trained[b]) for a, b in pairs if a in trained and b in trained}
    return {pair for pair in found if len(pair) == 2}


def _compared(rating: Rating, history: History) -> set[frozenset[str]]:
    return {_programs(history.by_id[one.left], history.by_id[one.right]) for one in rating.comparisons}


def _programs(a: Entry, b: Entry) -> frozenset[str]:
    return frozenset((a.candidate.sha256, b.candidate.sha256))
