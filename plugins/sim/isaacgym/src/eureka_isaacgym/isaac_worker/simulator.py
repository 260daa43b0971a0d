"""The process that simulates: IsaacGym allows one simulation in each, and a crash of it must not take the job with it.

Requests and answers are JSON, a line each, on the socket it inherits. What it prints goes to the job's log.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
import traceback
from typing import Any, Dict

from . import environment, learning
from .checkout import find_task
from .faults import RewardFault, RewardMemory, Usage, out_of_memory
from .meter import Meter, check_metric
from .protocol import Events, end_with_parent, read_json
from .reward import Reward
from .settings import compose

_MEASURED_STEPS = 16


def serve(job: str) -> None:
    """Answer requests until the other side closes."""
    end_with_parent()
    with socket.socket(fileno=int(os.environ.pop("EUREKA_SIMULATOR_FD"))) as connection:
        lines = connection.makefile("r", encoding="utf-8")
        simulator = None
        for line in lines:
            request = json.loads(line)
            try:
                if simulator is None:
                    simulator = Simulator(job, request)
                    answer: Dict[str, Any] = {"started": True}
                else:
                    answer = getattr(simulator, request["do"])(request)
            except RewardFault as fault:
                answer = {"fault": {"code": fault.code, "message": fault.message, "line": fault.line}}
            except Usage as error:
                answer = {"usage": str(error)}
            except Exception as error:
                traceback.print_exc()
                answer = {"crash": "{}: {}".format(type(error).__name__, str(error).strip()[:2000]), "memory": out_of_memory(error)}
            sys.stdout.flush()
            connection.sendall(json.dumps(answer).encode() + b"\n")
    os._exit(0)  # IsaacGym's own end crashes now and then


class Simulator:
    """A task, made as the first request says: num_envs (None: as the checkout says), seed, seam."""

    def __init__(self, job: str, request: Dict[str, Any]) -> None:
        self._job_dir = job
        self._job = read_json(os.path.join(job, "job.json"))
        options = self._job["task"]["sim"]["options"]
        self._trainer = dict(request["trainer"])
        if request.get("num_envs"):
            self._trainer.update(num_envs=request["num_envs"], num_envs_divided=1)
        environment.import_simulator(options)
        import torch

        torch.set_num_threads(int(self._job.get("threads", 1)))
        files = find_task(options["envs_path"], options["task"])
        self._settings = compose(files, options, self._trainer, request["seed"])
        self.env = environment.make(job, files, self._settings, request["seam"])
        fitness = self._job["task"]["fitness"]
        self._value, self._fold = fitness["value"], fitness["fold"]

    def measure(self, request: Dict[str, Any]) -> Dict[str, Any]:
        """Types, shapes and ranges of attributes under random actions, and whether the fitness is there."""
        import torch

        env = self.env
        seen: Dict[str, Any] = {}
        for _ in range(_MEASURED_STEPS):
            env.step(2.0 * torch.rand((env.num_envs, env.num_actions), device=env.rl_device) - 1.0)
            for name in request["names"]:
                value = getattr(env, name, None)
                if isinstance(value, torch.Tensor) and value.dtype != torch.bool and value.numel():
                    seen.setdefault(name, []).append(value.detach().float().cpu().clone())
                elif isinstance(value, (int, float)):
                    seen[name] = value
        check_metric(self._value, self._fold, env)
        rows = env.num_envs
        return {
            "variables": {name: _summary(values, rows) for name, values in seen.items()},
            "max_episode_steps": int(getattr(env, "max_episode_length", 0)) or None,
        }

    def attempt(self, request: Dict[str, Any]) -> Dict[str, Any]:
        """Compile a program and take two steps with it. For want of memory it is refused where others would still find some."""
        import torch

        try:
            environment.set_reward(self.env, Reward(request["code"], self.env, request["folder"]))
            for _ in range(2):
                self.env.step(2.0 * torch.rand((self.env.num_envs, self.env.num_actions), device=self.env.rl_device) - 1.0)
        except RewardMemory as error:
            if _has_room(self.env.rl_device):
                few = "it wants more memory for {} environments than there is: {}".format(self.env.num_envs, str(error).strip()[:500])
                raise RewardFault("memory", few)
            raise
        return {"accepted": True}

    def fit(self, request: Dict[str, Any]) -> Dict[str, Any]:
        """Make the agent of a training, and have it begin as one would. Raises Usage where it cannot."""
        learning.fit(self.env, self._settings, self._trainer, request["folder"], request["policy"])
        return {"fits": True}

    def train(self, request: Dict[str, Any]) -> Dict[str, Any]:
        """Train one trial for its segment. A candidate's program is compiled here, and is the environment's reward from then on."""
        trial, events = request["trial"], Events(self._job_dir)
        learning.check_batch(self._settings)
        if trial["reward"] == "candidate":
            environment.set_reward(self.env, Reward(trial["code"], self.env, trial["dir"]))
        meter = Meter(self.env, self._value, self._fold)

        def report(steps: int, fitness: Any) -> None:
            events.write("progress", trial=trial["id"], steps=steps, fitness=fitness, status="running")

        report(trial["reached"], None)
        return learning.train(self.env, self._settings, trial, self._trainer, meter, report)

    def play(self, request: Dict[str, Any]) -> Dict[str, Any]:
        """One episode of each row under a saved policy."""
        events, told = Events(self._job_dir), [0.0]

        def alive(steps: int) -> None:
            if time.time() - told[0] > 0.5:
                told[0] = time.time()
                events.write("alive", trial=request["path"], steps=steps)

        return learning.play(self.env, self._settings, request["path"], self._value, self._fold, request["folder"], alive)


def _has_room(device: str) -> bool:
    """Whether a moderate amount, 64 MB, can be had on the device: then it was not others that took all there is."""
    import torch

    try:
        torch.empty(1 << 24, device=device)
    except (RuntimeError, MemoryError):
        return False
    return True


def _summary(values: Any, rows: int) -> Dict[str, Any]:
    import torch

    if not isinstance(values, list):
        number = float(values)
        return {"type": type(values).__name__, "shape": [], "common": True, "low": [number], "mean": [number], "high": [number]}
    whole = values[-1].shape
    common = len(whole) == 0 or whole[0] != rows
    table = torch.stack(values)
    flat = table.reshape(len(values) * (1 if common else rows), -1)
    return {
        "type": "Tensor",
        "shape": list(whole if common else whole[1:]),
        "common": common,
        "low": flat.min(0)[0].tolist(),
        "mean": flat.mean(0).tolist(),
        "high": flat.max(0)[0].tolist(),
    }
