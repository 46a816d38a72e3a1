"""Arrays inside kernels, and bits of numbers, by functions that take almost no time to compile.

``np.empty`` in a kernel compiles five functions of numba, and so do ``reshape`` and ``view``. This
takes 0.1 s for the first one in a process and 0.03 s for each further one. The functions here
become a few instructions, which takes 0.005 s. If the JIT is turned off, they call NumPy.

What the functions expect: sizes are not negative, and an array of this size is possible.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np
from numba import types
from numba.core import cgutils, extending

F = TypeVar("F", bound=Callable[..., Any])


class _Intrinsic(extending._Intrinsic):  # type: ignore[misc]
    """An intrinsic that can also be called from Python, in a kernel that runs as Python."""

    plain: Callable[..., Any]

    def __call__(self, *args: Any) -> Any:
        return self.plain(*args)


def _arrays() -> Any:
    """numba's implementation of arrays; importing it takes long, and is only needed to compile."""
    from numba.np import arrayobj

    return arrayobj


def _plain(function: F) -> Callable[[Callable[..., Any]], F]:
    """If the JIT is turned off, return the plain function instead of the decorated one."""

    def decorate(typed: Callable[..., Any]) -> F:
        if numba.config.DISABLE_JIT:
            return function
        made: Any = _Intrinsic(typed.__name__, typed)
        made.plain = function
        made._register()
        return made  # type: ignore[no-any-return]

    return decorate


def _allocated(context: Any, builder: Any, kind: Any, shape: list[Any]) -> Any:
    """A new C-contiguous array of numbers."""
    item = context.get_constant(
        types.intp, context.get_abi_sizeof(context.get_data_type(kind.dtype))
    )
    strides = [item]
    for length in reversed(shape[1:]):
        strides.insert(0, builder.mul(strides[0], length))
    size = builder.mul(strides[0], shape[0])
    meminfo = context.nrt.meminfo_alloc_aligned(builder, size=size, align=cgutils.int32_t(64))
    array = _arrays().make_array(kind)(context, builder)
    pointer = context.get_data_type(kind.dtype).as_pointer()
    data = builder.bitcast(context.nrt.meminfo_data(builder, meminfo), pointer)
    _arrays().populate_array(array, data, shape, strides, item, meminfo)
    return array, size


def _lengths(context: Any, builder: Any, signature: Any, args: Any) -> list[Any]:
    """The lengths among the arguments, as the integers of a shape."""
    return [
        context.cast(builder, value, kind, types.intp)
        for value, kind in zip(args, signature.args)
        if isinstance(kind, types.Integer)
    ]


@_plain(lambda n, dtype: np.empty(n, dtype))
def new_array(context, n, dtype):
    """A new vector of n numbers of a dtype, not initialised."""
    kind = types.Array(dtype.dtype, 1, "C")

    def lower(context, builder, signature, args):
        shape = _lengths(context, builder, signature, args)
        return _allocated(context, builder, kind, shape)[0]._getvalue()

    return kind(types.intp, dtype), lower


@_plain(lambda n, dtype: np.zeros(n, dtype))
def new_zeros(context, n, dtype):
    """A new vector of n zeros of a dtype."""
    kind = types.Array(dtype.dtype, 1, "C")

    def lower(context, builder, signature, args):
        shape = _lengths(context, builder, signature, args)
        array, size = _allocated(context, builder, kind, shape)
        cgutils.memset(builder, array.data, size, 0)
        return array._getvalue()

    return kind(types.intp, dtype), lower


@_plain(lambda rows, columns, dtype: np.empty((rows, columns), dtype))
def new_matrix(context, rows, columns, dtype):
    """A new C-contiguous matrix of a dtype, not initialised."""
    kind = types.Array(dtype.dtype, 2, "C")

    def lower(context, builder, signature, args):
        shape = _lengths(context, builder, signature, args)
        return _allocated(context, builder, kind, shape)[0]._getvalue()

    return kind(types.intp, types.intp, dtype), lower


@_plain(lambda a, rows, columns: a[: rows * columns].reshape(rows, columns))
def as_matrix(context, a, rows, columns):
    """The first numbers of a C-contiguous vector, as a matrix with these rows and columns."""
    kind = types.Array(a.dtype, 2, "C", readonly=not a.mutable)

    def lower(context, builder, signature, args):
        rows, columns = _lengths(context, builder, signature, args)
        vector = _arrays().make_array(signature.args[0])(context, builder, args[0])
        matrix = _arrays().make_array(kind)(context, builder)
        strides = [builder.mul(columns, vector.itemsize), vector.itemsize]
        _arrays().populate_array(
            matrix,
            vector.data,
            [rows, columns],
            strides,
            vector.itemsize,
            vector.meminfo,
            vector.parent,
        )
        if context.enable_nrt:
            context.nrt.incref(builder, kind, matrix._getvalue())
        return matrix._getvalue()

    return kind(a, types.intp, types.intp), lower


@_plain(lambda a: a.reshape(-1))
def as_vector(context, a):
    """The numbers of a C-contiguous array of any number of dimensions, as a vector."""
    kind = types.Array(a.dtype, 1, "C", readonly=not a.mutable)

    def lower(context, builder, signature, args):
        array = _arrays().make_array(signature.args[0])(context, builder, args[0])
        vector = _arrays().make_array(kind)(context, builder)
        _arrays().populate_array(
            vector,
            array.data,
            [array.nitems],
            [array.itemsize],
            array.itemsize,
            array.meminfo,
            array.parent,
        )
        if context.enable_nrt:
            context.nrt.incref(builder, kind, vector._getvalue())
        return vector._getvalue()

    return kind(a), lower


def _bitcast(source: Any, target: Any) -> Any:
    """Signature and code of a function that returns the same bits as another type."""

    def lower(context, builder, signature, args):
        return builder.bitcast(args[0], context.get_value_type(target))

    return target(source), lower


@_plain(lambda x: np.float64(x).view(np.int64))
def bits_of_float64(context, x):
    """The bits of a float64 as an int64."""
    return _bitcast(types.float64, types.int64)


@_plain(lambda bits: np.int64(bits).view(np.float64))
def float64_of_bits(context, bits):
    """The float64 with the bits of an int64."""
    return _bitcast(types.int64, types.float64)


@_plain(lambda x: np.float32(x).view(np.int32))
def bits_of_float32(context, x):
    """The bits of a float32 as an int32."""
    return _bitcast(types.float32, types.int32)


@_plain(lambda bits: np.int32(bits).view(np.float32))
def float32_of_bits(context, bits):
    """The float32 with the bits of an int32."""
    return _bitcast(types.int32, types.float32)


@_plain(np.bitwise_count)
def bits_set(context, x):
    """How many bits of a uint64 are 1."""

    def lower(context, builder, signature, args):
        return builder.ctpop(args[0])

    return types.uint64(types.uint64), lower


@_plain(max)
def larger(context, a, b):
    """
    The larger of two floats of one type that are not NaN, by one instruction.

    Of ``out[i] = a if a > out[i] else out[i]`` the compiler makes a store under a mask, which takes
    many times as long as a whole one on processors that have no AVX-512.
    """

    def lower(context, builder, signature, args):
        number = args[0].type
        kind = cgutils.ir.FunctionType(number, [number, number])
        name = f"llvm.maxnum.f{a.bitwidth}"
        function = cgutils.get_or_insert_function(builder.module, kind, name)
        return builder.call(function, args, fastmath=("nnan",))

    return a(a, a), lower


@_plain(lambda a, i: None)
def fetch_ahead(context, a, i):
    """Prefetch a place of a vector into the second-level cache; it may be beyond the end."""

    def lower(context, builder, signature, args):
        array = _arrays().make_array(signature.args[0])(context, builder, args[0])
        place = builder.bitcast(builder.gep(array.data, [args[1]]), cgutils.voidptr_t)
        number = cgutils.int32_t
        kind = cgutils.ir.FunctionType(
            cgutils.ir.VoidType(), [cgutils.voidptr_t, number, number, number]
        )
        fetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
        # The arguments mean: for reading, into the second level, data.
        builder.call(fetch, [place, number(0), number(2), number(1)])
        return context.get_dummy_value()

    return types.void(a, types.intp), lower
