"""What a reward's program may use besides its own names: pure functions of arrays and numbers.

Nothing here reads or writes a file, draws a random number, changes a global setting, hands out uninitialised memory or leads to a
module of its own.
"""

from __future__ import annotations

import types

import numpy as np


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


BUILTINS = _set(
    """
    abs all any bool complex dict divmod enumerate filter float frozenset int isinstance len list map max min pow print range reversed
    round set slice sorted str sum tuple zip
    ArithmeticError AssertionError Exception FloatingPointError IndexError KeyError NotImplementedError OverflowError RuntimeError
    TypeError ValueError ZeroDivisionError
    """
)

_NUMPY = """
    abs absolute acos acosh add all allclose amax amin angle any append apply_along_axis apply_over_axes arange arccos arccosh arcsin
    arcsinh arctan arctan2 arctanh argmax argmin argpartition argsort argwhere around array array_equal array_equiv array_split
    asanyarray asarray ascontiguousarray asin asinh astype atan atan2 atanh atleast_1d atleast_2d atleast_3d average
    bincount bitwise_and bitwise_count bitwise_invert bitwise_not bitwise_or bitwise_xor block broadcast_arrays broadcast_shapes
    broadcast_to
    cbrt ceil choose clip column_stack compress concat concatenate conj conjugate convolve copy copysign copyto corrcoef correlate cos
    cosh count_nonzero cov cross cumprod cumsum cumulative_prod cumulative_sum
    deg2rad degrees delete diag diag_indices diagflat diagonal diff digitize divide divmod dot dsplit dstack
    e ediff1d einsum equal euler_gamma exp exp2 expand_dims expm1 extract eye
    fabs fill_diagonal finfo fix flatnonzero flip fliplr flipud float_power floor floor_divide fmax fmin fmod frexp fromiter full
    full_like
    gcd geomspace gradient greater greater_equal
    heaviside histogram histogram2d hsplit hstack hypot
    i0 identity iinfo imag indices inf inner insert interp intersect1d invert isclose iscomplexobj isfinite isin isinf isnan isneginf
    isposinf isreal isrealobj isscalar issubdtype ix_
    kron lcm ldexp left_shift less less_equal lexsort linspace log log10 log1p log2 logaddexp logaddexp2 logical_and logical_not
    logical_or logical_xor logspace
    matmul matrix_transpose matvec max maximum mean median meshgrid min minimum mod modf moveaxis multiply
    nan nan_to_num nanargmax nanargmin nancumprod nancumsum nanmax nanmean nanmedian nanmin nanpercentile nanprod nanquantile nanstd
    nansum nanvar ndim negative newaxis nextafter nonzero not_equal
    ones ones_like outer
    pad partition percentile permute_dims pi piecewise place poly polyadd polyder polyfit polyint polymul polysub polyval positive pow
    power prod ptp put put_along_axis putmask
    quantile rad2deg radians ravel real reciprocal remainder repeat reshape result_type right_shift rint roll rollaxis rot90 round
    row_stack
    searchsorted select setdiff1d setxor1d shape sign signbit sin sinc sinh size sort spacing split sqrt square squeeze stack std
    subtract sum swapaxes
    take take_along_axis tan tanh tensordot tile trace transpose trapezoid trapz tri tril tril_indices triu triu_indices true_divide
    trunc
    union1d unique unstack unwrap vander var vdot vecdot vecmat vectorize vsplit vstack where zeros zeros_like
    c_ r_ s_ False_ True_ bool bool_ double single half float16 float32 float64 int8 int16 int32 int64 int_ intp longdouble uint8
    uint16 uint32 uint64 floating generic integer number
    """

MODULES: dict[str, frozenset[str]] = {
    "numpy": _set(_NUMPY),
    "numpy.linalg": _set(
        """
        LinAlgError cholesky cond cross det diagonal eig eigh eigvals eigvalsh inv lstsq matmul matrix_norm matrix_power matrix_rank
        matrix_transpose multi_dot norm outer pinv qr slogdet solve svd svdvals tensordot trace vecdot vector_norm
        """
    ),
    "math": _set(
        """
        acos acosh asin asinh atan atan2 atanh cbrt ceil comb copysign cos cosh degrees dist e erf erfc exp exp2 expm1 fabs factorial
        floor fmod frexp fsum gamma gcd hypot inf isclose isfinite isinf isnan isqrt lcm ldexp lgamma log log10 log1p log2 modf nan
        nextafter perm pi pow prod radians remainder sin sinh sqrt sumprod tan tanh tau trunc ulp
        """
    ),
    "typing": _set(
        """
        Any Callable Dict Final FrozenSet Iterable List Literal Mapping NoReturn Optional Sequence Set Tuple Type TypeAlias Union cast
        """
    ),
    "__future__": frozenset(("annotations",)),
}
"""Module → what may be taken from it."""

TYPES = frozenset(("ndarray",))
"""Of numpy, in annotations and `isinstance` only: calling it gives uninitialised memory."""

ATTRIBUTES = _set(
    """
    T all any argmax argmin argpartition argsort astype choose clip compress conj conjugate copy cumprod cumsum diagonal dot dtype fill
    flat flatten imag item itemsize mT max mean min nbytes ndim nonzero partition prod put ravel real repeat reshape resize round
    searchsorted shape size sort squeeze std sum swapaxes take tolist trace transpose var
    accumulate at outer reduce reduceat kind name type
    add append clear count difference discard extend get index insert intersection isdisjoint issubset issuperset items keys pop popitem
    remove reverse setdefault symmetric_difference union update values
    endswith is_integer isdigit join lower lstrip replace rsplit rstrip split splitlines startswith strip title upper args
    numerator denominator
    """
)
"""Attributes of values that a program may read."""

_REACHABLE: tuple[type, ...] = (
    *(np.ndarray, np.generic, np.float64, np.int64, np.complex128, np.bool_, np.str_, np.bytes_, np.void, np.dtype, np.ufunc),
    *(np.flatiter, np.vectorize, np.finfo, object, type, int, float, complex, bool, str, bytes, bytearray, memoryview),
    *(list, tuple, dict, set, frozenset, range, slice, map, filter, zip, enumerate, reversed, property),
    *(types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.GeneratorType, types.CoroutineType),
    *(types.AsyncGeneratorType, types.FrameType, types.CodeType, types.TracebackType, types.ModuleType, types.MappingProxyType),
    *(AttributeError, ImportError, NameError, OSError, StopIteration, SyntaxError, SystemExit, UnicodeDecodeError, KeyError),
)
FORBIDDEN_ATTRIBUTES = frozenset(name for kind in _REACHABLE for name in dir(kind)) - ATTRIBUTES
"""What exists on a value a program can get hold of and is not in `ATTRIBUTES`. Anything else exists nowhere: the first call says so."""
