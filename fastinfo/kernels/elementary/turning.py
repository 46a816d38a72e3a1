"""A square of numbers turned in registers: what is in rows comes out in columns.

A processor that moves single bytes takes two instructions for each; one that loads eight numbers,
exchanges them within registers and stores eight takes a few for all 64 of a square.

Contract: the numbers of a row lie together in both arrays, which are two-dimensional, and the
square is inside of both.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils

from fastinfo.kernels.elementary.memory import _arrays, _plain

SIDE = 8  #: rows and columns of a square


def _turn(a, row, column, out, to_row, to_column):
    square = a[row : row + SIDE, column : column + SIDE].T
    out[to_row : to_row + SIDE, to_column : to_column + SIDE] = square.astype(out.dtype)


def _mixed(builder, x, y, places):
    """Numbers of two vectors, by their places in both together."""
    mask = ir.Constant(ir.VectorType(ir.IntType(32), len(places)), list(places))
    return builder.shuffle_vector(x, y, mask)


def _first_of_square(context, builder, kind, value, row, column):
    """Address of a number as bytes, and the bytes from one row to the next."""
    array = _arrays().make_array(kind)(context, builder, value)
    below, beside = cgutils.unpack_tuple(builder, array.strides)
    place = builder.add(builder.mul(row, below), builder.mul(column, beside))
    start = builder.bitcast(array.data, ir.IntType(8).as_pointer())
    return builder.gep(start, [place]), below


@_plain(_turn)
def turn_square(context, a, row, column, out, to_row, to_column):
    """
    Turn a square of integers into another place, where they are as wide or lose their first bits.

    Its first number is at `row` and `column`, and comes to `to_row` and `to_column`.
    """

    def lower(context, builder, signature, args):
        places = [
            context.cast(builder, args[k], signature.args[k], types.intp) for k in (1, 2, 4, 5)
        ]
        read, write = (context.get_data_type(signature.args[k].dtype) for k in (0, 3))
        start, below = _first_of_square(context, builder, signature.args[0], args[0], *places[:2])
        rows = []
        for _ in range(SIDE):
            pointer = builder.bitcast(start, ir.VectorType(read, SIDE).as_pointer())
            vector = builder.load(pointer)
            vector.align = read.width // 8
            if write.width < read.width:
                vector = builder.trunc(vector, ir.VectorType(write, SIDE))
            rows.append(vector)
            start = builder.gep(start, [below])
        # Each time the halves of all numbers are mixed one by one: after three times row and column
        # have changed places.
        for _ in range(3):
            pairs = [(rows[k], rows[k + SIDE // 2]) for k in range(SIDE // 2)]
            rows = [
                _mixed(builder, x, y, places)
                for x, y in pairs
                for places in ([0, 8, 1, 9, 2, 10, 3, 11], [4, 12, 5, 13, 6, 14, 7, 15])
            ]
        start, below = _first_of_square(context, builder, signature.args[3], args[3], *places[2:])
        for vector in rows:
            pointer = builder.bitcast(start, ir.VectorType(write, SIDE).as_pointer())
            builder.store(vector, pointer).align = write.width // 8
            start = builder.gep(start, [below])
        return context.get_dummy_value()

    at = types.intp
    return types.void(a, at, at, out, at, at), lower
