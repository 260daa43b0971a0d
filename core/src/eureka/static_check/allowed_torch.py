"""What a reward may use of torch where the simulator's arrays are tensors: pure functions, on whatever device the arguments are.

Only names: core never imports torch. No random numbers, files, modules of layers, compilers, settings, and no memory nobody has filled.
"""

from __future__ import annotations

from eureka.static_check.allowed_numpy import words

_ELEMENTWISE = """
    abs absolute acos acosh add addcdiv addcmul angle arccos arccosh arcsin arcsinh arctan arctan2 arctanh asin asinh atan atan2 atanh
    bitwise_and bitwise_not bitwise_or bitwise_xor ceil clamp clamp_max clamp_min clip conj copysign cos cosh deg2rad digamma div divide
    eq erf erfc erfinv exp exp2 expm1 fix float_power floor floor_divide fmax fmin fmod frac gcd ge greater greater_equal gt heaviside
    hypot i0 imag isclose isfinite isinf isnan isneginf isposinf isreal lcm ldexp le lerp less less_equal lgamma log log10 log1p log2
    logaddexp logaddexp2 logical_and logical_not logical_or logical_xor logit lt masked_fill maximum minimum mul multiply nan_to_num ne
    neg negative nextafter not_equal positive pow rad2deg real reciprocal relu remainder round rsqrt sgn sigmoid sign signbit sin sinc
    sinh sqrt square sub subtract tan tanh true_divide trunc where xlogy
    """
_OVER_AXES = """
    all allclose amax amin any argmax argmin argsort argwhere bincount bmm broadcast_to chunk corrcoef count_nonzero cov cross cummax
    cummin cumprod cumsum det diag diag_embed diagflat diagonal diff dist dot equal flatten flip fliplr flipud gather histc index_add
    index_select inner inverse kron kthvalue log_softmax logcumsumexp logsumexp masked_select matmul matrix_exp matrix_power max mean
    median min mm mode moveaxis movedim msort mv nanmean nanmedian nanquantile nansum narrow nonzero norm numel outer permute pinverse
    prod quantile ravel repeat_interleave reshape roll rot90 scatter scatter_add select softmax sort split squeeze std sum swapaxes
    swapdims t take take_along_dim tensor_split tile topk trace transpose tril triu unbind unflatten unique unsqueeze var vdot
    """
_TYPES = "bfloat16 bool double float float16 float32 float64 half int int16 int32 int64 int8 long short"

TORCH: dict[str, frozenset[str]] = {
    "torch": words(_ELEMENTWISE)
    | words(_OVER_AXES)
    | words(_TYPES)
    | words(
        """
        arange as_tensor atleast_1d atleast_2d atleast_3d block_diag broadcast_shapes broadcast_tensors bucketize cartesian_prod cat cdist
        clone column_stack combinations concat concatenate cosine_similarity cumulative_trapezoid dsplit dstack einsum eye finfo full
        full_like gradient hsplit hstack iinfo is_complex is_floating_point is_tensor isin linspace logspace meshgrid ones ones_like
        pairwise_distance polar scalar_tensor searchsorted stack std_mean tensor tensordot trapezoid trapz tril_indices triu_indices uint8
        vander var_mean vsplit vstack zeros zeros_like
        e inf nan newaxis pi
        """
    ),
    "torch.linalg": words(
        """
        cholesky cond cross det diagonal eig eigh eigvals eigvalsh inv lstsq matmul matrix_exp matrix_norm matrix_power matrix_rank
        multi_dot norm pinv qr slogdet solve svd svdvals tensorinv tensorsolve vander vecdot vector_norm
        """
    ),
}
"""Module → what may be taken from it."""

TENSOR_ATTRIBUTES = (
    words(_ELEMENTWISE)
    | words(_OVER_AXES)
    | words(
        """
        H T add_ bool clamp_ clone contiguous device dim div_ double dtype expand expand_as exp_ fill_ float half int is_floating_point
        item long mH mT masked_fill_ mul_ nbytes ndim ndimension nelement neg_ new_full new_ones new_tensor new_zeros repeat reshape_as
        shape size sub_ to tolist type type_as unfold view view_as zero_
        """
    )
)
"""Attributes of tensors that a program may read, beside those of Python's own values."""

_REASONS = {
    "reads or writes files": "from_file hub load save serialization",
    "draws random numbers, and a reward must give the same for the same arguments": """
        Generator bernoulli default_generator dropout get_rng_state initial_seed manual_seed multinomial normal poisson quasirandom rand
        rand_like randint randint_like randn randn_like random randperm rrelu seed set_rng_state
        """,
    "changes settings of the whole process": """
        set_anomaly_enabled set_default_device set_default_dtype set_default_tensor_type set_deterministic_debug_mode
        set_float32_matmul_precision set_flush_denormal set_grad_enabled set_num_interop_threads set_num_threads set_printoptions
        set_warn_always use_deterministic_algorithms
        """,
    "hands out memory as it lies there": "empty empty_like empty_permuted empty_quantized empty_strided as_strided frombuffer from_dlpack",
    "compiles or loads code": "_C _dynamo classes compile cpp export fx jit library ops package",
    "is a module of its own": """
        accelerator ao autograd backends cuda distributed distributions fft func functional futures linalg multiprocessing nn optim os
        overrides profiler special sys testing threading utils
        """,
    "names a device; use the device of an argument, as in `x.device`": "device",
}
FORBIDDEN_OF_TORCH: dict[str, str] = {name: reason for reason, names in _REASONS.items() for name in words(names)}
"""Name of torch → why not, fit to follow "it "."""
