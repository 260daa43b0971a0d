import pytest

from eureka.errors import RunStopped
from eureka.secret_values import refuse_secrets
from eureka.types import Message

MESSAGES = (Message(role="system", content="Write rewards."), Message(role="user", content="Balance it.\nUse sk-123456789 to log in."))


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "HF_TOKEN", "CLIENT_SECRET", "my_key"])
def test_a_prompt_with_a_keys_value_is_refused_naming_the_variable_and_not_the_value(name):
    with pytest.raises(RunStopped, match=rf"line 2 of the user message .*variable {name}\..*resume") as raised:
        refuse_secrets(MESSAGES, {name: " sk-123456789\n", "HOME": "/root"})
    assert "sk-123456789" not in str(raised.value)


@pytest.mark.parametrize(
    "environment",
    [{}, {"OPENAI_API_KEY": "sk-another-one"}, {"KEYBOARD": "sk-123456789"}, {"SHORT_KEY": "Balance"}, {"EMPTY_TOKEN": ""}],
)
def test_what_holds_no_secret_is_sent(environment):
    refuse_secrets(MESSAGES, environment)
