"""Rows in a file."""

from __future__ import annotations

import pytest
from torch_envs import TASKS, actions_of, assert_equal, make, record, sources_of

from eureka.errors import PluginContractError


@pytest.mark.parametrize("name", TASKS)
def test_slices_of_rows_go_on_from_files_of_other_batches(name, tmp_path):
    sources = sources_of(name)
    whole = make(name, 6, sources, max_episode_steps=15)
    whole.reset(list(range(6)))
    actions = actions_of(whole, 70)
    record(whole, actions[:25])
    assert whole.save_state(tmp_path / "late", slice(1, 3)) and whole.save_state(tmp_path / "more", slice(3, 6))
    expected = record(whole, actions[25:])
    other = make(name, 70, sources, max_episode_steps=15)
    other.reset(list(range(100, 170)))
    other.load_state(tmp_path / "more", slice(0, 3))
    other.load_state(tmp_path / "late", slice(66, 68))
    repeated = actions[25:, [3, 4, 5, *[0] * 63, 1, 2, 0, 0]]
    found = record(other, repeated)
    order = [0, 1, 2, 66, 67]
    assert_equal({key: values[:, order] for key, values in found.items()}, {key: v[:, [3, 4, 5, 1, 2]] for key, v in expected.items()})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["late", "more"]


def test_rows_of_another_number_or_environment_are_refused(tmp_path, counter):
    env = make("torch_cartpole", 3)
    env.reset([0, 1, 2])
    env.save_state(tmp_path / "rows")
    with pytest.raises(PluginContractError, match=r"holds the rows elapsed int64 \(3,\).*expected as many rows.*elapsed int64 \(2,\)"):
        env.load_state(tmp_path / "rows", slice(0, 2))
    with pytest.raises(PluginContractError, match=r"state.angle float32.*expected.*state.clock float32 \(3,\)"):
        make(counter, 3).load_state(tmp_path / "rows")
    (tmp_path / "rows").write_text("nothing")
    with pytest.raises(PluginContractError, match="holds no saved rows"):
        env.load_state(tmp_path / "rows")
