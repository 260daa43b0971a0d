"""YAML 1.2 as configs are read: what values mean, where keys stand, and what is said of a file that is no YAML."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from eureka.errors import ConfigError
from eureka.yaml_source import dump, parse_value, parse_yaml, read_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-4", 1e-4),
        ("1e6", 1e6),
        ("off", "off"),
        ("no", "no"),
        ("on", "on"),
        ("yes", "yes"),
        ("true", True),
        ("010", 10),
        ("0o17", 15),
        ("12:30", "12:30"),
        ("2024-01-01", "2024-01-01"),
        ("~", None),
        (".inf", math.inf),
        ("'1'", "1"),
    ],
)
def test_scalars_mean_what_yaml_1_2_says(text: str, value: object) -> None:
    found = parse_yaml(f"a: {text}", "x.yaml").data["a"]
    assert found == value
    assert type(found) is type(value)


def test_every_key_and_item_knows_its_place() -> None:
    source = parse_yaml("a: 1\nb:\n  c: {d: 2}\n  e:\n    - x\n    - y: 3\n", "x.yaml")
    assert source.at(("b", "c", "d")) == "x.yaml:3:7"
    assert source.at(("b", "e", 1, "y")) == "x.yaml:6:7"
    assert source.at(("b", "c", "missing")) == "x.yaml:3:3"
    assert source.at(("unknown",)) == "x.yaml"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", 'x.yaml:3:1: found duplicate key "a"'),
        ("a: [1", "x.yaml:1:6: expected ',' or ']'"),
        ("\ta: 1", "x.yaml:1:1: found character"),
        ("a: *b", "x.yaml:1:4: found undefined alias"),
        ("a: !!python/name:os.system x", "x.yaml:1:4: could not determine a constructor"),
        ("a: 1\n---\nb: 2\n", "x.yaml:2:1: but found another document"),
        ("a: \x01", "x.yaml: character 4"),
        ("a: &x [*x]", "x.yaml: the nesting is too deep, or an alias contains itself"),
        ("a: " + "[" * 600 + "]" * 600, "x.yaml: the nesting is too deep"),
        ("", "x.yaml: is empty"),
        ("# nothing\n", "x.yaml: is empty"),
        ("- 1", "x.yaml:1:1: expected keys and values (key: value), found a list"),
        ("word", "x.yaml:1:1: expected keys and values (key: value), found a single value"),
    ],
)
def test_what_is_no_mapping_is_an_error_of_one_line_with_its_place(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse_yaml(text, "x.yaml")
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


def test_a_missing_file_suggests_its_neighbour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cartpole.yaml").write_text("a: 1")
    with pytest.raises(ConfigError, match=r'^cartpol\.yaml: no such file; did you mean "cartpole\.yaml"\?$'):
        read_yaml(Path("cartpol.yaml"))
    with pytest.raises(ConfigError, match=r"^nowhere/x\.yaml: no such file; there is no folder nowhere\.$"):
        read_yaml(Path("nowhere/x.yaml"))


def test_a_folder_or_a_binary_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read \(Is a directory\)"):
        read_yaml(tmp_path)
    (tmp_path / "x.yaml").write_bytes(b"a: \xff")
    with pytest.raises(ConfigError, match="byte 3 is not UTF-8"):
        read_yaml(tmp_path / "x.yaml")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("8", 8),
        ("1e-4", 1e-4),
        ("off", "off"),
        ("null", None),
        ("", None),
        ("[1, two]", [1, "two"]),
        ("{use: sb3, n: 4}", {"use": "sb3", "n": 4}),
        ("Land: softly", "Land: softly"),
        ("- x", "- x"),
        ("obs[3]", "obs[3]"),
        ("a=b", "a=b"),
        ('"8"', "8"),
    ],
)
def test_values_of_set_are_scalars_or_flow(text: str, value: object) -> None:
    assert parse_value(text) == value


def test_a_value_that_is_no_yaml_is_an_error() -> None:
    with pytest.raises(ConfigError, match=r"'\[1, 2' is no YAML value: .*; put text with special characters into double quotes"):
        parse_value("[1, 2")


def test_dumped_data_is_read_back_the_same_and_in_order() -> None:
    data = {
        "z": 1,
        "a": [1e-05, 0.1, math.inf, 10**20, True, None],
        "text": ["off", "1e-4", "2024-01-01", "null", "", " x ", "a: b", "#", "ä→", "two\nlines\n", "x" * 500 + " " + "y" * 500, "\x1b[0m"],
        "nested": {"empty": {}, "none": [], "list": [{"use": "x", "k": [1, 2]}]},
    }
    shared = {"same": 1}
    data |= {"one": shared, "two": shared}
    text = dump(data)
    assert parse_yaml(text, "x").data == data
    assert list(parse_yaml(text, "x").data) == list(data)
    assert "&" not in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('name: x\ndescription: "Balance.\nfold: sum\n', "t.yaml:2:14: a quote is not closed: it opens here."),
        (
            'description: "Balance.\nname: x\npos: {from: "obs[0]"}\n',
            "t.yaml:1:14: a quote is not closed: it opens here, and is taken to end on line 3.",
        ),
        ('a: "x"\nb: "y" z\n', "t.yaml:2:8: expected <block end>, but found '<scalar>' while parsing a block mapping."),
    ],
)
def test_a_quote_that_is_not_closed_is_told_where_it_opens(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse_yaml(text, "t.yaml")
    assert str(error.value) == said
