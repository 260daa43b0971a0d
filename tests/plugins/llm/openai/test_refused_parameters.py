"""A parameter a model refuses is left out, remembered, and told of once."""

from __future__ import annotations

import pytest

from eureka.errors import ModelFault
from servers.base import error
from servers.chat import completion


def refusing(*names: str, words: str = "Unsupported parameter: '{}' is not supported with this model.", status: int = 400, param=True):
    """Refuses each request with one of these parameters, the first of them first, as servers do."""

    def answer(asked):
        found = next((name for name in names if name in asked.body), None)
        if found is None:
            return completion(asked)
        return error(status, words.format(found), **({"param": found} if param else {}))

    return answer


WORDS = [
    "Unsupported value: '{}' does not support 0.5 with this model. Only the default (1) value is supported.",
    "{} is not available for reasoning models",
    "Unrecognized request argument supplied: {}",
]


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("param", [True, False])
@pytest.mark.parametrize("name", ["temperature", "reasoning_effort"])
def test_it_is_left_out_from_then_on_with_one_warning(server, make, ask, caplog, words, param, name):
    server.default = refusing(name, words=words, param=param)
    llm = make(reasoning_effort="low", temperature=0.5)
    assert len(ask(llm)) == len(ask(llm)) == 1
    assert [name in asked.body for asked in server.asked] == [True, False, False]
    assert [record.message for record in caplog.records if record.name == "eureka"] == [
        f'llm: test-model does not take {name}, which is left out from now on. It says: "{words.format(name)}"'
    ]


def test_several_are_left_out_one_after_the_other(server, make, ask, caplog):
    server.default = refusing("temperature", "reasoning_effort", "stream_options", status=422, param=False)
    llm = make(reasoning_effort="low", stream=True)
    assert ask(llm)[0].finish_reason == "stop"
    assert len(server.asked) == 4 and len(caplog.records) == 3 and "max_tokens" in server.asked[-1].body


def test_sixteen_calls_at_once_warn_once(server, make, ask, caplog):
    server.default = refusing("temperature")
    assert len(ask(make(use_n=False), samples=16)) == 16
    assert caplog.text.count("does not take temperature") == 1


@pytest.mark.parametrize(("first", "other"), [("max_tokens", "max_completion_tokens"), ("max_completion_tokens", "max_tokens")])
def test_the_limit_gets_its_other_name_and_is_never_left_out(server, make, ask, first, other, monkeypatch):
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "azure-key-000000001")
    server.default = refusing(first)
    llm = make() if first == "max_tokens" else make(azure={"endpoint": server.url})
    ask(llm)
    ask(llm)
    assert [[name for name in (first, other) if name in asked.body] for asked in server.asked] == [[first], [other], [other]]


def test_a_server_that_refuses_both_names_of_the_limit_stops_the_run(server, make, ask):
    server.default = refusing("max_tokens", "max_completion_tokens")
    with pytest.raises(ModelFault, match="max_completion_tokens"):
        ask(make())
    assert len(server.asked) == 2


def test_a_parameter_told_in_another_form_is_no_surprise(server, make, ask):
    server.default = lambda asked: error(400, "no", param=["temperature", 7])
    with pytest.raises(ModelFault, match="does not accept the call"):
        ask(make())


@pytest.mark.parametrize(
    ("param", "words"),
    [
        ("max_tokens", "max_tokens is too large: 8192. This model supports at most 4096 completion tokens."),
        (None, "Invalid max_tokens value, the valid range of max_tokens is [1, 4096]"),
        ("temperature", "Invalid 'temperature': decimal above maximum value. Expected a value <= 1."),
        ("reasoning_effort", "Unsupported value: 'minimal'. Supported values are: 'low', 'medium', and 'high'."),
        ("messages", "messages with a temperature of their own are not supported"),
    ],
)
def test_a_wrong_value_of_a_known_parameter_is_for_the_user_to_put_right(server, make, ask, param, words, caplog):
    server.default = lambda asked: error(400, words, param=param)
    with pytest.raises(ModelFault) as fault:
        ask(make(reasoning_effort="minimal"))
    assert words in str(fault.value) and not fault.value.billed and len(server.asked) == 1 and caplog.text == ""
