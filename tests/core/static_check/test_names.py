"""The lists of names against what is installed: nothing of a new numpy or torch slips in, and all that is offered works confined."""

from __future__ import annotations

import json
import math
import subprocess
import sys

import numpy as np
import pytest

from eureka.static_check import check
from eureka.static_check.allowed_numpy import ATTRIBUTES, INSTEAD, NUMPY
from eureka.static_check.allowed_torch import FORBIDDEN_OF_TORCH, TENSOR_ATTRIBUTES, TORCH
from eureka.static_check.forbidden_names import FORBIDDEN, FORBIDDEN_OF_ARRAYS
from eureka.static_check.names import OFFERED

VARIABLES = ("angle", "action")


def problem(line, library="numpy", before=""):
    code = f"import numpy as np\nimport math\n{before}\ndef compute_reward(angle, action):\n    {line}\n    return angle, {{'a': angle}}\n"
    return str(check(code, VARIABLES, library))


def public(thing):
    return {name for name in dir(thing) if not name.startswith("_")}


@pytest.mark.parametrize(("name", "module"), [("numpy", np), ("numpy.linalg", np.linalg), ("math", math)])
def test_every_name_of_a_module_has_been_judged(name, module):
    """A name that fails here is new: it goes to `allowed_numpy.py` if it only computes, else with its reason to `forbidden_names.py`."""
    assert public(module) - NUMPY[name] - FORBIDDEN[name].keys() == set()
    assert NUMPY[name] & FORBIDDEN[name].keys() == set()


def test_every_attribute_of_an_array_has_been_judged():
    assert public(np.ndarray) - ATTRIBUTES - FORBIDDEN_OF_ARRAYS.keys() == set()
    assert ATTRIBUTES & FORBIDDEN_OF_ARRAYS.keys() == set()


def test_names_of_another_numpy_or_python_are_refused_by_naming_the_installed_one():
    lacking = NUMPY["numpy"] - public(np)
    assert lacking <= {"trapz"} or np.__version__ < "2.4"
    for name in lacking:
        assert f"`np.{name}` does not exist in numpy {np.__version__}" in problem(f"np.{name}(angle)")
    for name in NUMPY["math"] - public(math):
        assert f"`math.{name}` does not exist in Python {sys.version.split()[0]}" in problem(f"math.{name}(2.0)")
    assert "use `np.trapezoid`" in problem("np.trapz(angle)") or hasattr(np, "trapz")


def test_what_to_write_instead_is_offered_itself():
    for name in INSTEAD.keys() - OFFERED["numpy"]["numpy"]:
        instead = problem(f"np.{name}(angle)").split("use `")[1].split("`")[0]
        assert problem(f"x = angle; {instead}") == "None"


def test_what_names_on_the_list_of_forbidden_ones_do_is_told():
    assert "`np.save` is not allowed: it reads or writes files. A reward may" in problem("np.save('x', angle)")
    assert "`np.random` is not allowed: it draws random numbers" in problem("np.random.rand()")
    assert "`import numpy.random` is not allowed: it draws random numbers" in problem("import numpy.random")
    assert "the attribute `tofile` is not allowed: it reads or writes files" in problem("angle.tofile('x')")


CALLS = """
np.einsum('ij,jk,kl->il', x, m, m, optimize=True)|np.vectorize(abs)(v)|np.cov(x)|np.corrcoef(x)|np.histogram(v, bins='auto')
np.histogram2d(v, v)|np.unique(v)|np.unique(x, axis=0, return_counts=True)|np.percentile(v, 50)|np.quantile(x, 0.5, axis=0)
np.nanmedian(x, axis=1)|np.nanpercentile(v, 50)|np.median(x, axis=1)|np.linalg.norm(x, axis=1)|np.linalg.norm(x, ord='nuc')
np.linalg.inv(m)|np.linalg.svd(x)|np.linalg.eigh(m)|np.linalg.eig(m)|np.linalg.qr(m)|np.linalg.slogdet(m)|np.linalg.solve(m, v[:3])
np.linalg.lstsq(m, v[:3], rcond=None)|np.linalg.pinv(m)|np.linalg.cond(m)|np.linalg.matrix_power(m, -2)|np.linalg.cholesky(m @ m.T)
np.linalg.multi_dot([x, m, m])|np.apply_along_axis(sum, 1, x)|f'{x} {v[0]:.3f} {v!r}'|str(np.float32(1.5))|np.pad(x, 1)|np.cross(m, m)
np.interp(v, [0, 1], [0, 1])|np.gradient(v)|np.convolve(v, v)|np.polyfit(v, v, 1)|str(np.poly1d([1, 2]))|np.roots([1, 2, 1])
np.piecewise(v, [v > 0], [lambda z: z, 0])|np.select([v > 0], [v], 0)|np.r_[v, v]|np.mgrid[0:2, 0:2]|np.fromiter((z for z in v), float)
np.kron(m, m)|np.isin(v, [1])|np.unwrap(v)|np.vander(v)|np.nan_to_num(v)|np.sort(v, kind='stable')|np.digitize(v, [0])|np.std(x, axis=0)
x.astype('float16')|np.array([1, 'a'], dtype=object) * 2|np.finfo(np.longdouble).eps|np.finfo(np.float16).tiny|np.iinfo(int).max
np.errstate(all='ignore').__enter__()|np.ones(3) / np.zeros(3)|np.linalg.inv(np.zeros((2, 2)))|x[7]|np.sum(x, axis=5)|np.add('a', 1)
np.add(np.zeros(3), np.zeros(4))|np.array([[1], [1, 2]])|np.concatenate([v, x])|v.nothere|np.array([1.0]).astype('nope')|np.mean([])
np.sqrt(np.array([-1.0]))|np.typing.NDArray[np.float64]|typing.Dict[str, np.ndarray]|typing.Optional['np.ndarray']|typing.cast(int, 3)
dict[str, int]|print('x', file=None)|np.einsum_path('ij,jk->ik', x, m)|math.factorial(3000) // 7
str(10**600)|sum(x[:, i] for i in (0, 1))
"""
TORCH_CALLS = """
torch.einsum('bij,bj->bi', t, t[:, 0])|torch.linalg.inv(t)|torch.linalg.svd(t)|torch.linalg.eigh(t @ t.mT)|torch.linalg.norm(t, dim=-1)
torch.linalg.solve(t, t)|torch.linalg.lstsq(t, t)|torch.linalg.pinv(t)|torch.linalg.qr(t)|torch.linalg.multi_dot([t[0], t[0], t[0]])
torch.norm(t, dim=-1)|torch.cdist(t, t)|torch.softmax(t, -1)|torch.logsumexp(t, -1)|torch.quantile(t, 0.5)|torch.nanmedian(t)
torch.where(t > 0, t, -t)|torch.clamp(t, 0, 1)|torch.cross(t, t, dim=-1)|torch.stack([t, t])|torch.cat([t, t])|torch.unique(t)
torch.tensordot(t, t, dims=1)|torch.cov(t[0])|torch.histc(t)|torch.bucketize(t, t[0, 0])|torch.searchsorted(t[0, 0], t[0])|torch.gradient(t)
torch.tensor([0.0, 1.0], dtype=t.dtype, device=t.device)|torch.zeros_like(t)|torch.finfo(t.dtype).eps|torch.meshgrid(t[0, 0], t[0, 0])
torch.nn.functional.normalize(t, dim=-1)|torch.nn.functional.smooth_l1_loss(t, t)|f'{t} {t[0, 0, 0]:.3f}'|str(t)|repr(t.shape)|t.tolist()
torch.log(-t.abs())|torch.linalg.inv(torch.zeros(2, 2))|torch.linalg.cholesky(-t)|t[9]|t.nothere|t + torch.zeros(5)
TorchTensors().compiled(scope['compute_reward'], SOURCE, 'reward.py')[0](t[:, 0, 0], t[:, 0])
"""
UNREADABLE = """
import json, sys, warnings
from eureka.worker.zygote import _import
library, (offered, calls) = sys.argv[1], json.load(sys.stdin)
_import(library)
import math, typing
import numpy as np
things = {"numpy": np, "numpy.linalg": np.linalg, "numpy.typing": np.typing, "math": math, "typing": typing}
if library == "torch":
    import torch
    things |= {"torch": torch, "torch.linalg": torch.linalg, "torch.nn.functional": torch.nn.functional}
    from eureka.worker.array_libraries import TorchTensors
    t = torch.eye(3).expand(4, 3, 3) + 0.1
    SOURCE = "import torch\\n\\ndef compute_reward(a, b):\\n    return torch.exp(-a.abs()), {'b': torch.norm(b, dim=-1)}\\n"
    scope = {}
    exec(compile(SOURCE, "reward.py", "exec", dont_inherit=True), scope)
import numpy as np
x = np.linspace(-1, 1, 12).reshape(4, 3)
v, m, events, watching = x[:, 0], np.eye(3) + 0.1, [], False
sys.addaudithook(lambda event, arguments: events.append([event, str(arguments[0])]) if watching and event in ("import", "open") else None)
warnings.simplefilter("ignore")
watching = True
for module, names in offered.items():
    thing = things.get(module)
    for name in names if thing is not None else ():
        getattr(thing, name)
for call in calls:
    try:
        eval(call)
    except Exception:
        pass
watching = False
print(json.dumps(events), file=sys.stderr)
"""


@pytest.mark.parametrize(("library", "calls"), [("numpy", CALLS), ("torch", TORCH_CALLS)], ids=["numpy", "torch"])
def test_nothing_that_is_offered_reads_a_file_once_the_zygote_is_warm(library, calls):
    """Inside the confined process nothing can be imported any more."""
    if library == "torch":
        pytest.importorskip("torch")
    asked = [call for line in calls.strip().splitlines() for call in line.split("|")]
    offered = {module: sorted(names) for module, names in OFFERED[library].items()}
    command = [sys.executable, "-W", "ignore", "-c", UNREADABLE, library]
    done = subprocess.run(command, input=json.dumps([offered, asked]), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stderr.splitlines()[-1]) == []


# ── torch ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_name_offered_of_torch_exists():
    torch = pytest.importorskip("torch")
    assert {name for name in TORCH["torch"] if not hasattr(torch, name)} == set()
    assert {name for name in TORCH["torch.linalg"] if not hasattr(torch.linalg, name)} == set()
    assert {name for name in TENSOR_ATTRIBUTES if not hasattr(torch.Tensor, name)} == set()
    assert TORCH["torch"] & FORBIDDEN_OF_TORCH.keys() == set()


def test_no_name_of_torch_draws_numbers_sets_things_or_hands_out_empty_memory():
    torch = pytest.importorskip("torch")
    starts = (
        "rand",
        "set_",
        "empty",
        "manual_seed",
        "load",
        "save",
        "compile",
        "hub",
        "jit",
        "seed",
        "use_",
        "get_",
        "is_autocast",
        "cuda",
    )
    for name in public(torch):
        if name.startswith(starts) or type(getattr(torch, name)).__name__ == "module":
            assert name not in TORCH["torch"] or name == "linalg"
            assert name == "linalg" or f"`torch.{name}` is not allowed" in problem(f"torch.{name}(3)", "torch", "import torch")


@pytest.mark.parametrize(
    "line",
    [
        "x = torch.clamp(torch.exp(-angle), 0, 1) + torch.linalg.norm(action, dim=-1) * math.pi",
        "x = torch.zeros(len(angle), device=angle.device, dtype=angle.dtype)",
        "x: torch.Tensor = action.square().sum(dim=-1).to(torch.float32)",
        "assert isinstance(angle, torch.Tensor) and action.size(0) == angle.shape[0]",
        "x = torch.where(angle > 0, torch.ones_like(angle), angle.new_zeros(1)).unsqueeze(-1).expand_as(action)",
    ],
)
def test_a_reward_of_tensors_is_let_through_where_the_task_has_tensors(line):
    assert problem(line, "torch", "import torch") == "None"
    assert "the arrays of this task are numpy's" in problem(line, "numpy", "import torch")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("torch.zeros(3, device='cuda:7')", "a device may not be named here; use the device of an argument"),
        ("action.to('cuda')", "a device may not be named here"),
        ("action.type('torch.cuda.FloatTensor')", "a device may not be named here"),
        ("torch.device('cuda')", "`torch.device` is not allowed: it names a device"),
        ("action.cuda()", "the attribute `cuda` is not allowed"),
        ("action.data", "the attribute `data` is not allowed"),
        ("action.unsqueze(0)", "did you mean `unsqueeze`?"),
        ("torch.Tensor(3)", "`torch.Tensor` may stand in annotations and isinstance only"),
        ("torch.load('x')", "it reads or writes files"),
        ("torch.manual_seed(0)", "it draws random numbers"),
        ("import torch.nn.functional as F", "a reward may import torch, torch.linalg"),
    ],
)
def test_what_a_reward_of_tensors_must_not_do_is_refused(line, message):
    assert message in problem(line, "torch", "import torch")


def test_the_check_never_imports_torch():
    code = "import sys; from eureka.static_check import check; check('import torch', ['x'], 'torch'); print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
