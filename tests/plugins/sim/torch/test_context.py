"""What a model reads of an environment."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from torch_envs import TASKS

from eureka.config import load_config
from eureka.hookspecs import ContextRequest
from eureka.worker.components import make_recorder, worker_hooks


def told(options, name="torch_cartpole"):
    task = load_config(name).task
    task = task.model_copy(update={"sim": task.sim.model_copy(update={"options": {**task.sim.options, **options}})})
    if options:
        task = task.model_copy(update={"variables": {}, "fitness": task.fitness.model_copy(update={"value": "length"})})
    hooks = worker_hooks(task)
    env = make_recorder(hooks, task, 1, ())
    return hooks.hook.eureka_extract_context(request=ContextRequest(task, (), env.env))


@pytest.mark.parametrize("name", TASKS)
def test_it_tells_spaces_documentation_and_source_of_a_shipped_environment(name):
    text = told({}, name)
    assert "An episode is truncated after 500 steps." in text and "each entry -1 to 1" in text
    for part in (
        "Documentation\n----",
        "Source\n----",
        "def step(self, state, actions, draw):",
        "def observe",
        "def variables",
        "import torch\n",
    ):
        assert part in text
    assert text.count("A step is ") == 1, "the documentation is not in the source again"
    assert "compute_reward" not in text and "reward" not in text.lower()
    assert "# fmt" not in text


def test_it_leaves_out_the_reward_of_its_own_and_whatever_only_that_uses(written):
    text = told(
        {
            "env": written(
                ("import torch\n", "import torch\n\nPRICE = 7.0  # of a step\nLENGTH = 2\n\n\ndef priced(x):\n    return x * PRICE\n"),
                ("10.0 * state", "self.bonus * priced(state"),
                ('"] + actions[:, 0]', '"]) + actions[:, 0]'),
                ("    action_space", "    bonus = 3.0  # for reaching it\n    # how far it counts\n    end = LENGTH\n    action_space"),
                (">= self.last", ">= self.end + self.last"),
            )
        }
    )
    assert not any(word in text for word in ("native", "bonus", "PRICE", "priced", "reaching"))
    assert "LENGTH = 2" in text and "    # how far it counts\n    end = LENGTH" in text and "self.last = last" in text


def test_what_a_class_inherits_comes_first(written):
    folder = Path(written().rpartition(":")[0]).parent
    (folder / "late.py").write_text(
        f"import sys\n\nsys.path.insert(0, {str(folder)!r})\nfrom own import Counter\n\n\n"
        "class Late(Counter):\n    def terminated(self, state):\n        return state['clock'] > 9\n"
    )
    text = told({"env": f"{folder}/late.py:Late"})
    assert text.index("class Counter(TorchEnv):") < text.index("class Late(Counter):") and "> 9" in text


def test_naming_the_simulator_loads_no_torch():
    code = "import sys, eureka_torch; eureka_torch.TorchSim.Options(env='a:B'); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
