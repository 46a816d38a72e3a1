"""The cubic B-spline as a window over four cells, added to them in one step.

The compiler does not see by itself that four sums next to each other are one of a vector of four.

Contract: the four cells from the first one on are in a C-contiguous vector of float64; the place is
from 0 to 1.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types

from fastinfo.kernels.elementary.memory import _arrays, _plain

# At a place t the four weights are c + u**2 (a + b u), with u = 1 - t, t, 1 - t, t: the outer ones
# are products of positive numbers, exact to rounding however small.
_A = (0.0, -1.0, -1.0, 0.0)
_B = (1.0 / 6.0, 0.5, 0.5, 1.0 / 6.0)
_C = (0.0, 2.0 / 3.0, 2.0 / 3.0, 0.0)
_START = (1.0, 0.0, 1.0, 0.0)
_TURN = (-1.0, 1.0, -1.0, 1.0)


def _add(cells, first, t, weight):
    for d in range(4):
        u = _START[d] + _TURN[d] * t
        cells[first + d] += weight * (_C[d] + u * u * (_A[d] + _B[d] * u))


@_plain(_add)
def add_window(context, cells, first, t, weight):
    """
    Add a weight times the cubic B-spline to the four cells from the first one on.

    Its middle is at the second of them plus `t`, in units of cells.
    """
    number = ir.DoubleType()
    four = ir.VectorType(number, 4)

    def constant(values):
        return ir.Constant(four, [ir.Constant(number, v) for v in values])

    def lower(context, builder, signature, args):
        def spread(value):
            """The same number four times."""
            first_place = ir.Constant(ir.IntType(32), 0)
            vector = builder.insert_element(ir.Constant(four, ir.Undefined), value, first_place)
            places = ir.Constant(ir.VectorType(ir.IntType(32), 4), [0] * 4)
            return builder.shuffle_vector(vector, ir.Constant(four, ir.Undefined), places)

        def product_and_sum(x, y, z):
            joined = ("contract",)
            return builder.fadd(builder.fmul(x, y, flags=joined), z, flags=joined)

        array = _arrays().make_array(signature.args[0])(context, builder, args[0])
        place = context.cast(builder, args[1], signature.args[1], types.intp)
        u = product_and_sum(spread(args[2]), constant(_TURN), constant(_START))
        inner = product_and_sum(u, constant(_B), constant(_A))
        window = product_and_sum(builder.fmul(u, u), inner, constant(_C))
        pointer = builder.bitcast(builder.gep(array.data, [place]), four.as_pointer())
        before = builder.load(pointer)
        before.align = 8
        after = product_and_sum(window, spread(args[3]), before)
        builder.store(after, pointer).align = 8
        return context.get_dummy_value()

    return types.void(cells, types.intp, types.float64, types.float64), lower
