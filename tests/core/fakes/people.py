"""People that are made up: a component that asks them and waits, one that reads from a script, and a selector that heeds them."""

from __future__ import annotations

import json
import time

import eureka
from eureka.errors import ConfigError
from eureka.hookspecs import Selected
from eureka.types import Note, Preference, Question


class Waiting(eureka.Component):
    """Asks for words after each iteration, shows the policies, and waits until each question has its answer in the inbox."""

    class Options(eureka.Options):
        nobody: bool = False
        where: str = "http://127.0.0.1:1/?token=t"

    @eureka.hookimpl
    def eureka_check_feedback(self):
        if self.options.nobody:
            raise ConfigError("feedback: nobody is there. Come, or leave it out.")

    @eureka.hookimpl
    def eureka_collect_feedback(self, history, tools, restart, iteration):
        ids = tuple(entry.id for entry in history.iteration(iteration) if entry.trained)
        mine = f"r{restart}i{iteration}.words"
        tools.ask(Question(id=mine, about="words", restart=restart, iteration=iteration, candidates=ids, time=time.time()))
        tools.film(ids)
        tools.tell(self.options.where)
        while not any(said.question == mine for said in tools.answers()):
            tools.wait(0.05)


class Scripted(eureka.Component):
    """Says what a JSON file has for an iteration: a list of notes and preferences, without id and time, or anything else."""

    class Options(eureka.Options):
        script: eureka.ConfigPath
        asks_words: bool = True

    @property
    def asks_words(self) -> bool:
        return self.options.asks_words

    @eureka.hookimpl
    def eureka_collect_feedback(self, history, tools, restart, iteration):
        script = json.loads(self.options.script.read_text()).get(f"r{restart}i{iteration}", [])
        if not isinstance(script, list):
            return script
        place = {"restart": restart, "iteration": iteration}
        ids = tuple(entry.id for entry in history.iteration(iteration) if entry.trained)
        question = Question(id=f"r{restart}i{iteration}.words", about="words", candidates=ids, time=1.0, **place)
        tools.ask(question)
        more = {"time": 1.0, "question": question.id, "author": "Ada"}
        return [(Note if "text" in said else Preference)(**{"id": f"{question.id}.{n}", **more, **said}) for n, said in enumerate(script)]


class LastSelector(eureka.Component):
    """Chooses whom people liked, by a score that says the opposite of fitness; `scores` misbehave as told."""

    class Options(eureka.Options):
        scores: dict[str, float] | None = None

    @eureka.hookimpl
    def eureka_select(self, history):
        worst = min(history.trained(), key=history.rank)
        scores = self.options.scores
        if scores is None:
            scores = {entry.id: -history.rank(entry)[0] for entry in history.trained()}
        return Selected((worst.id,), scores, f"rating of {len(history.preferences)} comparisons")
