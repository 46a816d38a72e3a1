"""What type checkers read of ``fastinfo.time_series``, whose names are imported when used."""

from fastinfo.time_series.first_minimum import first_minimum_lag as first_minimum_lag
from fastinfo.time_series.lagged import lagged_mutual_information as lagged_mutual_information
from fastinfo.time_series.local_transfer import local_transfer_entropy as local_transfer_entropy
from fastinfo.time_series.transfer import transfer_entropy as transfer_entropy
from fastinfo.time_series.transfer_matrix import transfer_entropy_matrix as transfer_entropy_matrix
from fastinfo.time_series.transfer_test import TransferEntropyTest as TransferEntropyTest
from fastinfo.time_series.transfer_test import transfer_entropy_test as transfer_entropy_test

__all__ = [
    "TransferEntropyTest",
    "first_minimum_lag",
    "lagged_mutual_information",
    "local_transfer_entropy",
    "transfer_entropy",
    "transfer_entropy_matrix",
    "transfer_entropy_test",
]
