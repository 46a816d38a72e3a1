"""Fourier transforms of images and products of two, in blocks that fit the second-level cache.

An image is (outer, y, x), and the sizes of `y` and `x` are multiples of eight. Eight neighbours are
stored as a row (:mod:`~fastinfo.kernels.images.butterflies`). The image is stored as (outer, x / 8,
y, row), where a row is eight neighbours along x, so that a transform along y takes one row after
another. Its transform is stored as (outer, y / 8, x, row), where a row is eight neighbours along y.
The frequencies are not in ascending order, but in the same order for every image. So products are
taken place by place, and the backward transform restores the order.

A plan is (steps, 2), int64: how many rows each step takes, and where its roots of unity begin.

What the kernels expect: arrays are C-contiguous vectors whose sizes follow from the shape. This is
not checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.lanes import LANES
from fastinfo.kernels.elementary.memory import new_array
from fastinfo.kernels.images import butterflies as steps
from fastinfo.kernels.images.butterflies import ROW

_NEAR = 64  # so many rows stay in the first-level cache, so their remaining steps are done at once


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
    """Undo the transform of `n` rows from `start`, apart from the factor `n`, in place."""
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
    Write the weights of codes as an image of `y_size` rows and `blocks` of eight along x.

    Codes are (outer, y, x). For each outer place of the image, `sources` says which outer place of
    the codes it shows (-1 for none). `weights` (codes, 2) are the real and the imaginary part.
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
    Transform runs of rows of the images along y, from number `first` to `last`.

    There are `blocks` of them for each outer place. Unless `twist` is empty, the results are
    multiplied by the conjugates of its rows.
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
    Transform along an outer dimension of length `n`, with `inner` places inside it.

    Only the blocks `chosen` along x are transformed, and backward if `direction` is negative. A run
    is one block of rows at one place of the other outer dimensions.
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
    Transform along x, for runs `first` to `last` of the transform `out`.

    The image has been transformed along y, and only its first `blocks` along x are not zero.
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
    Multiply one transform, conjugated, by another, and transform back along x.

    The `chosen` blocks along x of the result are written to `z`, for runs `first` to `last`.
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
