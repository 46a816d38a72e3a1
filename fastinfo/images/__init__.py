"""Mutual information of images, as registration needs it: masks, weights, Parzen windows."""

from fastinfo._core.lazy.names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "fastinfo.images.joint_histograms": "joint_histogram",
        "fastinfo.images.mutual": "mutual_information",
        "fastinfo.images.normalizing": "normalized_mutual_information",
        "fastinfo.images.shifts": "shift_map",
    },
)
