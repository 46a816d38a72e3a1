"""Counts of pairs to information: the measures of :class:`fastinfo.JointCounts`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fastinfo._measures import entropy_of, information_of, normalize
from fastinfo._validate import Array, base_divisor, choice
from fastinfo.kernels.special import chi2_sf

__all__ = ["IndependenceTest", "JointMeasures"]


class IndependenceTest(NamedTuple):
    """Result of a test of independence."""

    statistic: float  #: twice the log-likelihood ratio, ``2 n I(x; y)`` in nats
    pvalue: float  #: upper tail of the chi-squared distribution
    dof: int  #: (rows - 1) (columns - 1), of rows and columns that occur


class JointMeasures:
    """What is a function of a table of counts alone."""

    __slots__ = ("table",)

    table: Array  #: (nx, ny) int64, or float64 where it holds weights

    @property
    def n(self) -> int | float:
        """Number of pairs in the table; the sum of the weights where it is weighted."""
        total: int | float = self.table.sum().item()
        if self.table.dtype.kind == "i" and self.table.sum(dtype=np.float64) >= 2.0**62:
            total = sum(self.table.reshape(-1).tolist())  # past int64
        return total

    def entropy_x(self, base: float | None = None) -> float:
        """Entropy of x, in nats unless `base` is given."""
        return entropy_of(self.table, "x", base)

    def entropy_y(self, base: float | None = None) -> float:
        """Entropy of y, in nats unless `base` is given."""
        return entropy_of(self.table, "y", base)

    def joint_entropy(self, base: float | None = None) -> float:
        """Entropy of the pair, H(X, Y), in nats unless `base` is given."""
        return entropy_of(self.table, "joint", base)

    def conditional_entropy(self, of: str = "x|y", base: float | None = None) -> float:
        """Entropy that is left in one variable when the other is known: "x|y" or "y|x"."""
        choice(of, "of", ("x|y", "y|x"))
        rest = self.entropy_x() if of == "x|y" else self.entropy_y()
        return max(rest - self.mutual_information(), 0.0) / base_divisor(base)

    def mutual_information(self, base: float | None = None) -> float:
        """Mutual information I(X; Y), in nats unless `base` is given; never negative."""
        return information_of(self.table, base)

    def variation_of_information(self, base: float | None = None) -> float:
        """``H(X|Y) + H(Y|X)``: a distance of the two variables (Meila 2007)."""
        return self.conditional_entropy("x|y", base) + self.conditional_entropy("y|x", base)

    def normalized_mutual_information(self, average: str = "arithmetic") -> float:
        """
        Mutual information by a mean of the entropies: between 0 and 1, 0 where that mean is 0.

        Parameters
        ----------
        average : {"arithmetic", "geometric", "min", "max", "joint"}, optional
            Which mean of H(X) and H(Y), or the joint entropy.

        Returns
        -------
        float
            The normalised mutual information.
        """
        return normalize(self.mutual_information(), self.table, average)

    def independence_test(self) -> IndependenceTest:
        """
        Test whether the two variables are independent, by the log-likelihood ratio (G-test).

        As :func:`scipy.stats.chi2_contingency` with ``lambda_="log-likelihood"`` and
        ``correction=False``, of the rows and columns that occur.

        Returns
        -------
        IndependenceTest
            ``statistic``, ``pvalue`` and ``dof``. A table of one row or column has p-value 1.

        References
        ----------
        Wilks, S. S. (1938), The large-sample distribution of the likelihood ratio for testing
        composite hypotheses, Annals of Mathematical Statistics 9, 60-62.
        https://doi.org/10.1214/aoms/1177732360
        """
        rows = int((self.table.sum(axis=1) > 0).sum())
        columns = int((self.table.sum(axis=0) > 0).sum())
        dof = max(rows - 1, 0) * max(columns - 1, 0)
        statistic = 2.0 * self.n * self.mutual_information()
        pvalue = float(chi2_sf(statistic, float(dof))) if dof else 1.0
        return IndependenceTest(statistic, pvalue, dof)
