"""Transpose a square of 8 x 8 numbers in registers.

Moving single bytes takes two instructions for each. Loading eight numbers at once, exchanging them
within registers and storing eight takes a few instructions for all 64.

What the kernel expects: both arrays are two-dimensional, the numbers of a row lie together, and the
square is inside both arrays.
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
    """Elements of two vectors, chosen by their places in both vectors joined."""
    mask = ir.Constant(ir.VectorType(ir.IntType(32), len(places)), list(places))
    return builder.shuffle_vector(x, y, mask)


def _first_of_square(context, builder, kind, value, row, column):
    """Address of the first number of the square, and the bytes from one row to the next."""
    array = _arrays().make_array(kind)(context, builder, value)
    below, beside = cgutils.unpack_tuple(builder, array.strides)
    place = builder.add(builder.mul(row, below), builder.mul(column, beside))
    start = builder.bitcast(array.data, ir.IntType(8).as_pointer())
    return builder.gep(start, [place]), below


@_plain(_turn)
def turn_square(context, a, row, column, out, to_row, to_column):
    """
    Write the transpose of a square of integers; wider ones lose their upper bits.

    The first number of the square is at `row` and `column`, and is written to `to_row` and
    `to_column`.
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
        # Each pass interleaves the first half of the vectors with the second. After three passes,
        # rows and columns have been exchanged.
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
