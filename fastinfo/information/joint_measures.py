"""Measures of information of :class:`fastinfo.JointCounts`."""

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
    """Measures that depend only on a table of counts."""

    __slots__ = ()

    _table: Table
    x_edges: Array | None

    @property
    def n(self) -> int | float:
        """Number of pairs in the table, or the sum of their weights."""
        return self._table.n

    def entropy_x(self, base: float | None = None, correction: Correction = None) -> float:
        """
        Entropy of x; 0 if nothing was counted.

        Parameters
        ----------
        base : float, optional
            Base of the logarithm: 2 for bits. None means nats.
        correction : str or float, optional
            Correction of the bias, as in :func:`fastinfo.entropy_from_counts`. A pseudo-count is
            added to each cell of the table, and "shrinkage" moves the table towards equal cells.
            The entropies of x and y are then those of its margins. For weights, the number of
            samples is Kish's effective number, ``sum(w)**2 / sum(w**2)``.

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
        Joint entropy H(X, Y), with `base` and `correction` as in :meth:`entropy_x`.

        Corrections that depend on the number of cells count empty cells too.
        """
        return entropy_of(self._table, "joint", base, correction)

    def conditional_entropy(
        self, of: str = "x|y", base: float | None = None, correction: Correction = None
    ) -> float:
        """
        Conditional entropy of one variable given the other: `of` is "x|y" or "y|x".

        It is ``H(X, Y) - H(Y)`` or ``H(X, Y) - H(X)``, with `base` and `correction` as in
        :meth:`entropy_x`. It is never negative without a correction, with a pseudo-count or with
        "shrinkage". With other corrections, it is the difference of corrected entropies and can
        have either sign.
        """
        return remaining_entropy(self._table, of, base, correction)

    def mutual_information(self, base: float | None = None, correction: Correction = None) -> float:
        """
        Mutual information I(X; Y), with `base` and `correction` as in :meth:`entropy_x`.

        It is never negative without a correction, with a pseudo-count or with "shrinkage", and
        exactly 0 for independent counts. With other corrections, it is ``H(X) + H(Y) - H(X, Y)`` of
        corrected entropies, not clipped at 0. With "chance", the expectation over all tables with
        the same margins is subtracted. The result is then 0 for an identifier, and negative for
        about half of all independent samples.

        Notes
        -----
        The expectation is exact for counts. For weights it is ``(r - 1) (c - 1) / (2 n)``, for `r`
        rows and `c` columns that occur and the effective number `n` of samples, but at most the
        smaller entropy.

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
        Variation of information, ``H(X|Y) + H(Y|X)``: a distance between the two variables.

        `base` and `correction` are as in :meth:`entropy_x`. See Meila (2007),
        https://doi.org/10.1016/j.jmva.2006.11.013.
        """
        return variation_of(self._table, base, correction)

    def normalized_mutual_information(self, average: str = "arithmetic") -> float:
        """
        Mutual information divided by a mean of the entropies, from 0 to 1; 0 if that mean is 0.

        `average` is "arithmetic", "geometric", "min" or "max" for a mean of H(X) and H(Y), or
        "joint" for H(X, Y).
        """
        return normalize(information_of(self._table), self._table, average)

    def pointwise_mutual_information(
        self, positive: bool = False, base: float | None = None
    ) -> Array:
        """
        Pointwise mutual information of each cell, ``log(p(x, y) / (p(x) p(y)))``.

        Its mean over all pairs is the mutual information. With `positive`, negative values are
        replaced by 0 (PPMI). `base` is 2 for bits, None for nats. The result has the shape of the
        table, with ``-inf`` (0 with `positive`) in empty cells, and NaN in rows and columns without
        a count.

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
        Join bins of x so that they separate the classes y, by minimum description length.

        The edges of x are the possible cuts. Narrow bins, counted in parts of the data, give cuts
        that are off by one bin at most. The options and the result are those of
        :func:`fastinfo.supervised_splits`. ``TypeError`` is raised if x is not binned, and
        ``ValueError`` if there are weights or no counts.

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
            raise TypeError("x must be binned, so that bins can be joined, got labels")
        return splits_of_counts(self._table, self.x_edges, max_bins, base)

    def independence_test(self) -> IndependenceTest:
        """
        Test whether the two variables are independent, with the log-likelihood ratio (G-test).

        The test is :func:`scipy.stats.chi2_contingency` with ``lambda_="log-likelihood"`` and
        ``correction=False``, applied to the rows and columns that occur. Weights are scaled to
        Kish's effective number of samples. The result has the fields ``statistic``, ``pvalue`` and
        ``dof``. A table with one row or column has the p-value 1.

        References
        ----------
        Wilks, S. S. (1938), The large-sample distribution of the likelihood ratio for testing
        composite hypotheses, Annals of Mathematical Statistics 9, 60-62.
        https://doi.org/10.1214/aoms/1177732360
        """
        return g_test(self._table)
