"""Two images as pairs of samples: validation, and reading part by part in memory order."""

from __future__ import annotations

import functools
import math
import operator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastinfo._bins.ranges import Range
from fastinfo._core.checks import Array, as_array, as_numeric, not_empty
from fastinfo._core.coded_variable import CHUNK
from fastinfo._core.lazy.attributes import lazy
from fastinfo._core.threads import run_in_order, spans

_STRIP = 8  # columns


class Part(NamedTuple):
    """Samples of both images in one span, their weights, and which of them the mask keeps."""

    x: Array
    y: Array
    weights: Array | None
    kept: Array | None  #: booleans

    def alone(self) -> tuple[Array, Array, Array | None]:
        """Only the samples that are kept, and their weights."""
        x, y, weights, kept = self
        if kept is None:
            return x, y, weights
        places = np.flatnonzero(kept)
        return x[places], y[places], None if weights is None else weights[places]


class Samples:
    """
    Two images of one shape as pairs of samples, with a mask and weights.

    Samples are numbered in the memory order of the moving image. Images with the same memory order,
    by rows or by columns, are read without a copy. Otherwise one part at a time is copied.
    """

    def __init__(
        self,
        fixed: npt.ArrayLike,
        moving: npt.ArrayLike,
        mask: npt.ArrayLike | None = None,
        weight: npt.ArrayLike | None = None,
        names: tuple[str, str] = ("fixed", "moving"),
    ) -> None:
        images = as_numeric(fixed, names[0]), as_numeric(moving, names[1])
        for image, name in zip(images, names, strict=True):
            not_empty(image.size, name)
        self.names = names
        self.shape = images[1].shape
        if images[0].shape != self.shape:
            raise ValueError(
                f"{names[0]} and {names[1]} must have the same shape, "
                f"got {images[0].shape} and {self.shape}"
            )
        #: The axes from the one with the longest steps to the one with the shortest.
        self.axes = tuple(sorted(range(images[1].ndim), key=lambda i: -abs(images[1].strides[i])))
        self.n = images[1].size
        self.images = self._in_order(images[0]), self._in_order(images[1])
        #: The dtype in which NumPy compares both with edges.
        self.common = np.result_type(*images) if all(map(_is_native, images)) else np.dtype("f4")
        self.mask = None if mask is None else self._in_order(as_mask(mask, "mask", self.shape))
        self.weight = None if weight is None else self._in_order(_as_weight(weight, self.shape))

    def _in_order(self, a: Array) -> Array:
        """Return an array in the order of the samples: as a vector if that needs no copy."""
        turned = a.view(np.ndarray).transpose(self.axes)
        return turned.reshape(-1) if turned.flags.c_contiguous else turned

    def as_image(self, values: Array) -> Array:
        """Values of all samples as an image with the memory order of the moving image."""
        turned = values.reshape([self.shape[i] for i in self.axes])
        return turned.transpose(np.argsort(self.axes))

    @property
    def is_whole(self) -> bool:
        """Whether there is no mask, and both images are vectors."""
        return self.mask is None and all(image.ndim == 1 for image in self.images)

    def part(self, span: tuple[int, int]) -> Part:
        """The samples of a span."""
        x, y = (part_of(image, span) for image in self.images)
        weights = None if self.weight is None else part_of(self.weight, span)
        if self.mask is None:
            return Part(x, y, weights, None)
        kept = part_of(self.mask, span)
        return Part(x, y, weights, kept if kept.dtype == np.bool_ else kept != 0)

    @lazy
    def ranges(self) -> tuple[Range, Range]:
        """Ranges of both images over the samples that the mask keeps; raise if any is NaN."""

        def of_part(span: tuple[int, int]) -> tuple[Range, Range, Range, int]:
            x, y, weights, kept = self.part(span)
            of_weights = Range() if weights is None else Range.of_kept(weights, kept)
            n = x.size if kept is None else int(np.count_nonzero(kept))
            of_x, of_y = (range_in(image, self.common, kept) for image in (x, y))
            return of_x, of_y, of_weights, n

        found = list(zip(*run_in_order(of_part, spans(self.n, CHUNK)), strict=True))
        x, y, weights = (functools.reduce(operator.or_, ranges) for ranges in found[:3])
        n = sum(found[3])
        if not n:
            raise ValueError(
                f"mask must keep at least one sample, got one that keeps 0 of {self.n}"
            )
        for one, name in zip((x, y), self.names, strict=True):
            if one.n < n:
                where = "" if self.mask is None else " that the mask keeps"
                raise ValueError(
                    f"{name} must not hold NaN, got {n - one.n} among {n} samples{where}: leave "
                    f"them out by a mask, or fill them"
                )
        if self.weight is not None:
            _check_weights(weights, n)
        return x, y

    def check(self) -> None:
        """Raise if samples or weights are not valid for a table."""
        _ = self.ranges


def range_in(part: Array, common: np.dtype[Any], kept: Array | None = None) -> Range:
    """Range of the kept samples of a part, in the dtype `common` if that is wider than 8 bytes."""
    return Range.of_kept(part.astype(common) if common.itemsize > 8 else part, kept)


def part_of(a: Array, span: tuple[int, int]) -> Array:
    """Part of an array as a vector, in C order: a view if the array is a vector, else a copy."""
    if a.ndim == 1:
        return a[slice(*span)]
    out = np.empty(span[1] - span[0], a.dtype)
    _copy_span(a, *span, out)
    return out


def _copy_span(a: Array, start: int, stop: int, out: Array) -> None:
    """Copy numbers `start` to `stop` in C order: whole slices at once, the rest recursively."""
    if a.ndim == 1:
        out[...] = a[start:stop]
        return
    size = a.size // a.shape[0]
    first, end = -(-start // size), stop // size
    if first > end:
        _copy_span(a[end], start - end * size, stop - end * size, out)
        return
    head, tail = first * size - start, stop - end * size
    if head:
        _copy_span(a[first - 1], size - head, size, out[:head])
    if end > first:
        _copy_strips(a[first:end], out[head : out.size - tail].reshape(-1, *a.shape[1:]))
    if tail:
        _copy_span(a[end], 0, tail, out[out.size - tail :])


def _copy_strips(a: Array, out: Array) -> None:
    """
    Copy an array; by strips of a few columns, unless its last axis has the shortest steps.

    In the other order, numbers that share a cache line would be read at distant times.
    """
    if abs(a.strides[-1]) <= min(map(abs, a.strides)):
        out[...] = a
        return
    for start in range(0, a.shape[-1], _STRIP):
        columns = slice(start, start + _STRIP)
        out[..., columns] = a[..., columns]


def _is_native(a: Array) -> bool:
    """Whether the dtype is one of NumPy's own."""
    return a.dtype.kind != "V"


def as_mask(mask: npt.ArrayLike, name: str, shape: tuple[int, ...]) -> Array:
    """Check a mask for an image of this shape."""
    array = as_array(mask, name)
    if array.dtype.kind not in "biu":
        raise TypeError(
            f"{name} must be an array of booleans, or of integers that are not 0 where a sample "
            f"is kept, got dtype {array.dtype}"
        )
    if array.shape != shape:
        raise ValueError(f"{name} must have the shape of the image, {shape}, got {array.shape}")
    return array


def _as_weight(weight: npt.ArrayLike, shape: tuple[int, ...]) -> Array:
    array = as_numeric(weight, "weight")
    if array.shape != shape:
        raise ValueError(f"weight must have the shape of the images, {shape}, got {array.shape}")
    return array


def _check_weights(found: Range, n: int) -> None:
    if found.n < n:
        raise ValueError(f"weight must hold finite weights, got {n - found.n} that are NaN")
    if found.low < 0.0:
        raise ValueError(f"weight must not hold negative weights, got {found.low}")
    if not math.isfinite(found.high):
        raise ValueError(f"weight must hold finite weights, got {found.high}")
