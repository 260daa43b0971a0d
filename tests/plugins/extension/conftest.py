"""One run with both extensions, killed in the middle and resumed, for all tests of what they leave behind."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from eureka.journal import read_journal
from eureka.run_metrics import Numbers, RunMetrics, Text

CORE = Path(__file__).parents[2] / "core"
KEY = "sk-planted-0a1b2c3d4e5f6g7h8i9j"
HOSTILE = "```\n</pre><script>alert(1)</script><img src=x onerror=alert(1)>"
"""What a model may write into its answer, here after its program."""


def _core_tests() -> Any:
    spec = importlib.util.spec_from_file_location("eureka_extension_core_conftest", CORE / "conftest.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


core_tests = _core_tests()
EXTENSIONS = ["progress", "tensorboard", {"use": "wandb", "tags": ["ours"]}]


@pytest.fixture
def fake(tmp_path):
    return core_tests.Fake(tmp_path)


@pytest.fixture(scope="session")
def resumed(tmp_path_factory):
    """A run of three rewards whose host is killed when the first has trained, and which is resumed. Keys are in its environment."""
    fake = core_tests.Fake(tmp_path_factory.mktemp("resumed"))
    fake.answers([[core_tests.NEAR + HOSTILE, core_tests.SMALL, core_tests.PROSE]])
    home = fake.folder / "home"
    home.mkdir()
    env = os.environ | {
        "WANDB_API_KEY": KEY,
        "OTHER_API_KEY": KEY[::-1],
        "HOME": str(home),
        # Nothing listens there: whoever asks the network would fail, and say so.
        **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9"),
    }
    dying = "\0".join([sys.executable, str(CORE / "fakes" / "dying_host.py"), "after", "13"])
    run = fake.eureka(
        "run",
        fake.write(extensions=EXTENSIONS, search={"iterations": 1}, training={"steps": 100}),
        "--run-dir",
        fake.run_dir,
        script=dying,
        env=env,
    )
    assert run.returncode == -9, run.stdout + run.stderr
    assert fake.wait_until_gone() == []
    fake.again = fake.eureka("resume", fake.run_dir, env=env)
    assert fake.again.returncode == 0, fake.again.stdout + fake.again.stderr
    return fake


@pytest.fixture(scope="session")
def expected(resumed):
    """What `RunMetrics` makes of the whole journal: points and texts."""
    metrics = RunMetrics(resumed.run_dir)
    items = [item for record in read_journal(resumed.run_dir / "journal.jsonl") for item in metrics.take(record)]
    return [i for i in items if isinstance(i, Numbers)], [i for i in items if isinstance(i, Text)]
