"""Counts of pairs to information: the measures of :class:`fastinfo.JointCounts`."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from fastinfo._core.checks import Array, base_divisor
from fastinfo._counts.table import Table
from fastinfo._measures.independence import IndependenceTest, g_test
from fastinfo._measures.information import (
    entropy_of,
    information_of,
    normalize,
    remaining_entropy,
    variation_of,
)

Correction: TypeAlias = str | float | None


class JointMeasures:
    """What is a function of a table of counts alone."""

    __slots__ = ()

    _table: Table

    @property
    def n(self) -> int | float:
        """Number of pairs in the table; the sum of the weights where it is weighted."""
        return self._table.n

    def entropy_x(self, base: float | None = None, correction: Correction = None) -> float:
        """
        Entropy of x.

        Parameters
        ----------
        base : float, optional
            The unit: nats by default, bits for 2.
        correction : str or float, optional
            A correction of the bias, as in :func:`entropy_from_counts`. A pseudo-count is added to
            each cell of the table, and "shrinkage" is that of the table towards equal cells: the
            entropies of x and y are those of its margins. Weights enter as so many samples as
            Kish's effective number, ``sum(w)**2 / sum(w**2)``.

        Returns
        -------
        float
            The entropy; 0 where nothing was counted.
        """
        return entropy_of(self._table, "x", base, correction)

    def entropy_y(self, base: float | None = None, correction: Correction = None) -> float:
        """
        Entropy of y.

        Parameters
        ----------
        base, correction : optional
            As in :meth:`entropy_x`.

        Returns
        -------
        float
            The entropy; 0 where nothing was counted.
        """
        return entropy_of(self._table, "y", base, correction)

    def joint_entropy(self, base: float | None = None, correction: Correction = None) -> float:
        """
        Entropy of the pair, H(X, Y).

        Parameters
        ----------
        base, correction : optional
            As in :meth:`entropy_x`. Cells of the table that are empty count as cells.

        Returns
        -------
        float
            The entropy; 0 where nothing was counted.
        """
        return entropy_of(self._table, "joint", base, correction)

    def conditional_entropy(
        self, of: str = "x|y", base: float | None = None, correction: Correction = None
    ) -> float:
        """
        Entropy that is left in one variable when the other is known.

        Parameters
        ----------
        of : {"x|y", "y|x"}, optional
            Which variable is left; the one behind the bar is known.
        base, correction : optional
            As in :meth:`entropy_x`.

        Returns
        -------
        float
            ``H(X, Y) - H(Y)`` or ``H(X, Y) - H(X)``. Never negative without a correction, with a
            pseudo-count or "shrinkage"; of other corrected entropies it is their difference,
            whatever its sign.
        """
        return remaining_entropy(self._table, of, base, correction)

    def mutual_information(self, base: float | None = None, correction: Correction = None) -> float:
        """
        Mutual information I(X; Y).

        Parameters
        ----------
        base, correction : optional
            As in :meth:`entropy_x`. With "chance" the mutual information less its expectation over
            all tables with the same margins: what an identifier tells is 0 then.

        Returns
        -------
        float
            Never negative without a correction, and exactly 0 for independent counts. The same
            holds of a pseudo-count and "shrinkage": it is that of the corrected table. With another
            correction it is ``H(X) + H(Y) - H(X, Y)`` of corrected entropies, not clipped; above
            chance it is below 0 for half of the independent samples.

        Notes
        -----
        The expectation is exact for counts. For weights it is ``(r - 1) (c - 1) / (2 n)`` of the
        `r` rows and `c` columns that occur and the effective number of samples, at most the smaller
        entropy.

        References
        ----------
        Vinh, N. X., Epps, J. & Bailey, J. (2010), Information theoretic measures for clusterings
        comparison, Journal of Machine Learning Research 11, 2837-2854.
        https://jmlr.org/papers/v11/vinh10a.html

        Mandros, P., Boley, M. & Vreeken, J. (2017), Discovering reliable approximate functional
        dependencies, KDD 2017, 355-363. https://doi.org/10.1145/3097983.3098062
        """
        return information_of(self._table, base, correction)

    def variation_of_information(
        self, base: float | None = None, correction: Correction = None
    ) -> float:
        """
        ``H(X|Y) + H(Y|X)``: a distance of the two variables.

        Parameters
        ----------
        base, correction : optional
            As in :meth:`entropy_x`.

        Returns
        -------
        float
            The variation of information.

        References
        ----------
        Meila, M. (2007), Comparing clusterings - an information based distance, Journal of
        Multivariate Analysis 98, 873-895. https://doi.org/10.1016/j.jmva.2006.11.013
        """
        return variation_of(self._table, base, correction)

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
        return normalize(information_of(self._table), self._table, average)

    def pointwise_mutual_information(
        self, positive: bool = False, base: float | None = None
    ) -> Array:
        """
        Pointwise mutual information of each cell, ``log(p(x, y) / (p(x) p(y)))``.

        Its mean over pairs is the mutual information.

        Parameters
        ----------
        positive : bool, optional
            Put 0 in the place of negative values (PPMI).
        base : float, optional
            The unit: nats by default, bits for 2.

        Returns
        -------
        (nx, ny) float64 ndarray
            ``-inf`` (0 where `positive`) in empty cells, NaN in rows and columns without a count.

        References
        ----------
        Church, K. W. & Hanks, P. (1990), Word association norms, mutual information, and
        lexicography, Computational Linguistics 16, 22-29. https://aclanthology.org/J90-1003
        """
        divisor = base_divisor(base)
        table = Table.of(self._table.dense()).scaled
        counts = table.counts.reshape(table.shape)
        with np.errstate(divide="ignore", invalid="ignore"):
            independent = np.multiply.outer(table.x_counts, table.y_counts)
            pointwise = np.log(counts * float(table.n) / independent) / divisor
        return np.maximum(pointwise, 0.0) if positive else pointwise

    def independence_test(self) -> IndependenceTest:
        """
        Test whether the two variables are independent, by the log-likelihood ratio (G-test).

        As :func:`scipy.stats.chi2_contingency` with ``lambda_="log-likelihood"`` and
        ``correction=False``, of the rows and columns that occur. Weights are scaled to Kish's
        effective number of samples, ``sum(w)**2 / sum(w**2)``.

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
        return g_test(self._table)
