"""
Fourier transforms of images, and products of two of them, in blocks that fit into the second cache.

An image is (outer, y, x) here, the sizes of `y` and `x` multiples of eight. It is stored so that
eight neighbours make a row (:mod:`~fastinfo.kernels.images.butterflies`): as (outer, x / 8, y,
row), where a row is eight neighbours along x and a transform along y takes rows one after the
other; and its transform as (outer, y / 8, x, row), a row of eight neighbours along y. The
frequencies come out in an order of their own, which is the same for every image: products are those
of equal places, and the way back puts the result in order.

A plan is (steps, 2), int64: how many rows a step takes, and where its roots of unity begin.

Contract: arrays are C-contiguous vectors of the sizes that follow from the shape; this is not
checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.lanes import LANES
from fastinfo.kernels.elementary.memory import new_array
from fastinfo.kernels.images import butterflies as steps
from fastinfo.kernels.images.butterflies import ROW

_NEAR = 64  # rows that stay in the first cache: their remaining steps follow at once


@kernel
def _step_forward(z, start, stop, size, radix, roots, at):
    m = size // radix
    if radix == 8:
        for i in range(start, stop, size):
            for k in range(m):
                steps.forward_8(z, i + k, m, roots, at + 14 * k)
    elif radix == 4:
        for i in range(start, stop, size):
            for k in range(m):
                steps.forward_4(z, i + k, m, roots, at + 6 * k)
    elif radix == 3:
        for i in range(start, stop, size):
            for k in range(m):
                steps.forward_3(z, i + k, m, roots, at + 4 * k)
    else:
        for i in range(start, stop, size):
            for k in range(m):
                steps.forward_5(z, i + k, m, roots, at + 8 * k)


@kernel
def _step_backward(z, start, stop, size, radix, roots, at):
    m = size // radix
    if radix == 8:
        for i in range(start, stop, size):
            for k in range(m):
                steps.backward_8(z, i + k, m, roots, at + 14 * k)
    elif radix == 4:
        for i in range(start, stop, size):
            for k in range(m):
                steps.backward_4(z, i + k, m, roots, at + 6 * k)
    elif radix == 3:
        for i in range(start, stop, size):
            for k in range(m):
                steps.backward_3(z, i + k, m, roots, at + 4 * k)
    else:
        for i in range(start, stop, size):
            for k in range(m):
                steps.backward_5(z, i + k, m, roots, at + 8 * k)


@kernel
def forward(z, start, n, plan, roots):
    """Transform `n` rows from `start`, in place."""
    p = 0
    size = n
    while p < plan.shape[0] and size > _NEAR:
        _step_forward(z, start, start + n, size, plan[p, 0], roots, plan[p, 1])
        size //= plan[p, 0]
        p += 1
    for i in range(start, start + n, size):
        part = size
        for q in range(p, plan.shape[0]):
            _step_forward(z, i, i + size, part, plan[q, 0], roots, plan[q, 1])
            part //= plan[q, 0]


@kernel
def backward(z, start, n, plan, roots):
    """Undo the transform of `n` rows from `start`, but for the factor `n`, in place."""
    p = 0
    size = n
    while p < plan.shape[0] and size > _NEAR:
        size //= plan[p, 0]
        p += 1
    for i in range(start, start + n, size):
        part = 1
        for q in range(plan.shape[0] - 1, p - 1, -1):
            part *= plan[q, 0]
            _step_backward(z, i, i + size, part, plan[q, 0], roots, plan[q, 1])
    for q in range(p - 1, -1, -1):
        size *= plan[q, 0]
        _step_backward(z, start, start + n, size, plan[q, 0], roots, plan[q, 1])


@kernel
def paint(codes, sources, weights, z, y_size, blocks, all_blocks):
    """
    Write the weights of codes as an image of `y_size` and `blocks` of eight along x.

    Codes are (outer, y, x). `sources` says for each outer place of the image which one of the codes
    it shows, -1 for none; `weights` are (codes, 2), the real and the imaginary part.
    """
    height, width = codes.shape[1], codes.shape[2]
    for o in range(sources.shape[0]):
        source = sources[o]
        for b in range(blocks):
            first = np.uint64((o * all_blocks + b) * y_size * ROW)
            rows = height if source >= 0 else 0
            lanes = width - b * LANES
            lanes = lanes if lanes < LANES else LANES
            for y in range(rows):
                at = first + np.uint64(y * ROW)
                for lane in range(LANES):
                    real = 0.0
                    imaginary = 0.0
                    if lane < lanes:
                        code = np.uint64(codes[source, y, b * LANES + lane])
                        real = weights[code, 0]
                        imaginary = weights[code, 1]
                    z[at + np.uint64(lane)] = real
                    z[at + np.uint64(LANES + lane)] = imaginary
            for k in range(first + np.uint64(rows * ROW), first + np.uint64(y_size * ROW)):
                z[k] = 0.0


@kernel
def along_y(z, first, last, y_size, blocks, all_blocks, plan, roots, twist):
    """
    Transform the images' runs of rows, from number `first` to `last`, along y.

    There are `blocks` of them for each outer place. What comes out is multiplied by the conjugate
    of the rows of `twist`, unless that is empty.
    """
    for run in range(first, last):
        start = (run // blocks * all_blocks + run % blocks) * y_size
        forward(z, start, y_size, plan, roots)
        if twist.size > 0:
            for i in range(start, start + y_size):
                steps.multiply(twist, z, z, i, i)


@kernel
def along_outer(z, first, last, n, inner, chosen, all_blocks, y_size, plan, roots, direction):
    """
    Transform along an outer dimension of length `n`, with `inner` places inside of it.

    Of the blocks along x those `chosen` are transformed; back, if the `direction` is negative. A
    run is one block of rows at one place of the other outer dimensions.
    """
    scratch = new_array(n * ROW, np.float64)
    step = np.uint64(inner * all_blocks * y_size * ROW)
    for run in range(first, last):
        block = chosen[run % chosen.shape[0]]
        place = run // chosen.shape[0]
        start = (place // inner * n * inner + place % inner) * all_blocks + block
        for y in range(y_size):
            begin = np.uint64((start * y_size + y) * ROW)
            for k in range(n):
                for j in range(ROW):
                    scratch[np.uint64(k * ROW + j)] = z[begin + np.uint64(k) * step + np.uint64(j)]
            if direction > 0:
                forward(scratch, 0, n, plan, roots)
            else:
                backward(scratch, 0, n, plan, roots)
            for k in range(n):
                for j in range(ROW):
                    z[begin + np.uint64(k) * step + np.uint64(j)] = scratch[np.uint64(k * ROW + j)]


@kernel
def along_x(z, first, last, y_size, blocks, all_blocks, plan, roots, out):
    """
    Transform along x, from number `first` to `last` of the runs of the transform `out`.

    Of the image, which is transformed along y, the first `blocks` along x are not zero.
    """
    x_size = all_blocks * LANES
    runs = y_size // LANES
    for run in range(first, last):
        start = run * x_size
        source = (run // runs) * all_blocks * y_size + (run % runs) * LANES
        for b in range(blocks):
            steps.turn(z, source + b * y_size, out, start + b * LANES)
        for k in range((start + blocks * LANES) * ROW, (start + x_size) * ROW):
            out[np.uint64(k)] = 0.0
        forward(out, start, x_size, plan, roots)


@kernel
def back_along_x(f, g, first, last, y_size, chosen, all_blocks, plan, roots, z):
    """
    Products of the transform of one image, conjugated, and that of another, back along x.

    Of what comes out, the blocks along x that are `chosen` are written to `z`, for the runs from
    number `first` to `last`.
    """
    x_size = all_blocks * LANES
    runs = y_size // LANES
    scratch = new_array(x_size * ROW, np.float64)
    for run in range(first, last):
        start = run * x_size
        for i in range(x_size):
            steps.multiply(f, g, scratch, start + i, i)
        backward(scratch, 0, x_size, plan, roots)
        target = (run // runs) * all_blocks * y_size + (run % runs) * LANES
        for k in range(chosen.shape[0]):
            b = chosen[k]
            steps.turn(scratch, b * LANES, z, target + b * y_size)
