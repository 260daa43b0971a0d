"""The corpus of answers: what extraction has to say to each."""

import json
from pathlib import Path

import pytest

from eureka.extraction import extract

CORPUS = Path(__file__).parents[2] / "corpus"
CASES = json.loads((CORPUS / "index.json").read_text())["files"]
MENDED = {  # what is found as it stands, in whatever fence, needs none
    "prose_no_fence": ("no code fence",),
    "helper_in_other_block": ("joined blocks",),
    "html_escaped": ("unescaped HTML",),
    "json_wrapped": ("unpacked JSON",),
}

REFUSED = {
    **{
        "empty": "answer with one",
        "prose_only": "answer with one",
        "class_method": "move it to the top level",
        "async_def": "write a plain `def`",
    },
    **dict.fromkeys(("deep_parens", "null_byte", "mixed_tabs", "syntax_error"), "Error: "),
}


def said(case):
    return extract((CORPUS / case["file"]).read_bytes().decode())


@pytest.mark.parametrize("case", [c for c in CASES if c["expected"] in ("accept", "parse-recover")], ids=lambda case: case["name"])
def test_good_answers_are_found_and_only_the_spoilt_ones_are_mended(case):
    found = said(case)
    assert found.error is None
    assert found.repairs == MENDED.get(case["name"], ())


@pytest.mark.parametrize("name", REFUSED)
def test_answers_without_a_usable_program_are_refused_with_the_next_step(name):
    found = said(next(case for case in CASES if case["name"] == name))
    assert REFUSED[name] in found.error
    assert (found.line is None) == (name in ("empty", "prose_only"))


def test_whatever_else_is_wrong_with_a_program_is_left_to_the_checks_after_this_one():
    left = [case for case in CASES if case["expected"] in ("reject-static", "reject-smoke", "contained-runtime")]
    refused = {case["name"] for case in left if said(case).error}
    assert refused == set(REFUSED)
    assert all("PWNED" in said(case).code for case in left if case["pwned_marker"])  # a statement that does harm is not tidied away
