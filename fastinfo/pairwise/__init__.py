"""Information of all pairs of columns: matrix, strongest pairs, trees and networks."""

from fastinfo._core.lazy.names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "fastinfo._columns.matrix.information_matrix": "InformationMatrix",
        "fastinfo._columns.matrix.strongest_pairs": "PairInformation Pairs",
        "fastinfo.pairwise.matrices": "mutual_information_matrix",
        "fastinfo.pairwise.networks": "network",
        "fastinfo.pairwise.pair_rankings": "PairRanking RankedPair",
        "fastinfo.pairwise.strongest": "strongest_pairs",
        "fastinfo.pairwise.trees": "chow_liu_tree",
        "fastinfo.pairwise.triple_tests": "ConditionalTests TripleTest",
        "fastinfo.pairwise.triples": "conditional_independence_tests",
    },
)
