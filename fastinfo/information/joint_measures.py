"""Counts of pairs to information: the measures of :class:`fastinfo.JointCounts`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from fastinfo._core.checks import Array, base_divisor
from fastinfo._core.limits import check_size
from fastinfo._counts.table import Table
from fastinfo._measures.independence import IndependenceTest, g_test
from fastinfo._measures.information import (
    entropy_of,
    information_of,
    normalize,
    remaining_entropy,
    variation_of,
)

if TYPE_CHECKING:
    from fastinfo.histograms.supervised import SupervisedSplits

Correction: TypeAlias = str | float | None

_POINTWISE = 24  # bytes of a cell, beside the table itself


class JointMeasures:
    """What is a function of a table of counts alone."""

    __slots__ = ()

    _table: Table
    x_edges: Array | None

    @property
    def n(self) -> int | float:
        """Number of pairs in the table; the sum of the weights where it is weighted."""
        return self._table.n

    def entropy_x(self, base: float | None = None, correction: Correction = None) -> float:
        """
        Entropy of x, 0 where nothing was counted.

        Parameters
        ----------
        base : float, optional
            Base of the logarithm: 2 for bits. None is nats.
        correction : str or float, optional
            Correction of the bias, as in :func:`fastinfo.entropy_from_counts`. A pseudo-count is
            added to each cell of the table, and "shrinkage" moves the table towards equal cells:
            the entropies of x and y are those of its margins. Weights count as so many samples as
            Kish's effective number, ``sum(w)**2 / sum(w**2)``.

        Returns
        -------
        float
            The entropy.
        """
        return entropy_of(self._table, "x", base, correction)

    def entropy_y(self, base: float | None = None, correction: Correction = None) -> float:
        """Entropy of y, with `base` and `correction` as in :meth:`entropy_x`."""
        return entropy_of(self._table, "y", base, correction)

    def joint_entropy(self, base: float | None = None, correction: Correction = None) -> float:
        """
        Entropy of the pair, H(X, Y), with `base` and `correction` as in :meth:`entropy_x`.

        Cells of the table that are empty count as cells.
        """
        return entropy_of(self._table, "joint", base, correction)

    def conditional_entropy(
        self, of: str = "x|y", base: float | None = None, correction: Correction = None
    ) -> float:
        """
        Entropy that is left in one variable when the other is known: `of` is "x|y" or "y|x".

        ``H(X, Y) - H(Y)`` or ``H(X, Y) - H(X)``, with `base` and `correction` as in
        :meth:`entropy_x`. Never negative without a correction, with a pseudo-count or "shrinkage";
        with other corrections it is the difference of corrected entropies, whatever its sign.
        """
        return remaining_entropy(self._table, of, base, correction)

    def mutual_information(self, base: float | None = None, correction: Correction = None) -> float:
        """
        Mutual information I(X; Y), with `base` and `correction` as in :meth:`entropy_x`.

        Never negative without a correction, with a pseudo-count or "shrinkage", and exactly 0 for
        independent counts. With another correction it is ``H(X) + H(Y) - H(X, Y)`` of corrected
        entropies, not clipped. With "chance" its expectation over all tables with the same margins
        is subtracted: 0 for an identifier, and below 0 for half of the independent samples.

        Notes
        -----
        The expectation is exact for counts. For weights it is ``(r - 1) (c - 1) / (2 n)`` of the
        `r` rows and `c` columns that occur and the effective number of samples, at most the
        smaller entropy.

        References
        ----------
        Vinh, Epps & Bailey (2010), https://jmlr.org/papers/v11/vinh10a.html, in full in
        :func:`fastinfo.adjusted_mutual_info_score`.

        Mandros, P., Boley, M. & Vreeken, J. (2017), Discovering reliable approximate functional
        dependencies, KDD 2017, 355-363. https://doi.org/10.1145/3097983.3098062
        """
        return information_of(self._table, base, correction)

    def variation_of_information(
        self, base: float | None = None, correction: Correction = None
    ) -> float:
        """
        ``H(X|Y) + H(Y|X)``, a distance of the two variables (Meila 2007).

        `base` and `correction` are as in :meth:`entropy_x`.
        Source: https://doi.org/10.1016/j.jmva.2006.11.013
        """
        return variation_of(self._table, base, correction)

    def normalized_mutual_information(self, average: str = "arithmetic") -> float:
        """
        Mutual information divided by a mean of the entropies: 0 to 1, 0 where that mean is 0.

        `average` is "arithmetic", "geometric", "min" or "max" of H(X) and H(Y), or "joint" for
        H(X, Y).
        """
        return normalize(information_of(self._table), self._table, average)

    def pointwise_mutual_information(
        self, positive: bool = False, base: float | None = None
    ) -> Array:
        """
        Pointwise mutual information of each cell, ``log(p(x, y) / (p(x) p(y)))``.

        Its mean over pairs is the mutual information. `positive` puts 0 in the place of negative
        values (PPMI); `base` is as in :meth:`entropy_x`. The result has the shape of the table:
        ``-inf`` (0 where `positive`) in empty cells, NaN in rows and columns without a count.

        References
        ----------
        Church, K. W. & Hanks, P. (1990), Word association norms, mutual information, and
        lexicography, Computational Linguistics 16, 22-29. https://aclanthology.org/J90-1003
        """
        divisor = base_divisor(base)
        check_size(*self._table.shape, _POINTWISE)
        table = Table.of(self._table.dense()).scaled
        counts = table.grid
        with np.errstate(divide="ignore", invalid="ignore"):
            independent = np.multiply.outer(table.x_counts, table.y_counts)
            pointwise = counts * float(table.n)
            pointwise /= independent
            np.log(pointwise, out=pointwise)
            pointwise /= divisor
        return np.maximum(pointwise, 0.0, out=pointwise) if positive else pointwise

    def supervised_splits(
        self, max_bins: int | None = None, base: float | None = None
    ) -> SupervisedSplits:
        """
        Join the bins of x to those that part the classes y, by minimum description length.

        The bins of x are the candidates: counts of narrow bins, which add up over parts of the
        data, give cuts that are off by a bin at most. The options and the result are those of
        :func:`fastinfo.supervised_splits`; ``TypeError`` is raised where x is not binned,
        ``ValueError`` where there are weights or no counts.

        Examples
        --------
        >>> import numpy as np
        >>> import fastinfo
        >>> counts = fastinfo.JointCounts.empty(np.arange(0, 101, 5), [0, 1, 2])
        >>> for _ in range(3):
        ...     x = np.arange(100)
        ...     _ = counts.update(x, x >= 35)
        >>> counts.supervised_splits().edges
        array([  0,  35, 100])
        """
        from fastinfo.histograms.supervised import splits_of_counts

        if self.x_edges is None:
            raise TypeError("x must be binned for its bins to be joined, got labels")
        return splits_of_counts(self._table, self.x_edges, max_bins, base)

    def independence_test(self) -> IndependenceTest:
        """
        Test whether the two variables are independent, by the log-likelihood ratio (G-test).

        As :func:`scipy.stats.chi2_contingency` with ``lambda_="log-likelihood"`` and
        ``correction=False``, of the rows and columns that occur. Weights are scaled to Kish's
        effective number of samples. The result has ``statistic``, ``pvalue`` and ``dof``; a table
        of one row or column has p-value 1.

        References
        ----------
        Wilks, S. S. (1938), The large-sample distribution of the likelihood ratio for testing
        composite hypotheses, Annals of Mathematical Statistics 9, 60-62.
        https://doi.org/10.1214/aoms/1177732360
        """
        return g_test(self._table)
