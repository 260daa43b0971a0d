from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from eureka_gymnasium.blocks import LARGEST, Block, plan
from eureka_gymnasium.sources import SourceError, follow, parse, to_array

TEXTS = {
    "whole": "env.data.table[1]",
    "entry": "env.data.table[2][0]",
    "part": "env.data.table[1][0:2]",
    "speed": "env.speed",
    "x": "info.x",
}


def layer(table, speed=1.0):
    return SimpleNamespace(data=SimpleNamespace(table=table), speed=speed)


def block_of(texts, root, num_envs=2):
    sources = {name: parse(text) for name, text in texts.items()}
    roots = {name: {"x": 0.0} if source.root == "info" else root for name, source in sources.items()}
    entries = [(name, s, 0, to_array(follow(s, roots[name])).shape, roots[name]) for name, s in sources.items()]
    singles, shared = plan(entries)
    return singles, shared, Block(singles, shared, num_envs, lambda name, root: to_array(follow(sources[name], root)))


def test_an_array_that_several_sources_index_is_read_once_and_gives_each_its_own():
    singles, shared, block = block_of(TEXTS, layer(np.zeros((3, 3))))
    assert [s.name for s in singles] == ["speed", "x"] and [set(s.users) for s in shared] == [{"whole", "entry", "part"}]
    table = np.arange(9.0).reshape(3, 3)
    block.read(1, None, {"x": 5}, [layer(table, np.float32(2.5))])
    values = block.values()
    assert {name: value[1].tolist() for name, value in values.items()} == {
        "whole": [3.0, 4.0, 5.0], "entry": 6.0, "part": [3.0, 4.0], "speed": 2.5, "x": 5.0,
    }  # fmt: skip
    assert not any(value[0].any() for value in values.values())
    assert not np.shares_memory(values["whole"], values["part"])
    block.clear(1)
    assert not any(value.any() for value in block.values().values())


def test_what_is_not_as_it_was_at_first_is_read_with_every_check():
    _, _, block = block_of(TEXTS, layer(np.zeros((3, 3))))
    block.read(0, None, {}, [layer([[0, 0, 0], [7, 8, 9], [4, 0, 0]], speed=np.array(3.0))])
    values = block.values()
    assert values["whole"][0].tolist() == [7.0, 8.0, 9.0] and values["entry"][0] == 4.0 and values["speed"][0] == 3.0
    with pytest.raises(SourceError, match=r"env.data.table has shape \(2, 3\), so \[2\] is out of range"):
        block.read(0, None, {}, [layer(np.zeros((2, 3)))])
    with pytest.raises(SourceError, match="has no attribute 'speed'"):
        block.read(0, None, {}, [SimpleNamespace(data=layer(np.zeros((3, 3))).data)])


def test_a_large_array_is_not_copied_whole():
    singles, shared, _ = block_of({"one": "env.data.table[3][1]"}, layer(np.zeros((LARGEST, 2))))
    assert [s.name for s in singles] == ["one"] and shared == []
