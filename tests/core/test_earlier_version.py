"""A run that an earlier version left, whose config and journal lack what came later, is shown, played and gone on with."""

from __future__ import annotations

import json
import sys

import pytest
import yaml

import eureka
from eureka.config import load_resolved
from eureka.journal import read_journal

LATER = {"search": ("stop_when_solved", "initial_reward", "initial_as"), "final": ("top", "cache", "clip")}


@pytest.fixture(scope="module")
def early(tmp_path_factory):
    """A run of one iteration, without what later versions added to its files."""
    made = sys.modules["tests.core.conftest"].Fake(tmp_path_factory.mktemp("early"))
    assert made.run(search={"iterations": 1}).returncode == 0
    config = yaml.safe_load((made.run_dir / "config.yaml").read_text())
    for key in ("keep", "isolation"):
        del config[key]
    for section, keys in LATER.items():
        for key in keys:
            del config[section][key]
    (made.run_dir / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    header, *rest = (made.run_dir / "journal.jsonl").read_text().splitlines(keepends=True)
    header = {key: value for key, value in json.loads(header).items() if key not in ("retest", "versions")}
    (made.run_dir / "journal.jsonl").write_text("".join([json.dumps(header) + "\n", *rest]))
    return made


def test_it_is_read_with_the_defaults_of_what_it_does_not_know(early):
    config = load_resolved(early.run_dir / "config.yaml")
    assert (config.keep.checkpoints, config.final.top, config.search.initial_as, config.isolation) == ("best", 1, "iteration", None)
    assert config.search.samples == 3 and config.final.clip  # the one of the run itself, and the default
    opened = eureka.open_run(early.run_dir)
    assert opened.summary["best"]["id"] == opened.best.id and opened.policy().path.is_dir()


def test_its_report_names_the_version_that_it_knows_of(early):
    done = early.eureka("report", early.run_dir)
    assert done.returncode == 0, done.stderr
    version = json.loads((early.run_dir / "journal.jsonl").read_text().partition("\n")[0])["eureka"]
    text = (early.run_dir / "report.md").read_text()
    assert f"- eureka-core: {version}\n" in text and "- numpy:" not in text


def test_it_is_resumed_and_chooses_among_all_that_was_retested(early):
    done = early.eureka("resume", early.run_dir, "--set", "search.iterations=2", "--set", "final.clip=false")
    assert done.returncode == 0, done.stderr
    header = read_journal(early.run_dir / "journal.jsonl")[0]
    assert header.retest is None and header.versions == {}
    assert len(early.summary()["iterations"]) == 2 and early.summary()["best"]["id"] is not None
    assert yaml.safe_load((early.run_dir / "config.yaml").read_text())["keep"] == {"checkpoints": "best"}
