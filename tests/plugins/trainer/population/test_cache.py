"""Compiled kernels are kept in a directory of the user's alone; where there is none, that is said and all still works."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from eureka_population.kernels import cache

ASK = "from eureka_population.kernels import cache; print(*cache.told(), sep='\\n')"
USE = """
import sys
from eureka_population.kernels.returns import advantages
import numpy as np
out = np.empty((1, 1), np.float32)
one = np.ones((2, 1), np.float32)
advantages(one[:1], one, np.zeros((1, 1), bool), np.float32(1), np.float32(1), out)
print(out[0, 0], sum(advantages.stats.cache_hits.values()))
"""


@pytest.fixture
def run(tmp_path):
    """What a new process prints. env: variables to set, or None to leave out."""

    def run(code, **env):
        variables = {name: value for name, value in ({**os.environ, **env}).items() if value is not None}
        return subprocess.run([sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=True).stdout.strip()

    return run


@pytest.fixture
def fresh(monkeypatch):
    """The directory is looked for anew at each call of this, with NUMBA_CACHE_DIR as given."""

    def look(path):
        monkeypatch.setenv("NUMBA_CACHE_DIR", str(path))
        cache.directory.cache_clear()
        return cache.directory()

    yield look
    cache.directory.cache_clear()


def test_the_directory_is_the_users_alone_and_a_second_process_loads_from_it(run, tmp_path):
    base = tmp_path / "kept"
    assert run(USE, NUMBA_CACHE_DIR=str(base)) == "1.0 0"
    (own,) = base.iterdir()
    assert own.stat().st_mode & 0o777 == 0o700 and own.stat().st_uid == os.getuid()
    assert run(USE, NUMBA_CACHE_DIR=str(base)) == "1.0 1"
    where = "from eureka_population.kernels import cache; print(cache.directory())"
    assert run(where, NUMBA_CACHE_DIR=None, XDG_CACHE_HOME=str(tmp_path)) == str(tmp_path / "eureka/numba" / own.name)
    home = {"NUMBA_CACHE_DIR": None, "XDG_CACHE_HOME": None, "HOME": str(tmp_path)}
    assert run(where, **home) == str(tmp_path / ".cache/eureka/numba" / own.name)


def test_without_a_directory_it_compiles_all_the_same_and_says_so(run):
    nowhere = {"NUMBA_CACHE_DIR": None, "XDG_CACHE_HOME": None, "HOME": "/dev/null"}
    assert run(USE, **nowhere) == "1.0 0"
    for env in (nowhere, {"NUMBA_CACHE_DIR": "/dev/null"}):
        told = run(ASK, **env)
        assert "They cannot be kept" in told and "/dev/null" in told and "Set NUMBA_CACHE_DIR" in told


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o740])
def test_a_directory_that_others_may_use_is_not_used(fresh, tmp_path, mode):
    own = fresh(tmp_path)
    own.chmod(mode)
    with pytest.raises(OSError, match=rf"is not the user's alone \(owner {os.getuid()}, mode {mode:o}\)"):
        fresh(tmp_path)


def test_a_directory_in_one_that_all_may_write_to_is_not_used_unless_names_there_are_safe(fresh, tmp_path):
    base = tmp_path / "open"
    base.mkdir()
    base.chmod(0o777)
    with pytest.raises(OSError, match="can be written by all"):
        fresh(base)
    base.chmod(0o1777)
    assert fresh(base).parent == base


def test_a_directory_in_one_that_another_group_may_write_to_is_not_used(fresh, tmp_path, monkeypatch):
    base = tmp_path / "shared"
    base.mkdir()
    base.chmod(0o770)
    assert fresh(base).parent == base  # of the user's own group
    if os.getuid() == 0:
        os.chown(base, -1, 54321)
    monkeypatch.setattr(os, "getgid", lambda: 12345)
    with pytest.raises(OSError, match="can be written by all or by another group"):
        fresh(base)


def test_a_directory_that_is_a_link_is_not_used_and_links_to_it_are_followed_at_once(fresh, tmp_path):
    own, base, linked = fresh(tmp_path / "first"), tmp_path / "second", tmp_path / "third"
    base.mkdir()
    (base / own.name).symlink_to(own)
    with pytest.raises(OSError, match="is not the user's alone"):
        fresh(base)
    linked.symlink_to(own.parent)
    assert fresh(linked) == own


@pytest.mark.parametrize(
    "other",
    [
        ("eureka_population.kernels.cache.version", lambda name: "0.0"),
        ("eureka_population.kernels.cache._processor", lambda: "another"),
        ("sys.implementation.cache_tag", "cpython-0"),
    ],
    ids=["numba", "processor", "python"],
)
def test_what_another_compiles_for_is_compiled_once_more_and_that_is_said(fresh, tmp_path, monkeypatch, other):
    own = fresh(tmp_path)
    cache.compiled()
    assert cache.told() == []
    monkeypatch.setattr(*other)
    assert fresh(tmp_path) != own and "compiles its kernels, this once" in cache.told()[0]


def test_the_first_run_is_told_that_it_compiles_and_the_next_is_not(fresh, tmp_path):
    own = fresh(tmp_path)
    (line,) = cache.told()
    assert "compiles its kernels, this once" in line and str(own) in line
    cache.compiled()
    assert cache.told() == []


@pytest.mark.slow
def test_two_processes_may_compile_at_once(tmp_path):
    env = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    both = [subprocess.Popen([sys.executable, "-c", USE], env=env, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [process.communicate(timeout=120)[0].split()[0] for process in both] == ["1.0", "1.0"]


def test_options_are_read_and_a_fit_is_checked_without_numba(run):
    code = """
import sys
from eureka.hookspecs import TrainingRequest
from eureka.spaces import Box, Discrete
from eureka_population import PopulationTrainer
request = TrainingRequest(Box(shape=(1,), low=(0.0,), high=(1.0,)), Discrete(n=2), 10**6)
PopulationTrainer(PopulationTrainer.Options()).eureka_check_training(request)
print([name for name in ("numba", "scipy", "torch", "safetensors") if name in sys.modules])
"""
    assert run(code) == "[]"


def test_a_warm_process_has_every_kernel_a_training_uses(lab):
    from eureka_population.kernels import acting, returns, update
    from eureka_population.warm_up import warm_up

    used = (acting.act, acting.observe, returns.values, returns.advantages, returns.scale_rewards, update.update)
    warm_up()
    for actions in ("discrete", "multi-discrete", "box"):
        lab.train({actions: "fitness"}, sim={"actions": actions}, end=64, normalize_observations=True, normalize_rewards=True)
    # A second would mean that a training compiles what the warm-up did not, in each of its processes.
    assert {kernel.__name__: len(kernel.signatures) for kernel in used} == {kernel.__name__: 1 for kernel in used}
