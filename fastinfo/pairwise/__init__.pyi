"""What type checkers read of ``fastinfo.pairwise``, whose names are imported when used."""

from fastinfo._columns.matrix.information_matrix import InformationMatrix as InformationMatrix
from fastinfo.pairwise.matrices import mutual_information_matrix as mutual_information_matrix

__all__ = ["InformationMatrix", "mutual_information_matrix"]
