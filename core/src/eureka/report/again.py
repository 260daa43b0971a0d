"""How to get the run again: the commands, and what it was made with."""

from __future__ import annotations

import shlex

from eureka.builtin.outside_text import one_line
from eureka.report.numbers import Pairs
from eureka.report.reading import Reported
from eureka.spending import counted


def described(run: Reported) -> str:
    """What the commands do."""
    which = "The first command" if run.summary["models"] else "The command"
    return f"{which} runs the same search anew, in a directory of its own. Settings, seed and task are those of this run's config.yaml."


def commands(run: Reported) -> list[str]:
    """What to type. Where a model was asked, also the run with its recorded answers, which costs nothing."""
    config = shlex.quote(str(run.dir / "config.yaml"))
    shown = [f"eureka run {config}"]
    if run.summary["models"]:
        replay = shlex.quote(f"llm={{use: replay, from: {run.dir}}}")
        shown += ["", "# with the answers that were given then, without a model:", f"eureka run {config} --set {replay}"]
    return shown


def facts(run: Reported) -> Pairs:
    """Seeds, sizes and who took part."""
    config = run.config
    parts = {
        "generator": config.generator.use,
        "model": "none"
        if not run.summary["models"]
        else ", ".join(f"{row['provider']} {row['model']}".strip() for row in run.summary["models"]),
        "simulator": config.task.sim.use,
        "trainer": config.trainer.use,
        "pruner": config.pruner.use,
        "selector": config.selector.use,
        "reflector": config.reflector.use,
    }
    search, training = config.search, config.training
    restarts = f"{search.restarts} restarts of " if search.restarts > 1 else ""
    return [
        ("seed", str(config.seed)),
        ("search", f"{restarts}{counted(search.iterations, 'iteration')} of {counted(search.samples, 'reward')}"),
        ("a training", f"{training.steps:,} environment steps"),
        ("final evaluation", f"{counted(config.final.seeds, 'seed')}, {counted(config.final.episodes, 'episode')} each"),
        *((name, one_line(use)) for name, use in parts.items()),
        ("isolation of rewards", ", ".join(run.summary["isolation"]).replace("+", ", ") or "none ran"),
    ]


def versions(run: Reported) -> Pairs:
    """Of Python and the packages that took part when the run began; of Eureka alone where an older one journalled no more."""
    header = run.state.header
    found = (header.versions or {"eureka-core": header.eureka}) if header is not None else {}
    return [(one_line(name), one_line(version)) for name, version in found.items()]
