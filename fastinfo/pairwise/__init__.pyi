"""What type checkers read of ``fastinfo.pairwise``, whose names are imported when used."""

from fastinfo._columns.matrix.information_matrix import InformationMatrix as InformationMatrix
from fastinfo._columns.matrix.strongest_pairs import PairInformation as PairInformation
from fastinfo._columns.matrix.strongest_pairs import Pairs as Pairs
from fastinfo.pairwise.matrices import mutual_information_matrix as mutual_information_matrix
from fastinfo.pairwise.networks import network as network
from fastinfo.pairwise.pair_rankings import PairRanking as PairRanking
from fastinfo.pairwise.pair_rankings import RankedPair as RankedPair
from fastinfo.pairwise.strongest import strongest_pairs as strongest_pairs
from fastinfo.pairwise.trees import chow_liu_tree as chow_liu_tree
from fastinfo.pairwise.triple_tests import ConditionalTests as ConditionalTests
from fastinfo.pairwise.triple_tests import TripleTest as TripleTest
from fastinfo.pairwise.triples import (
    conditional_independence_tests as conditional_independence_tests,
)

__all__ = [
    "ConditionalTests",
    "InformationMatrix",
    "PairInformation",
    "PairRanking",
    "Pairs",
    "RankedPair",
    "TripleTest",
    "chow_liu_tree",
    "conditional_independence_tests",
    "mutual_information_matrix",
    "network",
    "strongest_pairs",
]
