"""Information between time series: lagged mutual information and transfer entropy."""

from fastinfo._core.lazy.names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "fastinfo.time_series.lagged": "lagged_mutual_information",
        "fastinfo.time_series.first_minimum": "first_minimum_lag",
        "fastinfo.time_series.local_transfer": "local_transfer_entropy",
        "fastinfo.time_series.transfer": "transfer_entropy",
        "fastinfo.time_series.transfer_matrix": "transfer_entropy_matrix",
        "fastinfo.time_series.transfer_test": "TransferEntropyTest transfer_entropy_test",
    },
)
