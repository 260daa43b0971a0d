"""A key that somebody typed where none belongs is not repeated."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from eureka.cli import main
from eureka.config import apply_changes, load_config
from eureka.errors import ConfigError
from eureka.pasted_keys import holds_a_key, names_a_secret, shown_set, without_keys

KEY = "sk-proj-4fQ7xZ0bN2mL9vKcTt81Wd"
PLAIN = "correct horse battery"


@pytest.mark.parametrize(
    ("name", "hidden"),
    [
        ("llm.api_key", True),
        ("llm.apiKey", True),
        ("llm.api_key_env", True),
        ("extra_headers.Authorization", True),
        ("db-password", True),
        ("llm.max_tokens", False),
        ("budget.tokens", False),
        ("trainer.keyboard", False),
        ("search.samples", False),
    ],
)
def test_a_settings_name_tells_whether_it_would_hold_a_secret(name, hidden):
    assert names_a_secret(name) == hidden
    assert shown_set(f"{name}={PLAIN}") == (f"{name}=…" if hidden else f"{name}={PLAIN}")


@pytest.mark.parametrize("key", [KEY, "AIzaSyDdI0hCZtE6vySjMm-WEfRq3CPzqKqqsHI", "0123456789abcdef0123456789abcdef", "sk-abcdefghijk"])
def test_what_looks_like_a_key_is_left_out_of_a_message(key):
    assert without_keys(f'"{key}" is no llm; --set llm.model={key}: bad') == '"[KEY]" is no llm; --set llm.model=[KEY]: bad'


@pytest.mark.parametrize(
    "text", ["claude-sonnet-4-20250514", "gpt-4.1-2025-04-14", "qwen3-coder:480b-a35b", "runs/0123456789abcdef0123456789abcdef"]
)
def test_names_of_models_and_paths_are_none(text):
    assert without_keys(f"{text} is not there.") == f"{text} is not there."


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--set", "llm=replay", "--set", f"llm.api_key={KEY}"], "--set llm.api_key=…: llm.api_key: unknown key"),
        (["--set", f"llm.api_key={PLAIN}"], "--set llm.api_key=…"),
        (["--set", f"llm={{use: replay, api_key: {PLAIN}}}"], "--set llm=…: llm.api_key: unknown key"),
        (["--set", f"llm.api_key:{KEY}"], '--set "llm.api_key=…": expected KEY.PATH=VALUE'),
        (["--set", f"llm.api_key=[{PLAIN}"], "--set llm.api_key=…: its value is not YAML"),
        (["--set", f"llm={KEY}"], 'llm: "[KEY]" is not an llm'),
        (["--set", f"search.samples={KEY}"], 'search.samples: "[KEY]" is not a whole number'),
        (["--model", KEY], '--model "[KEY]" is not PROVIDER:NAME'),
        (["--model", f"{KEY}:gpt"], '--model [KEY]:gpt: llm: "[KEY]" is not an llm'),
        ([KEY], "unexpected extra argument ([KEY])"),
    ],
)
def test_no_error_of_the_command_line_repeats_it(arguments, said):
    done = CliRunner().invoke(main, ["check", "cartpole", *arguments])
    assert done.exit_code == 2
    assert said in done.output
    assert KEY[3:] not in done.output and PLAIN not in done.output


PROVIDER = """
import eureka
from eureka.providers import ProviderOptions
from eureka.providers.options import EnvironmentKey

class Nobody(eureka.Component):
    class Options(ProviderOptions):
        api_key_env: EnvironmentKey = "NOBODY_API_KEY"
        headers: dict[str, int] = {}

    @eureka.hookimpl
    def eureka_complete(self, request):
        return []
"""


@pytest.mark.parametrize("value", [KEY, PLAIN])
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("api_key_env: {}", "llm.api_key_env: is no name of an environment variable that ends in _KEY"),
        ("api_key: {}", 'llm.api_key: unknown key; did you mean "api_key_env"?'),
        ("api_key: {}", ". A key goes into an environment variable: export …_API_KEY=…"),
        ("headers: {{x-api-key: {}}}", "llm.headers.x-api-key: … is not a whole number"),
        ("headers: [{{x-api-key: {}}}]", "llm.headers: … is not a mapping"),
    ],
)
def test_no_error_about_a_file_repeats_it(tmp_path, line, said, value):
    (tmp_path / "nobody.py").write_text(PROVIDER)
    path = tmp_path / "config.yaml"
    path.write_text(f"task: cartpole\nllm:\n  use: nobody.py:Nobody\n  model: m\n  {line.format(value)}\n")
    done = CliRunner().invoke(main, ["check", str(path)])
    assert done.exit_code == 2
    assert said in done.output and "config.yaml:5" in done.output
    assert value not in done.output


@pytest.mark.parametrize("sets", [["task.description=Use {} there."], ["task.sim.kwargs={{password: {}}}"], ["generator=llm", "llm.x={}"]])
def test_a_config_that_holds_a_key_of_the_environment_is_refused(monkeypatch, sets):
    monkeypatch.setenv("SOME_TOKEN", KEY)
    options = [part for text in sets for part in ("--set", text.format(KEY))]
    done = CliRunner().invoke(main, ["check", "cartpole", *options])
    assert done.exit_code == 2 and KEY[:8] not in done.output
    if "llm.x" not in sets[-1]:
        assert "holds the value of the environment variable SOME_TOKEN; take it out" in done.output


KEYS = [
    KEY,
    "sk-ant-api03-Ab_cdefGHIJ-klmnop1",
    "sk-or-v1-0123456789abcdef",
    "gsk_Ab0cdefGHIJklmnop123",
    "AIzaSyDdI0hCZtE6vySjMm-WEfRq3CPzqKqqsHI",
    "hf_abcdefGHIJKLMNOPqrst",
]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(
    ("line", "at"),
    [
        ("model: {}", "llm.model"),
        ("extra: {{a: [x, {{b: Bearer {}}}]}}", "llm.extra.a[1].b"),
        ("members: [{{use: 'nobody.py:Nobody', model: {}}}]", "llm.members[0].model"),
    ],
)
def test_a_key_below_llm_is_refused_whatever_its_setting(tmp_path, line, at, key):
    (tmp_path / "nobody.py").write_text(PROVIDER.replace("headers: dict[str, int]", "extra: dict"))
    use = "ensemble" if "members" in line else "nobody.py:Nobody\n  model: m" if "model" not in line else "nobody.py:Nobody"
    path = tmp_path / "config.yaml"
    path.write_text(f"task: cartpole\nllm:\n  use: {use}\n  {line.format(key)}\n")
    done = CliRunner().invoke(main, ["check", str(path)])
    assert done.exit_code == 2
    assert (
        f"{at}: looks like a key, which does not belong in a config; put it in the environment variable that llm.api_key_env" in done.output
    )
    assert key[6:] not in done.output


@pytest.mark.parametrize("key", KEYS)
def test_a_key_that_is_set_below_llm_is_refused_also_by_resume(tmp_path, key):
    (tmp_path / "nobody.py").write_text(PROVIDER)
    config = load_config("cartpole")
    sets = [f"llm={{use: {tmp_path}/nobody.py:Nobody}}", f"llm.model={key}"]
    with pytest.raises(ConfigError, match=r"llm\.model: looks like a key"):
        load_config("cartpole", sets)
    with pytest.raises(ConfigError, match=r"llm\.model: looks like a key") as refused:
        apply_changes(config, sets)
    assert key[6:] not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "gpt-5-mini",
        "ft:gpt-4.1-mini-2025-04-14:acme::AbC123dE",
        "qwen/qwen3-coder:480b-a35b",
        "/home/me/sk-runs-2026-11-21-again",
        "hf_my_model_of_2026",
        "pplx-70b-online-2026-11",
        "skt/A.X-4.0-Light",
        "https://host:8000/v1/task-2026-11-21-12",
    ],
)
def test_what_is_no_key_is_none(text):
    assert not holds_a_key(text)


def test_a_pasted_key_at_the_top_is_told_where_it_goes():
    done = CliRunner().invoke(main, ["check", "cartpole", "--set", f"api_key={PLAIN}"])
    assert done.exit_code == 2 and PLAIN not in done.output
    assert "api_key: unknown key;" in done.output and "A key goes into an environment variable: export …_API_KEY=…" in done.output
