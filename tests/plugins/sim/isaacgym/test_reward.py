"""A candidate's program compiled by TorchScript."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from eureka_isaacgym.isaac_worker.faults import RewardFault, RewardMemory
from eureka_isaacgym.isaac_worker.reward import Reward, annotated

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated")


def env() -> SimpleNamespace:
    return SimpleNamespace(num_envs=3, dof_pos=torch.ones(3, 2), dt=0.5, name="a")


def fault(code: str, folder: Path) -> RewardFault:
    """What is wrong with a program, found as it is compiled or called."""
    with pytest.raises(RewardFault) as caught:
        Reward(code, env(), str(folder))(env())
    return caught.value


def test_it_is_compiled_with_its_helpers_and_computes_on_the_attributes(tmp_path: Path) -> None:
    helper = "def half(x, y: float):\n    return 0.5 * x * y\n\n"
    code = helper + "def compute_reward(dt, dof_pos):\n    a = half(dof_pos[:, 0], dt)\n    return a, {'a': a}"
    total, terms = Reward(code, env(), str(tmp_path))(env())
    assert total.tolist() == [0.25] * 3 and list(terms) == ["a"]


def test_annotations_become_what_the_attributes_are_and_lines_stay_where_they_were() -> None:
    code = "def compute_reward(\n    dof_pos,\n    dt: Tensor,\n) -> tuple[\n    Tensor, dict\n]:\n    return dof_pos"
    text = annotated(code, {"dof_pos": "torch.Tensor", "dt": "float"})
    assert text.split("\n")[:3] == ["def compute_reward(", "    dof_pos: torch.Tensor,", "    dt: float,"]
    assert text.split("\n")[-1] == "    return dof_pos" and text.count("\n") == code.count("\n")


def test_what_torchscript_refuses_is_told_with_the_programs_own_line(tmp_path: Path) -> None:
    wrong = fault("def compute_reward(dof_pos):\n    a = dof_pos[:, 0]\n    b = a.nosuch()\n    return a, {'a': a}", tmp_path)
    assert (wrong.code, wrong.line) == ("torchscript", 3)
    assert "nosuch" in wrong.message and str(tmp_path) not in wrong.message


def test_what_fails_while_it_runs_is_told_with_the_programs_own_line(tmp_path: Path) -> None:
    wrong = fault("def compute_reward(dof_pos):\n    a = dof_pos[:, 0]\n    b = a + torch.zeros(7)\n    return b, {'a': b}", tmp_path)
    assert (wrong.code, wrong.line) == ("error", 3)


def test_what_fails_in_a_helper_is_told_with_the_helpers_line(tmp_path: Path) -> None:
    helper = "def grown(x):\n    return x + torch.zeros(7)\n\n"
    wrong = fault(helper + "def compute_reward(dof_pos):\n    a = grown(dof_pos[:, 0])\n    return a, {'a': a}", tmp_path)
    assert (wrong.code, wrong.line) == ("error", 2)


def test_a_program_this_python_cannot_read_is_a_fault_with_its_line(tmp_path: Path) -> None:
    wrong = fault("def compute_reward(dof_pos):\n    a = dof_pos[:, 0]\n    b = a +\n    return b, {'a': b}", tmp_path)
    assert (wrong.code, wrong.line) == ("syntax", 3) and "cannot read it" in wrong.message
    wrong = fault("def compute_reward(dof_pos):\n    return dof_pos[:, 0], {}\nreturn 1", tmp_path)
    assert (wrong.code, wrong.line) == ("torchscript", 3)


@pytest.mark.parametrize("code", ["dof_pos.zero_()", "dof_pos[:, 0] = 3.0", "dof_pos[:, 1].detach().add_(1.0)"])
def test_a_reward_that_writes_to_its_argument_is_refused_and_the_simulators_own_is_untouched(tmp_path: Path, code: str) -> None:
    ours = env()
    with pytest.raises(RewardFault, match="the reward writes to its argument 'dof_pos'; compute a new tensor, or clone it first"):
        Reward(f"def compute_reward(dof_pos):\n    {code}\n    a = dof_pos[:, 0] + 1.0\n    return a, {{'a': a}}", ours, str(tmp_path))(
            ours
        )
    assert torch.equal(ours.dof_pos, torch.ones(3, 2)) and ours.dof_pos._version == 0


def test_a_reward_that_returns_its_argument_hands_on_a_copy(tmp_path: Path) -> None:
    ours = env()
    total, terms = Reward("def compute_reward(dof_pos):\n    return dof_pos[:, 0], {'a': dof_pos[:, 1]}", ours, str(tmp_path))(ours)
    ours.dof_pos.zero_()
    assert total.tolist() == terms["a"].tolist() == [1.0] * 3


def test_a_helper_annotated_wrongly_is_told_in_torchscripts_words_with_its_line(tmp_path: Path) -> None:
    helper = "def half(x) -> Tuple[Tensor, Tensor]:\n    return 0.5 * x\n\n"
    wrong = fault(helper + "def compute_reward(dof_pos):\n    a, b = half(dof_pos[:, 0])\n    return a, {'a': b}", tmp_path)
    assert (wrong.code, wrong.line) == ("torchscript", 2) and "annotated as having type Tuple[Tensor, Tensor]" in wrong.message


@pytest.mark.parametrize("rows", [2, 3])
@pytest.mark.parametrize("annotation", ["", " -> torch.Tensor"])
def test_a_reward_that_returns_a_tensor_alone_is_told_the_contract(tmp_path: Path, rows: int, annotation: str) -> None:
    ours = SimpleNamespace(num_envs=rows, dof_pos=torch.ones(rows, 2))
    with pytest.raises(RewardFault, match=r"it returned Tensor; expected two things, the total \(B,\) and a dict of its terms") as caught:
        Reward(f"def compute_reward(dof_pos){annotation}:\n    return dof_pos[:, 0]", ours, str(tmp_path))(ours)
    assert caught.value.code == "contract"


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ("dof_pos, {'a': dof_pos[:, 0]}", "the total has the shape (3, 2), expected (B,), here (3,)"),
        ("dof_pos[:, 0], {'a': dof_pos}", "the term `a` has the shape (3, 2)"),
        ("dof_pos[:, 0], {'a': dof_pos[:, 0] / 0.0}", "the term `a` is inf for row 0 of 3"),
    ],
)
def test_a_result_of_the_wrong_shape_or_not_finite_is_refused_by_name(tmp_path: Path, result: str, words: str) -> None:
    assert words in fault(f"def compute_reward(dof_pos):\n    return {result}", tmp_path).message


def test_an_attribute_that_is_not_there_or_no_number_is_refused(tmp_path: Path) -> None:
    assert "no attribute `height`" in fault("def compute_reward(height):\n    return height, {}", tmp_path).message
    assert "type str cannot be compiled" in fault("def compute_reward(name):\n    return name, {}", tmp_path).message


@pytest.mark.parametrize("words", ["CUDA out of memory. Tried to allocate 64 GiB", "DefaultCPUAllocator: can't allocate memory"])
def test_what_runs_out_of_memory_while_it_runs_is_told_apart_from_the_rewards_own_faults(tmp_path: Path, words: str) -> None:
    reward = Reward("def compute_reward(dof_pos):\n    return dof_pos[:, 0], {'a': dof_pos[:, 0]}", env(), str(tmp_path))

    def short(dof_pos: object) -> None:
        raise RuntimeError(words)

    reward._compute = short
    with pytest.raises(RewardMemory, match="allocate"):
        reward(env())
