"""Compile formulas to vector instructions for eight float64 at a time.

The compiler does not vectorise a loop that reads and writes several places of one array, because it
can't know that the places do not overlap. Here it is told so. A formula is written once, in terms
of the loads and stores of :class:`_Vectors`, and compiled to operations on vectors of eight
numbers, which fit the registers of the machine. If the JIT is turned off, the same formula runs on
slices of NumPy arrays.

What the formulas expect: arrays are C-contiguous vectors of float64 or int64. Places are not
checked.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
from numba import types
from numba.core import cgutils

from fastinfo.kernels.elementary.memory import _arrays, _plain

F = TypeVar("F", bound=Callable[..., Any])

LANES = 8

_ir = cgutils.ir
_FLOATS = _ir.VectorType(_ir.DoubleType(), LANES)
_INTEGERS = _ir.VectorType(_ir.IntType(64), LANES)
_PLACES = _ir.VectorType(_ir.IntType(32), LANES)
_INDEX = _ir.IntType(64)
_CONTRACT = ("contract", "nsz")  # the flags of every kernel


class _Value:
    """A vector, or a place, while the code of a formula is generated."""

    def __init__(self, builder: Any, value: Any) -> None:
        self.builder, self.value = builder, value

    def _with(self, other: Any, of_floats: str, of_integers: str) -> _Value:
        kind = self.value.type
        is_float = kind == _FLOATS
        if not isinstance(other, _Value):
            other = _ir.Constant(kind, [float(other)] * LANES if is_float else other)
        else:
            other = other.value
        method = getattr(self.builder, of_floats if is_float else of_integers)
        flags = {"flags": _CONTRACT} if is_float else {}
        return _Value(self.builder, method(self.value, other, **flags))

    def __add__(self, other: Any) -> _Value:
        return self._with(other, "fadd", "add")

    def __sub__(self, other: Any) -> _Value:
        return self._with(other, "fsub", "sub")

    def __mul__(self, other: Any) -> _Value:
        return self._with(other, "fmul", "mul")

    def __neg__(self) -> _Value:
        return _Value(self.builder, self.builder.fneg(self.value))


class _Memory:
    """An array, from which vectors are loaded."""

    def __init__(self, context: Any, builder: Any, kind: Any, value: Any) -> None:
        self.data = _arrays().make_array(kind)(context, builder, value).data
        self.kind = _FLOATS if kind.dtype == types.float64 else _INTEGERS


class _Vectors:
    """Memory operations of a formula, as instructions."""

    def __init__(self, builder: Any) -> None:
        self.builder = builder

    def _pointer(self, array: Any, at: _Value) -> Any:
        pointer = self.builder.gep(array.data, [at.value])
        return self.builder.bitcast(pointer, array.kind.as_pointer())

    def load(self, array: Any, at: _Value) -> _Value:
        """Eight neighbouring numbers."""
        found = self.builder.load(self._pointer(array, at))
        found.align = 8
        return _Value(self.builder, found)

    def store(self, array: Any, at: _Value, value: _Value) -> None:
        """Write eight neighbouring numbers."""
        self.builder.store(value.value, self._pointer(array, at)).align = 8

    def spread(self, array: Any, at: _Value) -> _Value:
        """One number, repeated eight times."""
        builder = self.builder
        one = builder.load(builder.gep(array.data, [at.value]))
        none = _ir.Constant(_FLOATS, _ir.Undefined)
        first = builder.insert_element(none, one, _ir.IntType(32)(0))
        return _Value(
            builder, builder.shuffle_vector(first, none, _ir.Constant(_PLACES, [0] * LANES))
        )

    def floor(self, value: _Value) -> _Value:
        """The largest integers that are not larger than the numbers."""
        kind = _ir.FunctionType(_FLOATS, [_FLOATS])
        function = cgutils.get_or_insert_function(self.builder.module, kind, "llvm.floor.v8f64")
        return _Value(self.builder, self.builder.call(function, [value.value]))

    def looked_up(self, table: Any, value: _Value) -> _Value:
        """The entries of a table of int64 at eight places, which are integers below 2**31."""
        builder = self.builder
        places = builder.fptosi(value.value, _PLACES)
        found = _ir.Constant(_INTEGERS, _ir.Undefined)
        for i in range(LANES):
            lane = _ir.IntType(32)(i)
            place = builder.zext(builder.extract_element(places, lane), _INDEX)
            entry = builder.load(builder.gep(table.data, [place]))
            found = builder.insert_element(found, entry, lane)
        return _Value(builder, found)

    def turned(self, rows: Sequence[_Value]) -> list[_Value]:
        """The transpose of eight vectors."""
        found, step = [row.value for row in rows], 1
        while step < LANES:
            low = [i + (LANES - step if i & step else 0) for i in range(LANES)]
            masks = [_ir.Constant(_PLACES, [i + shift for i in low]) for shift in (0, step)]
            for i in range(LANES):
                if not i & step:
                    pair = found[i], found[i + step]
                    found[i], found[i + step] = (
                        self.builder.shuffle_vector(*pair, mask) for mask in masks
                    )
            step *= 2
        return [_Value(self.builder, value) for value in found]


class _Slices:
    """Memory operations of a formula, by NumPy."""

    floor = staticmethod(np.floor)

    @staticmethod
    def load(array: Any, at: int) -> Any:
        return array[at : at + LANES].copy()

    @staticmethod
    def store(array: Any, at: int, value: Any) -> None:
        array[at : at + LANES] = value

    @staticmethod
    def spread(array: Any, at: int) -> Any:
        return array[at]

    @staticmethod
    def looked_up(table: Any, value: Any) -> Any:
        return table[value.astype(np.int64)]

    @staticmethod
    def turned(rows: Sequence[Any]) -> Any:
        return np.stack(rows).T


def in_lanes(formula: F) -> F:
    """
    Compile a formula to a function that kernels can call; it returns nothing.

    The first parameter of the formula provides the memory operations. The others are arrays and
    integers.
    """

    def plain(*args: Any) -> None:
        formula(_Slices, *args)

    def typed(context: Any, *args: Any) -> Any:
        kinds = [kind if isinstance(kind, types.Array) else types.intp for kind in args]

        def lower(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            made = [
                _Memory(context, builder, kind, value)
                if isinstance(kind, types.Array)
                else _Value(builder, value)
                for kind, value in zip(signature.args, values, strict=True)
            ]
            formula(_Vectors(builder), *made)
            return context.get_dummy_value()

        return types.void(*kinds), lower

    # numba reads the signature of the function to find out how it is called.
    typed.__signature__ = inspect.signature(formula)  # type: ignore[attr-defined]
    plain.__name__ = typed.__name__ = formula.__name__
    plain.__doc__ = formula.__doc__
    return _plain(plain)(typed)  # type: ignore[return-value]
