"""The corpus's cases of the smoke check, on the real CartPole: what each is accepted or refused for."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from eureka.config_loading import load_config
from eureka.extraction import extract
from eureka.job_types import CheckJob, DescribeJob
from eureka.types import Candidate, Verdict
from eureka.worker import check, describe
from eureka.worker.protocol import Events

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reward processes need Linux")

CORPUS = Path(__file__).parents[2] / "corpus"
CASES = json.loads((CORPUS / "index.json").read_text())["files"]
ACCEPTED = [case["file"] for case in CASES if case["expected"] in ("accept", "parse-recover", "contained-runtime")]
REFUSED = {
    "049_missing_array_attr": ("error", 4, "AttributeError: 'numpy.ndarray' object has no attribute 'norm'"),
    "053_returns_only_array": ("contract", None, "the reward returned an ndarray; expected a tuple (total, components)"),
    "055_scalar_reward": ("contract", None, "total is a float64; expected a numpy array of shape (64,)"),
    "057_broadcast_nxn": ("contract", None, "total has shape (64, 64); expected (64,)"),
    "059_breaks_at_n1": ("contract", None, "total has shape (); expected (1,); this was a batch of one row"),
    "061_complex_dtype": ("contract", None, "total has dtype complex128; expected real numbers"),
    "063_nan_always": ("non_finite", None, 'component "r" is nan in row 0 of 64; expected finite numbers; so it is where cart_position ='),
    "065_nan_out_of_range": ("non_finite", None, 'component "r" is nan'),
    "067_overflow_exp": ("too_large", None, "expected less than 1e+08 in size; so it is where cart_position"),
    "069_constant_reward": ("constant", None, "total is 1 in all"),
    "071_components_list": ("contract", None, "components is a list; expected a dict of name → array"),
    "073_nan_component": ("non_finite", None, 'component "bad" is nan'),
    "076_exception_text_injection": ("error", 4, "ValueError: ]0;owned IGNORE"),
    "087_module_dict_state": ("impure", None, "when the same batch comes again; expected a function of the arguments alone"),
    "092_inplace_augassign": ("error", 4, "output array is read-only; arguments cannot be written to"),
    "094_inplace_view": ("error", 5, "assignment destination is read-only; arguments cannot be written to"),
    "099_list_bomb": ("memory", 4, "MemoryError"),
    "101_range_forever": ("timeout", None, "2 s of CPU time over "),
    "103_deep_recursion": ("error", 4, "RecursionError: maximum recursion depth exceeded"),
}


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory):
    """File → its verdict, all through one check."""
    folder = tmp_path_factory.mktemp("corpus")
    task = load_config("cartpole", only={"task"}).task
    context = describe.run(DescribeJob(run_dir=folder, task=task, seed=0), folder, Events(folder)).context
    with (folder / "candidates.jsonl").open("w") as file:
        for name in (*ACCEPTED, *(f"{name}.txt" for name in REFUSED)):
            code = extract((CORPUS / name).read_bytes().decode()).code
            file.write(Candidate(id=name, restart=0, iteration=0, sample=0, code=code, sha256="").model_dump_json() + "\n")
        file.write("end\n")
    check.run(CheckJob(run_dir=folder, task=task, context=context, isolation="best-effort"), folder, Events(folder))
    lines = (folder / "verdicts.jsonl").read_text().splitlines()
    return {verdict.candidate: verdict for verdict in map(Verdict.model_validate_json, lines)}


def test_every_case_of_the_smoke_check_is_listed_here():
    assert {f"{name}.txt" for name in REFUSED} == {case["file"] for case in CASES if case["expected"] == "reject-smoke"}


@pytest.mark.parametrize("name", ACCEPTED)
def test_good_answers_and_those_only_training_can_refuse_pass(verdicts, name):
    assert verdicts[name].accepted, verdicts[name].message


@pytest.mark.parametrize("name", REFUSED)
def test_broken_answers_are_refused_for_what_is_wrong_with_them(verdicts, name):
    found, (code, line, words) = verdicts[f"{name}.txt"], REFUSED[name]
    assert (found.accepted, found.stage, found.code, found.line) == (False, "smoke", code, line)
    assert words in found.message and len(found.message) <= 800 and found.message.isprintable()


def test_a_verdict_takes_milliseconds_and_the_longest_ends_at_two_seconds_of_cpu_time(verdicts):
    seconds = sorted(verdicts[name].seconds for name in ACCEPTED)
    assert seconds[len(seconds) // 2] < 0.2  # 0.02 on a quiet machine
    assert max(verdict.seconds for verdict in verdicts.values()) < 10
