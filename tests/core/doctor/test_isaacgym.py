"""IsaacGym's traps, in an interpreter that is made up."""

from __future__ import annotations

import ast
import shutil
import sys
from pathlib import Path

import numpy.random
import pytest

from eureka.doctor import interpreter_facts, other_python

install = sys.modules["tests.core.doctor.conftest"].install
TORCH_FIRST = "import sys\nif 'torch' in sys.modules:\n    raise ImportError('PyTorch was imported before isaacgym modules.')"
WORKS = ("isaacgym==1.0.preview4", "torch==2.4.1", "numpy==1.23.5", "rl_games==1.6.5")


@pytest.fixture
def works(environment, monkeypatch):
    """Everything that IsaacGym needs; the tests take away."""
    install(environment.packages, *WORKS, isaacgym=TORCH_FIRST, torch="")
    for name in ("g++", "ninja"):
        tool = environment.folder / "tools" / name
        tool.parent.mkdir(exist_ok=True)
        tool.write_text("")
        tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(environment.folder / "tools"))
    monkeypatch.delenv("CXX", raising=False)
    a_library = next(Path(numpy.random.__file__).parent.glob("_bounded_integers*.so"))
    shutil.copy(a_library, environment.folder / "lib" / "libpython3.8.so.1.0")
    monkeypatch.setenv("LD_LIBRARY_PATH", str(environment.folder / "lib"))
    return environment


def test_where_all_is_well_no_line_says_otherwise(works, findings):
    found = findings(other_python.check, other=works.python)
    assert {finding.status for finding in found.values()} == {"ok"}
    assert found["other Python"].found == f"3.8.18 in {works.folder}: isaacgym 1.0.preview4, torch 2.4.1, rl-games 1.6.5, numpy 1.23.5"
    assert {"libpython", "import isaacgym"} <= set(found)


def test_without_isaacgym_only_how_to_get_it_is_said(environment, findings):
    install(environment.packages, "numpy==1.26.4")
    found = findings(other_python.check, other=environment.python)
    assert found["IsaacGym"].status == "not there" and f"{environment.python} -m pip install -e isaacgym/python" in found["IsaacGym"].next
    assert set(found) == {"other Python", "IsaacGym"}


@pytest.mark.parametrize("version", [(3, 11, 7), (3, 7, 17), (3, 6, 15)])
def test_a_python_that_its_modules_or_the_worker_are_not_for_is_a_problem(works, findings, version):
    works.runs(version=version)
    assert findings(other_python.check, other=works.python)["IsaacGym's Python"].status == "problem"


@pytest.mark.parametrize(("numpy", "is_problem"), [("1.23.5", False), ("1.24.0", True), ("2.0.0rc1", True)])
def test_a_numpy_without_np_float_is_a_problem(works, findings, numpy, is_problem):
    (works.packages / "numpy-1.23.5.dist-info" / "METADATA").write_text(f"Name: numpy\nVersion: {numpy}\n")
    found = findings(other_python.check, other=works.python)
    assert ("np.float" in found) == is_problem
    assert not is_problem or found["np.float"].next == f'{works.python} -m pip install "numpy<1.24"'


def test_a_libpython_that_is_not_searched_comes_with_the_line_that_mends_it(works, findings, monkeypatch):
    monkeypatch.delenv("LD_LIBRARY_PATH")
    lost = findings(other_python.check, other=works.python)["libpython"]
    assert lost.status == "problem" and lost.next == f"export LD_LIBRARY_PATH={works.folder}/lib:$LD_LIBRARY_PATH"
    (works.folder / "lib" / "libpython3.8.so.1.0").unlink()
    assert "--enable-shared" in findings(other_python.check, other=works.python)["libpython"].next


@pytest.mark.parametrize(
    ("own", "torch", "system", "status"),
    [("3.4.26", "3.4.22", "3.4.26", "ok"), ("3.4.9", "3.4.22", "3.4.26", "problem"), ("3.4.26", "3.4.22", "3.4.30", "warning")],
)
def test_a_libstdcxx_older_than_what_needs_it_is_found(works, findings, machine, own, torch, system, status):
    def library(version: str) -> str:
        return f"\0GLIBCXX_3.4\0GLIBCXX_{version}\0GLIBCXX_DEBUG_MESSAGE_LENGTH\0"

    (works.folder / "lib" / "libstdc++.so.6").write_text(library(own))
    (works.packages / "torch" / "lib").mkdir()
    (works.packages / "torch" / "lib" / "libc10.so").write_text(library(torch))
    root = machine({"usr/lib64/libstdc++.so.6": library(system)})
    found = findings(other_python.check, other=works.python, root=root)["GLIBCXX"]
    assert found.status == status
    assert status == "ok" or f"GLIBCXX_{own}" in found.found


def test_what_gymtorch_is_compiled_with_must_be_there(works, findings):
    (works.folder / "tools" / "ninja").rename(works.folder / "bin" / "ninja")
    found = findings(other_python.check, other=works.python)
    assert found["gymtorch's ninja"].next == f"export PATH={works.folder}/bin:$PATH"
    (works.folder / "bin" / "ninja").unlink()
    (works.folder / "tools" / "g++").unlink()
    found = findings(other_python.check, other=works.python)
    assert "install ninja" in found["gymtorch's ninja"].next and found["gymtorch's compiler"].next == "apt install g++"


def test_torch_before_isaacgym_is_named_and_any_other_failure_is_quoted(works, findings):
    works.runs(first="import torch")
    found = findings(other_python.check, other=works.python)["import isaacgym"]
    assert found.status == "problem" and "IsaacGym must be imported first" in found.means
    works.runs()
    (works.packages / "isaacgym" / "__init__.py").write_text("import os\nos.abort()")
    assert findings(other_python.check, other=works.python)["import isaacgym"].found == "fails there: ended by SIGABRT"


def test_a_gpu_on_which_its_pipeline_crashes_is_named(works, findings, gpus, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", gpus.environ["PYTHONPATH"])
    gpus.set({"uuid": "GPU-a", "total": 80, "capability": [9, 0]}, {"uuid": "GPU-b", "name": "A100", "total": 80, "capability": [8, 0]})
    found = findings(other_python.check, other=works.python)["IsaacGym's GPU"]
    assert found.status == "warning" and found.found.startswith("H100 has")


def test_two_packages_with_a_module_pynvml_are_in_each_others_way(works, findings):
    install(works.packages, "pynvml==11.5.3", "nvidia-ml-py==12.560.30")
    assert findings(other_python.check, other=works.python)["pynvml"].next.startswith(f"{works.python} -m pip uninstall -y pynvml")
    (works.packages / "pynvml-11.5.3.dist-info" / "METADATA").write_text("Name: pynvml\nVersion: 12.0.0\n")  # which needs the other
    assert "pynvml" not in findings(other_python.check, other=works.python)


def test_what_is_no_python_is_a_problem(environment, findings):
    environment.python.write_text("#!/bin/sh\necho usage: nobody knows >&2\nexit 64\n")
    (found,) = findings(other_python.check, other=environment.python).values()
    assert found.status == "problem" and found.found == f"{environment.python}: usage: nobody knows"


def test_the_program_that_looks_is_in_the_grammar_of_python_3_6():
    ast.parse(Path(interpreter_facts.__file__).read_text(), feature_version=(3, 6))
