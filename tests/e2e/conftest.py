"""Eureka as users have it: the command line in folders of their own, and an installation from wheels outside of the clone."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
MODELS = ("anthropic", "litellm", "openai")
EXTENSIONS = ("tensorboard", "wandb")
DISTS = (
    "core",
    "plugins/sim/gymnasium",
    "plugins/sim/isaacgym",
    "plugins/sim/torch",
    "plugins/trainer/population",
    "plugins/trainer/rl_games",
    "plugins/trainer/sb3",
    "plugins/llm/symbolic",
    "plugins/feedback/human",
    *(f"plugins/llm/{name}" for name in MODELS),
    *(f"plugins/extension/{name}" for name in EXTENSIONS),
)
EUREKA = str(Path(sys.executable).with_name("eureka"))


def clean_environment(**more: str) -> dict[str, str]:
    """The environment without what would let Python or pip look elsewhere."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PIP_", "VIRTUAL_ENV"))} | more


class Folder:
    """A user's folder and the commands they type in it."""

    def __init__(self, path: Path, script: Sequence[str] = (EUREKA,), env: dict[str, str] | None = None) -> None:
        self.path = path
        self.script = list(script)
        self.env = env if env is not None else clean_environment()

    def write(self, name: str, content: Any) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))  # JSON is YAML
        return path

    def eureka(self, *arguments: object, timeout: float = 240) -> subprocess.CompletedProcess[str]:
        return self.command([*self.script, *map(str, arguments)], timeout)

    def command(self, argv: Sequence[str], timeout: float = 240) -> subprocess.CompletedProcess[str]:
        return subprocess.run(argv, cwd=self.path, env=self.env, capture_output=True, text=True, timeout=timeout)

    def entries(self) -> list[str]:
        return sorted(str(path.relative_to(self.path)) for path in self.path.rglob("*") if "__pycache__" not in path.parts)

    def journal(self, run: str, kind: str) -> list[dict[str, Any]]:
        lines = (self.path / run / "journal.jsonl").read_text().splitlines()
        return [record for record in map(json.loads, lines) if record["kind"] == kind]

    def summary(self, run: str) -> dict[str, Any]:
        return json.loads((self.path / run / "summary.json").read_text())


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture(scope="session")
def core_tests() -> Any:
    """tests/core/conftest.py: the runs with fake parts."""
    spec = importlib.util.spec_from_file_location("eureka_e2e_core_conftest", ROOT / "tests" / "core" / "conftest.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def fake(core_tests: Any, tmp_path: Path) -> Any:
    return core_tests.Fake(tmp_path)


@pytest.fixture(autouse=True)
def _nobody_is_left_behind(core_tests: Any, tmp_path: Path) -> Iterator[None]:
    watched = _Watched(core_tests, tmp_path)
    yield
    left = core_tests.Fake.wait_until_gone(watched)
    assert left == []


class _Watched:
    def __init__(self, core_tests: Any, folder: Path) -> None:
        self.folder = folder
        self.before = set(core_tests._eureka_processes())
        self.processes = lambda: core_tests.Fake.processes(self)


class Installation:
    """A virtual environment that holds Eureka's wheels, outside of the clone."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "venv" / "bin"
        self.wheels = folder / "wheels"
        self.env = clean_environment(
            PATH=f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            PIP_NO_INDEX="1",
            PIP_DISABLE_PIP_VERSION_CHECK="1",
            NUMBA_CACHE_DIR=str(folder / "numba"),  # what is compiled is kept by the kernels' path, and this one is new each time
        )

    def folder(self, path: Path) -> Folder:
        """A user's folder in which `eureka` is this installation's."""
        return Folder(path, [str(self.bin / "eureka")], self.env)


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Wheels of all dists, built from copies of their folders and installed into an environment of their own.

    What they depend on is lent from this environment, for want of a network: all of its packages but Eureka's, and but torch and
    stable-baselines3, without which everything but `trainer: sb3` and `trainer: rl_games` must do.
    """
    folder = tmp_path_factory.mktemp("installation")
    it = Installation(folder)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    _lend(Path(sysconfig.get_path("purelib")), folder / "lent")
    site_packages = next((folder / "venv" / "lib").glob("python*/site-packages"))
    (site_packages / "lent.pth").write_text(f"{folder / 'lent'}\n")
    pip = it.bin / "pip"
    pip.write_text(f"#!{it.bin / 'python'}\nfrom pip._internal.cli.main import main\n\nraise SystemExit(main())\n")
    pip.chmod(0o755)
    copies = [_copy(ROOT / dist, folder / "source" / dist) for dist in DISTS]
    outside = it.folder(folder)
    for command in (
        [pip, "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", it.wheels, *copies],
        [pip, "install", "--no-deps", "--no-index", *(it.wheels / name for name in WHEELS)],
    ):
        done = outside.command([str(part) for part in command])
        assert done.returncode == 0, done.stdout + done.stderr
    return it


WHEELS = tuple(f"eureka_{'core' if dist == 'core' else f'plugin_{Path(dist).name}'}-0.1.0-py3-none-any.whl" for dist in DISTS)


def _lend(packages: Path, to: Path) -> None:
    to.mkdir()
    for path in packages.iterdir():
        if (
            not any(name in path.name for name in ("eureka", "torch", "stable_baselines3"))
            and path.suffix != ".pth"
            and path.name != "__pycache__"
        ):
            (to / path.name).symlink_to(path)


def _copy(source: Path, to: Path) -> str:
    shutil.copytree(source, to, ignore=shutil.ignore_patterns("__pycache__", "build", "dist", "*.egg-info"))
    return str(to)
