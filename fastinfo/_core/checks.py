"""The one place that converts what a user passes, and raises errors for what can't be used."""

from __future__ import annotations

import math
import numbers
import operator
from collections.abc import Sized
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]

#: How missing samples may be treated.
NAN_POLICIES = ("propagate", "omit", "raise")

_FLOAT32, _FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)


def as_array(a: Any, name: str) -> Array:
    """Return any array-like as a NumPy array, without a copy where it is one."""
    if isinstance(a, np.ma.MaskedArray):
        raise TypeError(
            f"{name} must not be a masked array (its mask would be lost): "
            f"fill it with NaN, as in a.filled(nan), or drop the masked entries"
        )
    if type(a) is np.ndarray:
        return a
    try:
        a = _without_nulls(a)
        if hasattr(a, "__dlpack__") and not hasattr(a, "__array__"):
            return np.from_dlpack(a)
        return np.asarray(a)
    except Exception as error:
        refuse_unreadable(a, name, error)
        raise


#: Libraries of tables and columns; narwhals wraps those of others.
_LIBRARIES = {"dask", "narwhals", "pandas", "polars", "pyarrow"}
#: Errors that may occur while reading an object that is not what it seems to be.
_ODD = (ArithmeticError, AttributeError, LookupError, NotImplementedError, RecursionError)


def refuse_unreadable(a: Any, name: str, error: Exception) -> None:
    """
    Raise an error that names the argument, with the original error as its cause.

    Nothing is raised for errors that should pass on unchanged: those of a class of the user's own,
    and those that already name the argument.
    """
    if str(error).startswith((f"{name} ", "column ")):
        return
    said = f"{name} must be an array, got {type(a).__name__}: {error}"
    if isinstance(error, ValueError):
        raise ValueError(said) from error
    foreign = library_of(type(a)) in _LIBRARIES and not isinstance(
        error, ImportError | MemoryError | OSError
    )
    if foreign or isinstance(error, (TypeError, *_ODD)):
        raise TypeError(said) from error


def library_of(kind: type) -> str:
    """The name of the package that defines a class."""
    module: Any = kind.__module__
    return module.partition(".")[0] if isinstance(module, str) else ""


def is_bfloat16(dtype: np.dtype[Any]) -> bool:
    """Whether a dtype is ml_dtypes' bfloat16. The kind is checked first, as names are slow."""
    return dtype.kind == "V" and dtype.name == "bfloat16"


def as_numeric(a: Any, name: str) -> Array:
    """Return an array of real numbers (booleans included)."""
    array = as_array(a, name)
    if array.dtype.kind not in "biuf" and not is_bfloat16(array.dtype):
        if array.size == 0 and not isinstance(a, np.ndarray):
            return array.astype(np.float64)
        raise TypeError(f"{name} must be an array of real numbers, got dtype {array.dtype}")
    return array


def _without_nulls(a: Any) -> Any:
    """A numeric column of pandas, Polars or PyArrow with NaN for null; other values unchanged."""
    library = library_of(type(a))
    if library == "pandas":
        dtype = getattr(getattr(a, "dtype", None), "numpy_dtype", None)
        if isinstance(dtype, np.dtype) and dtype.kind in "biuf":
            if np.asarray(a.isna()).any():
                return a.to_numpy(dtype if dtype.kind == "f" else np.float64, na_value=np.nan)
            return a.to_numpy(dtype)
    elif library == "polars":
        kind = type(getattr(a, "dtype", None)).__name__
        if kind == "Boolean":
            return a.cast(int) if a.null_count() else a
        if kind in ("Int128", "UInt128"):  # which NumPy does not have
            return np.array(a.to_list(), object)
    elif library == "pyarrow" and str(getattr(a, "type", "")) == "bool" and a.null_count:
        return a.cast("uint8")
    return a


def infinite_range(low: Any, high: Any) -> ValueError:
    """The error for infinite samples whose range is to be divided into bins."""
    return ValueError(
        f"autodetected range of [{low}, {high}] is not finite: to leave infinite samples out, give "
        f"edges, or a finite range= if the function has it"
    )


def as_samples(a: Any, name: str) -> Array:
    """Return samples of one variable, one-dimensional (a one-column matrix will do), not empty."""
    array = as_array(a, name)
    if is_bfloat16(array.dtype):
        array = array.astype(np.float32)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        alone = f" ({a!r:.40})" if array.ndim == 0 else ""
        raise ValueError(f"{name} must be one-dimensional, got shape {array.shape}{alone}")
    not_empty(array.size, name)
    if array.dtype.kind in "cV":
        raise TypeError(f"{name} must hold real numbers or labels, got dtype {array.dtype}")
    return array


def not_empty(n: int, name: str) -> None:
    """Check that there are samples."""
    if n == 0:
        raise ValueError(f"{name} must hold at least one sample, got an empty array")


def as_weights(sample_weight: Any, n: int) -> Array | None:
    """Return weights of samples, which must be finite and not negative; None stays None."""
    if sample_weight is None:
        return None
    weights = as_numeric(sample_weight, "sample_weight")
    if weights.ndim == 2 and weights.shape[1] == 1:
        weights = weights[:, 0]
    if weights.shape != (n,):
        raise ValueError(
            f"sample_weight must hold one weight for each of the {n} samples, "
            f"got shape {weights.shape}"
        )
    with np.errstate(over="ignore", invalid="ignore"):  # for dtypes wider than float64
        weights = weights.astype(np.float64, copy=False)
        total = weights.sum()
    if not np.isfinite(total):
        n_odd = int(np.count_nonzero(~np.isfinite(weights)))
        what = "finite weights" if n_odd else "weights whose sum is finite"
        got = f"{n_odd} that are NaN or infinite" if n_odd else f"a sum of {total}"
        raise ValueError(f"sample_weight must hold {what}, got {got}")
    if weights.size and weights.min() < 0.0:
        raise ValueError(f"sample_weight must not hold negative weights, got {weights.min()}")
    return weights


def same_length(x: Sized, y: Sized, x_name: str = "x", y_name: str = "y") -> None:
    """Check that two variables have the same number of samples."""
    if len(x) != len(y):
        raise ValueError(
            f"{x_name} and {y_name} must have the same length, got {len(x)} and {len(y)} samples"
        )


def read_only(a: Array) -> Array:
    """Return a read-only view, because kernels are compiled for read-only arrays only."""
    view = a.view(np.ndarray)
    view.setflags(write=False)
    return view


def kept(a: npt.ArrayLike) -> Array:
    """Return a read-only copy for an object that keeps it, as the caller may change the array."""
    return read_only(np.array(a))


def as_block(a: Array, dtype: npt.DTypeLike | None = None) -> Array:
    """Return a part of an array as kernels take it: contiguous, native, aligned, read-only."""
    vector = as_vector(a) if dtype is None else None
    if vector is not None:
        return vector
    if dtype is None:
        dtype = np.float32 if a.dtype == np.float32 else np.float64
    dtype = np.dtype(dtype)
    flags = a.flags
    if not (a.dtype == dtype and flags.c_contiguous and flags.aligned):
        if a.dtype.kind in "biu":  # a context that suppresses warnings would take longer
            return read_only(np.array(a, dtype, order="C"))
        with np.errstate(over="ignore", invalid="ignore"):  # for wider dtypes
            a = np.require(a, dtype=dtype, requirements=["C", "A"])
    return read_only(a)


def as_vector(a: Any) -> Array | None:
    """Return a read-only vector of floats that a kernel can use directly, or None."""
    return read_only(a) if type(a) is np.ndarray and a.ndim == 1 and is_plain(a) else None


def is_plain(a: Array) -> bool:
    """Whether an array holds floats and can be used by a kernel directly."""
    if a.dtype is _FLOAT64 or a.dtype is _FLOAT32:
        flags = a.flags
        return flags.c_contiguous and flags.aligned
    return False


def as_float(value: Any) -> float:
    """Return a real number as a float; infinity if it is too large."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def shown(value: Any) -> str:
    """Write a value for an error: on one line, short, whatever its library does."""
    try:
        return f"{' '.join(repr(value).split()):.200}"
    except Exception:  # pandas can't print some of its own objects
        return f"a {type(value).__name__}"


def is_real(value: Any) -> bool:
    """Whether a value is a single real number, but not a truth value or a duration."""
    odd = (bool, np.bool_, np.timedelta64)  # which are registered as integers
    return isinstance(value, numbers.Real) and not isinstance(value, odd)


def base_divisor(base: Any) -> float:
    """Return the divisor that converts nats to units of the base: its logarithm, 1 for None."""
    if base is None:
        return 1.0
    if not is_real(base):
        raise TypeError(
            f"base must be a positive real number other than 1, or None, got {shown(base)}"
        )
    value = as_float(base)
    if not (0.0 < value < math.inf) or value == 1.0:
        raise ValueError(
            f"`base` must be a positive number or `None`. base must also not be 1, "
            f"got {shown(base)}"
        )
    return math.log(value)


def choice(value: Any, name: str, known: tuple[Any, ...]) -> Any:
    """Check that a value is one of the known ones."""
    for k in known:
        if value is k:
            return value
    word = isinstance(value, str)
    if not word or not any(isinstance(k, str) and str.__eq__(k, value) for k in known):
        listed = ", ".join(repr(k) for k in known)
        raise ValueError(f"{name} must be one of {listed}, got {shown(value)}")
    return value


def check_nan_policy(nan_policy: Any) -> None:
    """Check the word that says how missing samples are treated."""
    choice(nan_policy, "nan_policy", NAN_POLICIES)


def integer(value: Any, name: str, *, least: int, most: int | None = None) -> int:
    """Return an integer that is at least `least` and, if given, at most `most`."""
    if isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be an integer of at least {least}, got {shown(value)}")
    try:
        number = operator.index(value)
    except TypeError:
        said = f"{name} must be an integer of at least {least}, got {shown(value)}"
        raise TypeError(said) from None
    if number < least:
        raise ValueError(f"{name} must be an integer of at least {least}, got {shown(value)}")
    if most is not None and number > most:
        raise ValueError(f"{name} must be an integer of at most {most}, got {shown(value)}")
    return number


def positive(value: Any, name: str) -> float:
    """Return a number that is finite and above 0, as a float."""
    if not is_real(value):
        raise TypeError(f"{name} must be a positive number, got {shown(value)}")
    number = as_float(value)
    if not 0.0 < number < math.inf:
        raise ValueError(f"{name} must be a positive number, got {shown(value)}")
    return number


def inner_fraction(value: Any, name: str) -> None:
    """Check that a number lies strictly between 0 and 1."""
    if not is_real(value):
        raise TypeError(f"{name} must be a number between 0 and 1, got {shown(value)}")
    if not 0.0 < as_float(value) < 1.0:
        raise ValueError(f"{name} must lie between 0 and 1, got {shown(value)}")


def check_table(table: npt.ArrayLike) -> Array:
    """Return a table of counts as int64, or as float64 if it holds weights."""
    array = as_numeric(table, "table")
    if array.ndim != 2:
        raise ValueError(f"table must be two-dimensional, got shape {array.shape}")
    if array.dtype.kind in "fV":
        array = array.astype(np.float64)
        if not np.isfinite(array).all():
            raise ValueError("table must hold finite counts, got NaN or infinity")
    elif array.dtype.kind == "u" and array.size and array.max() > np.iinfo(np.int64).max:
        raise ValueError(f"table must hold counts below 2**63, got {array.max()}")
    else:
        array = array.astype(np.int64, copy=False)
    if array.size and array.min() < 0:
        raise ValueError(f"table must not hold negative counts, got {array.min()}")
    return array
