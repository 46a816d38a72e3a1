"""What type checkers read of ``fastinfo.time_series``, whose names are imported when used."""

from fastinfo.time_series.lagged import lagged_mutual_information as lagged_mutual_information
from fastinfo.time_series.transfer import transfer_entropy as transfer_entropy

__all__ = [
    "lagged_mutual_information",
    "transfer_entropy",
]
