"""What numpy offers and a reward may not use, with the reason. Names of several versions stand here.

Together with `allowed_numpy.py` it names all there is: a test fails where a new numpy brings a name nobody has judged.
"""

from __future__ import annotations

from eureka.static_check.allowed_numpy import words

_FILES = "reads or writes files"
_RANDOM = "draws random numbers, and a reward must give the same for the same arguments"
_SETTINGS = "reads or changes settings of the whole process"
_MEMORY = "hands out memory as it lies there, or another array's"
_MODULE = "is a module of its own"
_ABOUT = "tells about numpy or Python, not about arrays"
_TEXT = "is for text and dates"
_KINDS = "makes something else than a plain array of numbers"
_OLD = "is gone from newer versions of numpy"

_NUMPY = {
    _FILES: "DataSource fromfile fromregex genfromtxt load loadtxt memmap recfromcsv recfromtxt save savetxt savez savez_compressed",
    _RANDOM: "random",
    _SETTINGS: """
        add_docstring add_newdoc add_newdoc_ufunc errstate getbufsize geterr geterrcall geterrobj get_printoptions printoptions
        set_numeric_ops set_printoptions set_string_function setbufsize seterr seterrcall seterrobj sctypeDict sctypes typecodes
        """,
    _MEMORY: """
        byte_bounds empty empty_like frombuffer from_dlpack may_share_memory ndarray nditer nested_iters require shares_memory void
        """,
    _MODULE: """
        char compat core ctypeslib dtypes emath exceptions f2py fft lib linalg ma math polynomial rec strings testing typing version
        matrixlib
        """,
    _ABOUT: """
        RankWarning ScalarType deprecate deprecate_with_doc disp dtype find_common_type flatiter get_array_wrap get_include info isfortran
        issctype issubclass_ issubsctype little_endian lookfor maximum_sctype mintypecode nbytes obj2sctype sctype2char show_config
        show_runtime source test tracemalloc_domain typename ufunc who
        """,
    _TEXT: """
        array2string array_repr array_str base_repr binary_repr bytes_ busday_count busday_offset busdaycalendar character chararray
        compare_chararrays datetime64 datetime_as_string datetime_data format_float_positional format_float_scientific format_parser
        fromstring is_busday isnat str_ string_ timedelta64 unicode_
        """,
    _KINDS: "asmatrix bmat broadcast flexible frompyfunc mat matrix object_ recarray record",
    _OLD: """
        ALLOW_THREADS BUFSIZE CLIP ERR_CALL ERR_DEFAULT ERR_IGNORE ERR_LOG ERR_PRINT ERR_RAISE ERR_WARN FLOATING_POINT_SUPPORT
        FPE_DIVIDEBYZERO FPE_INVALID FPE_OVERFLOW FPE_UNDERFLOW Inf Infinity MAXDIMS MAY_SHARE_BOUNDS MAY_SHARE_EXACT NAN NINF NZERO
        NaN PINF PZERO RAISE SHIFT_DIVIDEBYZERO SHIFT_INVALID SHIFT_OVERFLOW SHIFT_UNDERFLOW UFUNC_BUFSIZE_DEFAULT UFUNC_PYVALS_NAME
        WRAP alltrue asfarray cast cfloat clongfloat complex_ cumproduct fastCopyAndTranspose float_ in1d infty kernel_version
        longcomplex longfloat msort numarray oldnumeric product round_ row_stack safe_eval singlecomplex sometrue
        """,
}

FORBIDDEN: dict[str, dict[str, str]] = {
    "numpy": {name: reason for reason, names in _NUMPY.items() for name in words(names)},
    "numpy.linalg": {"test": _ABOUT, "linalg": _MODULE},
    "math": {},
}
"""Module → name → why not, fit to follow "it "."""

_ARRAY = {
    _FILES: "dump dumps tofile",
    _MEMORY: "base byteswap ctypes data flags getfield itemset newbyteorder resize setfield setflags strides tobytes tostring view",
    "is for moving arrays between devices": "device to_device",
}
FORBIDDEN_OF_ARRAYS: dict[str, str] = {name: reason for reason, names in _ARRAY.items() for name in words(names)}
"""Attribute of an array → why not."""
