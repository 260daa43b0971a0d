"""Cores and memory that a control group leaves: made-up trees of both versions, as containers and schedulers make them."""

from __future__ import annotations

import os

import pytest

from eureka.cgroups import available_cores, cpu_quota, memory_limit


@pytest.fixture
def tree(tmp_path):
    """A file system's root: `tree(groups, files)` writes what the process is in and what the groups say."""

    def make(groups: str, files: dict[str, str]):
        for name, text in {"proc/self/cgroup": groups, **{f"sys/fs/cgroup/{name}": text for name, text in files.items()}}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{text}\n")
        return tmp_path

    return make


@pytest.fixture
def eight_cores(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)), raising=False)


def test_the_quota_of_version_2_is_the_least_of_all_groups_up_to_the_root(tree):
    files = {"a/b/cpu.max": "max 100000", "a/cpu.max": "350000 100000", "cpu.max": "600000 100000", "other/cpu.max": "100000 100000"}
    assert cpu_quota(tree("0::/a/b", files)) == 3.5


def test_the_quota_of_version_1_is_read_where_its_controller_is_mounted(tree):
    files = {"cpu,cpuacct/box/cpu.cfs_quota_us": "150000", "cpu,cpuacct/box/cpu.cfs_period_us": "100000"}
    assert cpu_quota(tree("4:memory:/box\n3:cpu,cpuacct:/box\n0::/", files)) == 1.5


def test_a_container_that_is_told_the_machines_path_reads_its_own_group_at_the_root(tree):
    files = {"cpu/cpu.cfs_quota_us": "200000", "cpu/cpu.cfs_period_us": "100000", "memory/memory.limit_in_bytes": "1000000000"}
    root = tree("3:cpu:/docker/0af3\n2:memory:/docker/0af3", files)
    assert (cpu_quota(root), memory_limit(root)) == (2.0, 1_000_000_000)


@pytest.mark.parametrize("files", [{}, {"cpu.max": "max 100000"}, {"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}])
def test_no_cap_is_none(tree, files):
    root = tree("3:cpu:/\n0::/", {**files, "memory/memory.limit_in_bytes": "9223372036854771712", "memory.max": "max"})
    assert cpu_quota(root) is None and memory_limit(root) is None


@pytest.mark.parametrize(("quota", "cores"), [("250000", 3), ("10000", 1), ("3200000", 8)])
def test_a_quota_is_rounded_up_and_never_more_than_the_cores_there_are(tree, eight_cores, quota, cores):
    assert available_cores(tree("0::/", {"cpu.max": f"{quota} 100000"})) == cores


def test_where_nothing_can_be_read_the_cores_are_those_it_may_run_on(tmp_path, eight_cores):
    assert available_cores(tmp_path) == 8 and memory_limit(tmp_path) is None
