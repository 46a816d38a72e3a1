"""Images: against SimpleITK and scikit-image."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from cases import Case, Work

from fastinfo.images import mutual_information, normalized_mutual_information

SIDE, PLANE = 256, 2048


def _smooth(shape: tuple[int, ...], dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """Two images whose neighbouring samples are alike, as those of photographs and scans are."""
    from scipy import ndimage

    rng = np.random.default_rng(6)
    fixed = ndimage.gaussian_filter(rng.random(shape, dtype="f4"), 2)
    moving = np.cos(9 * fixed) + 0.05 * rng.random(shape, dtype="f4")
    return fixed.astype(dtype), moving.astype(dtype)


def _mattes(grad: bool) -> Callable[[], Work]:
    def make() -> Work:
        import SimpleITK as sitk  # noqa: N813

        sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
        fixed, moving = _smooth((SIDE,) * 3, "f4")
        method = sitk.ImageRegistrationMethod()
        method.SetMetricAsMattesMutualInformation(32)
        method.SetInitialTransform(sitk.Transform(3, sitk.sitkIdentity))
        method.SetInterpolator(sitk.sitkLinear)
        images = [sitk.GetImageFromArray(a) for a in (fixed, moving)]

        def check(ours: Any, theirs: float) -> None:
            """Of samples on an edge ITK has some in the bin below: a few of 16 million."""
            value = ours[0] if grad else ours
            np.testing.assert_allclose(value, -theirs, rtol=1e-5)

        return Work(
            ours=lambda: mutual_information(fixed, moving, return_grad=grad),
            peers={"SimpleITK `MetricEvaluate` (value)": lambda: method.MetricEvaluate(*images)},
            check=check,
            per=SIDE**3,
            moved=20 if grad else 8,
        )

    return make


def _normalized() -> Work:
    from skimage import metrics

    fixed, moving = _smooth((PLANE, PLANE), "f8")
    return Work(
        ours=lambda: normalized_mutual_information(fixed, moving),
        peers={
            "scikit-image": lambda: metrics.normalized_mutual_information(fixed, moving),
        },
        check=lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-12),
        per=PLANE**2,
        moved=16,
    )


CASES = [
    Case("images.mutual_information and gradient, 256³ float32", _mattes(True)),
    Case("images.mutual_information, 256³ float32", _mattes(False)),
    Case("images.normalized_mutual_information 100, 2048² float64", _normalized),
]
