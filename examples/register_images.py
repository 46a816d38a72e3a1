"""
Registration of two images by the gradient of their mutual information.

The two pictures show one scene in different light: brightness of one goes with brightness of the
other, but neither rises with it. A rigid and an affine transform are found by ``scipy.optimize``,
with images resampled by ``scipy.ndimage``; then a rigid one by PyTorch, if it is installed: there
mutual information is a ``torch.autograd.Function`` behind ``grid_sample``.

An optimiser finds the maximum that is uphill from where it begins. It begins at the best of all
shifts by whole pixels, by ``shift_map``, and each transform is found in blurred pictures first.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import ndimage, optimize

import fastinfo

SIZE = 160
BINS = 32
BLURS = (3.0, 1.0)  # standard deviations in pixels, the coarse one first

#: The part of the fixed picture that is compared: the other picture shows all of it.
INNER = np.zeros((SIZE, SIZE), bool)
INNER[20:-20, 20:-20] = True

Transform = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]

# A transform takes pixels of the fixed picture to places in the moving one, as ``matrix @ (pixel -
# center) + center + shift``. Its parameters are in pixels, those of the matrix at half of the
# picture from the center: steps in each of them matter alike.


def rigid(parameters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Matrix and shift, (2, 3), of an angle and two shifts; and their derivatives, (3, 2, 3)."""
    angle = parameters[0] / (SIZE / 2)
    c, s = math.cos(angle), math.sin(angle)
    slopes = np.zeros((3, 2, 3))
    slopes[0, :, :2] = np.array([[-s, -c], [c, -s]]) / (SIZE / 2)
    slopes[1, 0, 2] = slopes[2, 1, 2] = 1.0
    return np.array([[c, -s, parameters[1]], [s, c, parameters[2]]]), slopes


def affine(parameters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Matrix and shift of six parameters, row by row; and their derivatives, (6, 2, 3)."""
    scales = np.array([2 / SIZE, 2 / SIZE, 1.0])
    slopes = np.zeros((6, 2, 3))
    slopes.reshape(6, 6)[range(6), range(6)] = np.tile(scales, 2)
    return np.eye(2, 3) + parameters.reshape(2, 3) * scales, slopes


# The pictures


def scene(places: np.ndarray) -> np.ndarray:
    """A scene of smooth hills at some places, (2, …) pixels, from 0 to 1."""
    rng = np.random.default_rng(4)
    found = np.zeros(places.shape[1:])
    for _ in range(60):
        center, width = rng.uniform(-0.1, 1.1, 2) * SIZE, rng.uniform(5, 16)
        y, x = places - center.reshape(2, *[1] * (places.ndim - 1))
        found += rng.uniform(-1, 1) * np.exp(-(y**2 + x**2) / (2 * width**2))
    return 1 / (1 + np.exp(-3 * found))


def pictures(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A fixed picture of the scene, and a moving one in which it is moved by the transform."""
    rng = np.random.default_rng(5)
    pixels = np.indices((SIZE, SIZE), float)
    center = (SIZE - 1) / 2
    back = np.linalg.inv(matrix[:, :2])
    origins = np.tensordot(back, pixels - center - matrix[:, 2].reshape(2, 1, 1), 1) + center
    fixed = 200 * scene(pixels)
    moving = 180 * np.sin(np.pi * scene(origins)) ** 2  # bright where the scene is of middle height
    return tuple(image + rng.normal(0, 4, image.shape) for image in (fixed, moving))


# Registration with SciPy


def places_of(matrix: np.ndarray) -> np.ndarray:
    """Where the pixels of the fixed picture are in the moving one, (2, SIZE, SIZE)."""
    center = (SIZE - 1) / 2
    centered = np.indices((SIZE, SIZE), float) - center
    return np.tensordot(matrix[:, :2], centered, 1) + (center + matrix[:, 2]).reshape(2, 1, 1)


def loss_of(
    fixed: np.ndarray, moving: np.ndarray, blur: float, transform: Transform
) -> Callable[..., Any]:
    """The negative information of two blurred pictures by the parameters, and its gradient."""
    image = ndimage.gaussian_filter(fixed, blur)
    # the other picture, and how it changes with rows and columns, as splines
    splines = [
        ndimage.spline_filter(ndimage.gaussian_filter(moving, blur, order=order))
        for order in ((0, 0), (1, 0), (0, 1))
    ]
    limits = (image.min(), image.max()), (moving.min(), moving.max())  # the same at each step
    center = (SIZE - 1) / 2
    pixels = np.concatenate([np.indices(fixed.shape) - center, np.ones((1, *fixed.shape))])

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        matrix, by_parameter = transform(parameters)
        places = places_of(matrix)
        resampled, *slopes = (
            ndimage.map_coordinates(spline, places, prefilter=False, mode="nearest")
            for spline in splines
        )
        value, by_sample = fastinfo.images.mutual_information(
            image, resampled, bins=BINS, range=limits, mask=INNER, return_grad=True
        )
        # by sample, times the slopes of the picture, times the Jacobian of the transform
        by_place = by_sample * np.stack(slopes)
        by_matrix = np.tensordot(by_place, pixels, axes=([1, 2], [1, 2]))
        return -value, -np.tensordot(by_parameter, by_matrix, 2)

    return loss


def best_shift(fixed: np.ndarray, moving: np.ndarray) -> np.ndarray:
    """The shift by whole pixels with the largest information, of those up to a quarter."""
    reach = SIZE // 4
    found = fastinfo.images.shift_map(fixed, moving, bins=12, max_shift=reach)
    return np.array(np.unravel_index(found.argmax(), found.shape)) - reach


def blurred(image: np.ndarray, blur: float) -> np.ndarray:
    """The picture without what is smaller than the blur."""
    return ndimage.gaussian_filter(image, blur)


def register(fixed: np.ndarray, moving: np.ndarray, transform: Transform) -> np.ndarray:
    """Matrix and shift, (2, 3), that take pixels of the fixed picture to the moving one."""
    shift = best_shift(blurred(fixed, BLURS[0]), blurred(moving, BLURS[0]))
    parameters = np.array([0.0, *shift]) if transform is rigid else np.zeros(6)
    if transform is affine:
        parameters[[2, 5]] = shift
    for blur in BLURS:
        loss = loss_of(fixed, moving, blur, transform)
        parameters = optimize.minimize(loss, parameters, jac=True, method="BFGS").x
    return transform(parameters)[0]


def warped(moving: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """The moving picture as the transform lays it over the fixed one."""
    return ndimage.map_coordinates(moving, places_of(matrix), mode="nearest")


def largest_error(found: np.ndarray, known: np.ndarray) -> float:
    """How far a place that is found is from where it should be, in pixels, at most."""
    return float(np.hypot(*(places_of(found) - places_of(known))).max())


# Registration with PyTorch


def register_with_torch(fixed: np.ndarray, moving: np.ndarray) -> np.ndarray:
    """The same rigid registration, in which PyTorch derives all but mutual information."""
    import torch

    class MutualInformation(torch.autograd.Function):
        """Mutual information of two pictures, which has a gradient by the second one."""

        @staticmethod
        def forward(context: Any, fixed: Any, moving: Any, options: dict[str, Any]) -> Any:
            value, gradient = fastinfo.images.mutual_information(
                fixed.numpy(), moving.detach().numpy(), return_grad=True, **options
            )
            context.save_for_backward(torch.from_numpy(gradient))
            return moving.new_tensor(value)

        @staticmethod
        def backward(context: Any, by_value: Any) -> Any:
            (gradient,) = context.saved_tensors
            return None, by_value * gradient, None

    half = SIZE / 2
    start = best_shift(blurred(fixed, BLURS[0]), blurred(moving, BLURS[0])) / half
    angle = torch.zeros((), dtype=torch.float64, requires_grad=True)
    shift = torch.tensor(start, dtype=torch.float64, requires_grad=True)  # in halves of a picture

    def matrix() -> Any:
        c, s = torch.cos(angle), torch.sin(angle)
        rows = torch.stack([torch.stack([c, -s]), torch.stack([s, c])])
        return torch.cat([rows, shift[:, None]], dim=1)

    for blur in BLURS:
        images = [torch.from_numpy(blurred(image, blur)) for image in (fixed, moving)]
        limits = tuple((float(image.min()), float(image.max())) for image in images)
        optimizer = torch.optim.LBFGS([angle, shift], max_iter=60, line_search_fn="strong_wolfe")

        def loss(images: Any = images, limits: Any = limits, optimizer: Any = optimizer) -> Any:
            optimizer.zero_grad()
            # torch has x before y, and the picture from -1 to 1
            theta = matrix().flip(0)[:, [1, 0, 2]][None]
            grid = torch.nn.functional.affine_grid(theta, (1, 1, SIZE, SIZE), align_corners=False)
            resampled = torch.nn.functional.grid_sample(
                images[1][None, None], grid, "bicubic", padding_mode="border", align_corners=False
            )[0, 0]
            options = {"bins": BINS, "range": limits, "mask": INNER}
            value = -MutualInformation.apply(images[0], resampled, options)
            value.backward()
            return value

        optimizer.step(loss)
    return matrix().detach().numpy() * np.array([1.0, 1.0, half])


def main() -> None:
    """Find transforms that are known, and say how well."""
    known = {
        "rigid": rigid(np.array([math.radians(9) * SIZE / 2, 6.4, -8.7]))[0],
        "affine": np.array([[1.06, -0.09, -7.3], [0.05, 0.93, 5.6]]),
    }
    for name, transform in (("rigid", rigid), ("affine", affine)):
        fixed, moving = pictures(known[name])
        aligned = warped(moving, known[name])
        correlation = np.corrcoef(fixed[INNER], aligned[INNER])[0, 1]
        found = register(fixed, moving, transform)
        error = largest_error(found, known[name])
        print(f"{name}: {np.array2string(found, precision=3, prefix=name + ': ')}")
        print(
            f"  off by {error:.2f} pixels at most; aligned, brightness correlates {correlation:.2f}"
        )
        assert error < 0.5

    try:
        import torch  # noqa: F401
    except ImportError:
        print("PyTorch is not installed: its part is left out.")
        return
    fixed, moving = pictures(known["rigid"])
    found = register_with_torch(fixed, moving)
    error = largest_error(found, known["rigid"])
    print(f"with PyTorch, rigid: off by {error:.2f} pixels at most")
    assert error < 0.5


if __name__ == "__main__":
    main()
