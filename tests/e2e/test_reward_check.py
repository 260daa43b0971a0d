"""`eureka reward check` on what models write: the corpus, in one command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).parents[1] / "corpus"
# What the index expects → the verdict, and the stages that may give it.
VERDICTS = {
    "accept": ("accepted", (None,)),
    "parse-recover": ("accepted", (None,)),
    "contained-runtime": ("accepted", (None,)),
    "reject-static": ("rejected", ("extract", "static")),
    "reject-smoke": ("rejected", ("smoke",)),
}


def test_every_answer_of_the_corpus_gets_its_verdict_and_none_leaves_a_mark(folder: Any, tmp_path: Path) -> None:
    cases = json.loads((CORPUS / "index.json").read_text())["files"]
    markers = [Path(case["pwned_marker"]) for case in cases if case["pwned_marker"]]
    for marker in markers:
        marker.parent.mkdir(exist_ok=True)  # it must not be for want of a folder
        marker.unlink(missing_ok=True)
    folder.env["XDG_CACHE_HOME"] = str(tmp_path / "cache")

    done = folder.eureka("reward", "check", *(CORPUS / case["file"] for case in cases), "--task", "cartpole", "--json")

    assert (done.returncode, done.stderr) == (1, "")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [Path(line["file"]).name for line in lines] == [case["file"] for case in cases]
    wrong = [
        (case["file"], case["expected"], line)
        for case, line in zip(cases, lines, strict=True)
        if line["verdict"] != VERDICTS[case["expected"]][0] or line["stage"] not in VERDICTS[case["expected"]][1]
    ]
    assert wrong == []
    assert all(line["code"] and line["message"] for line in lines if line["verdict"] == "rejected")
    assert [marker for marker in markers if marker.exists()] == []
