"""Environment steps a second of each shipped task's environment on one thread, all variables read."""

import time

import numpy as np
import torch

from eureka.config import load_config
from eureka.env import EnvRequest
from eureka_torch import TorchSim

torch.set_num_threads(1)
print("| task | N = 1 | 64 | 512 | 4096 |\n|---|---|---|---|---|")
for name in ("torch_cartpole", "torch_quadcopter", "torch_reorient"):
    task, cells = load_config(name).task, []
    sources = {key: spec.source for key, spec in task.variables.items() if spec.source != "action"}
    for n in (1, 64, 512, 4096):
        env = TorchSim(TorchSim.Options.model_validate(task.sim.options)).eureka_make_env(EnvRequest(task, n, sources))
        env.reset(range(n))
        actions = np.random.default_rng(0).uniform(-1, 1, (n, env.action_space.shape[0]))
        took = []
        for _ in range(5):
            began = time.process_time()
            for _ in range(40):
                env.step(actions)
            took.append(time.process_time() - began)
        cells.append(f"{40 * n / sorted(took)[2]:,.0f}")
    print(f"| `{name}` | {' | '.join(cells)} |")
