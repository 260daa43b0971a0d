"""What a reward's program may use besides its own names: pure functions of arrays and numbers.

Nothing here reads or writes a file, draws a random number, changes a global setting, hands out uninitialised memory or leads to a
module of its own. Names of several versions of numpy and Python stand here; the check looks into the installed one.
"""

from __future__ import annotations

import abc
import types

import numpy as np


def words(names: str) -> frozenset[str]:
    """The names of a text, whatever the space between them."""
    return frozenset(names.split())


BUILTINS = words(
    """
    abs all any bool callable complex dict divmod enumerate filter float frozenset hasattr int isinstance len list map max min next object
    pow print range repr reversed round set slice sorted str sum tuple zip
    ArithmeticError AssertionError AttributeError Exception FloatingPointError IndexError KeyError LookupError NotImplementedError
    OverflowError RuntimeError StopIteration TypeError ValueError ZeroDivisionError
    """
)

_NUMPY = """
    abs absolute acos acosh add all allclose amax amin angle any append apply_along_axis apply_over_axes arange arccos arccosh arcsin
    arcsinh arctan arctan2 arctanh argmax argmin argpartition argsort argwhere around array array_equal array_equiv array_split
    asanyarray asarray asarray_chkfinite ascontiguousarray asfortranarray asin asinh astype atan atan2 atanh atleast_1d atleast_2d
    atleast_3d average
    bartlett bincount bitwise_and bitwise_count bitwise_invert bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor
    blackman block broadcast_arrays broadcast_shapes broadcast_to
    can_cast cbrt ceil choose clip column_stack common_type compress concat concatenate conj conjugate convolve copy copysign copyto
    corrcoef correlate cos cosh count_nonzero cov cross cumprod cumsum cumulative_prod cumulative_sum
    deg2rad degrees delete diag diag_indices diag_indices_from diagflat diagonal diff digitize divide divmod dot dsplit dstack
    e ediff1d einsum einsum_path equal euler_gamma exp exp2 expand_dims expm1 extract eye
    fabs fill_diagonal finfo fix flatnonzero flip fliplr flipud float_power floor floor_divide fmax fmin fmod frexp fromfunction
    fromiter full full_like
    gcd geomspace gradient greater greater_equal
    hamming hanning heaviside histogram histogram2d histogram_bin_edges histogramdd hsplit hstack hypot
    i0 identity iinfo imag index_exp indices inf inner insert interp intersect1d invert iscomplex isclose iscomplexobj isdtype isfinite
    isin isinf isnan isneginf isposinf isreal isrealobj isscalar issubdtype iterable ix_
    kaiser kron lcm ldexp left_shift less less_equal lexsort linspace log log10 log1p log2 logaddexp logaddexp2 logical_and logical_not
    logical_or logical_xor logspace
    mask_indices matmul matrix_transpose matvec max maximum mean median meshgrid mgrid min min_scalar_type minimum mod modf moveaxis
    multiply
    nan nan_to_num nanargmax nanargmin nancumprod nancumsum nanmax nanmean nanmedian nanmin nanpercentile nanprod nanquantile nanstd
    nansum nanvar ndenumerate ndim ndindex negative newaxis nextafter nonzero not_equal
    ogrid ones ones_like outer
    packbits pad partition percentile permute_dims pi piecewise place poly poly1d polyadd polyder polydiv polyfit polyint polymul polysub
    polyval positive pow power prod promote_types ptp put put_along_axis putmask
    quantile rad2deg radians ravel ravel_multi_index real real_if_close reciprocal remainder repeat reshape resize result_type right_shift
    rint roll rollaxis roots rot90 round
    searchsorted select setdiff1d setxor1d shape sign signbit sin sinc sinh size sort sort_complex spacing split sqrt square squeeze stack
    std subtract sum swapaxes
    take take_along_axis tan tanh tensordot tile trace transpose trapezoid trapz tri tril tril_indices tril_indices_from trim_zeros triu
    triu_indices triu_indices_from true_divide trunc
    union1d unique unique_all unique_counts unique_inverse unique_values unpackbits unravel_index unstack unwrap
    vander var vdot vecdot vecmat vectorize vsplit vstack where zeros zeros_like
    c_ r_ s_ False_ True_ bool bool_ byte cdouble clongdouble complex128 complex256 complex64 complexfloating csingle double float128
    float16 float32 float64 floating generic half inexact int16 int32 int64 int8 int_ intc integer intp long longdouble longlong number
    short signedinteger single ubyte uint uint16 uint32 uint64 uint8 uintc uintp ulong ulonglong unsignedinteger ushort
    """

NUMPY: dict[str, frozenset[str]] = {
    "numpy": words(_NUMPY),
    "numpy.linalg": words(
        """
        LinAlgError cholesky cond cross det diagonal eig eigh eigvals eigvalsh inv lstsq matmul matrix_norm matrix_power matrix_rank
        matrix_transpose multi_dot norm outer pinv qr slogdet solve svd svdvals tensordot tensorinv tensorsolve trace vecdot vector_norm
        """
    ),
    "numpy.typing": words("ArrayLike DTypeLike NDArray"),
    "math": words(
        """
        acos acosh asin asinh atan atan2 atanh cbrt ceil comb copysign cos cosh degrees dist e erf erfc exp exp2 expm1 fabs factorial
        floor fma fmod frexp fsum gamma gcd hypot inf isclose isfinite isinf isnan isqrt lcm ldexp lgamma log log10 log1p log2 modf nan
        nextafter perm pi pow prod radians remainder sin sinh sqrt sumprod tan tanh tau trunc ulp
        """
    ),
    "typing": words(
        """
        Any Callable Dict Final FrozenSet Iterable List Literal Mapping NoReturn Optional Sequence Set Tuple Type TypeAlias Union cast
        """
    ),
    "__future__": words("annotations"),
}
"""Module → what may be taken from it."""

TYPES: dict[str, frozenset[str]] = {
    "numpy": words("dtype ndarray"),
    "numpy.typing": NUMPY["numpy.typing"],
    "typing": NUMPY["typing"] - {"cast"},
    "torch": words("Tensor"),
}
"""Module → what may stand in annotations and `isinstance` only: `np.ndarray((3,))` is memory nobody has filled."""

INSTEAD = {
    **{"clamp": "np.clip", "norm": "np.linalg.norm", "inv": "np.linalg.inv", "det": "np.linalg.det", "relu": "np.maximum(x, 0)"},
    **{"sigmoid": "1 / (1 + np.exp(-x))", "expit": "1 / (1 + np.exp(-x))", "softplus": "np.logaddexp(0, x)", "lerp": "np.interp"},
    **{"trapz": "np.trapezoid", "trapezoid": "np.trapz", "in1d": "np.isin", "product": "np.prod", "cumproduct": "np.cumprod"},
    **{"alltrue": "np.all", "sometrue": "np.any", "round_": "np.round", "row_stack": "np.vstack", "asfarray": "np.asarray"},
    **{"NaN": "np.nan", "NAN": "np.nan", "Inf": "np.inf", "Infinity": "np.inf", "infty": "np.inf", "PINF": "np.inf", "NINF": "-np.inf"},
    **{"bool": "np.bool_", "float": "np.float64", "float_": "np.float64", "int": "np.int64", "complex": "np.complex128"},
    **{"empty": "np.zeros", "empty_like": "np.zeros_like", "unsqueeze": "np.expand_dims"},
    **{"cat": "np.concatenate", "concat": "np.concatenate", "permute_dims": "np.transpose", "pow": "np.power"},
    **{"acos": "np.arccos", "asin": "np.arcsin", "atan": "np.arctan", "atan2": "np.arctan2"},
    **{"acosh": "np.arccosh", "asinh": "np.arcsinh", "atanh": "np.arctanh", "cumulative_sum": "np.cumsum", "cumulative_prod": "np.cumprod"},
}
"""A name that numpy, or the installed version of it, lacks or that is refused → what to write instead."""

ATTRIBUTES = words(
    """
    T all any argmax argmin argpartition argsort astype choose clip compress conj conjugate copy cumprod cumsum diagonal dot dtype fill
    flat flatten imag item itemsize mT max mean min nbytes ndim nonzero partition prod ptp put ravel real repeat reshape round
    searchsorted shape size sort squeeze std sum swapaxes take tolist trace transpose var
    accumulate at bits eps epsneg identity kind name outer reduce reduceat resolution smallest_normal smallest_subnormal tiny type
    coeffs deriv integ order roots
    add append clear count difference discard extend fromkeys get index insert intersection isdisjoint issubset issuperset items keys pop
    popitem remove reverse setdefault symmetric_difference union update values
    capitalize center endswith find is_integer isalnum isalpha isdigit join ljust lower lstrip removeprefix removesuffix replace rfind
    rjust rsplit rstrip split splitlines startswith strip title upper zfill args
    numerator denominator
    """
)
"""Attributes of values that a program may read."""

_OFFERED = tuple(getattr(np, name) for name in NUMPY["numpy"] if name in dir(np))
_REACHABLE: frozenset[type] = frozenset(
    (
        *(value if isinstance(value, type) else type(value) for value in _OFFERED),
        *(np.ndarray, np.str_, np.bytes_, np.void, np.dtype, np.flatiter, np.matrix, abc.ABCMeta, object, type, int, float, complex),
        *(bool, str, bytes, bytearray, memoryview, list, tuple, dict, set, frozenset, range, slice, map, filter, zip, enumerate, reversed),
        *(property, types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.GeneratorType, types.CoroutineType),
        *(types.AsyncGeneratorType, types.FrameType, types.CodeType, types.TracebackType, types.ModuleType, types.MappingProxyType),
        *(AttributeError, ImportError, NameError, OSError, StopIteration, SyntaxError, SystemExit, UnicodeDecodeError, KeyError),
    )
)
FORBIDDEN_ATTRIBUTES = frozenset(name for kind in _REACHABLE for name in dir(kind)) - ATTRIBUTES
"""What exists on a value a program can get hold of and is not in `ATTRIBUTES`. Anything else exists nowhere: the first call says so."""
