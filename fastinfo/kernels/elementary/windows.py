"""Add a cubic B-spline to four neighbouring cells in one step.

The compiler does not recognise that four sums in a row can be one sum of vectors.

What the kernel expects: the four cells, beginning with `first`, are in a C-contiguous vector of
float64, and `t` is from 0 to 1.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types

from fastinfo.kernels.elementary.memory import _arrays, _plain

# The four weights are c + u**2 (a + b u), with u = 1 - t, t, 1 - t, t. The outer two are products
# of positive numbers, so they are accurate however small they are.
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
    Add a weight times the cubic B-spline to four cells, beginning with the first one.

    The centre of the spline is `t` cells after the second of them.
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
