"""The public function that finds words, or other events, typical of one of two groups."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from fastinfo._core.checks import (
    Array,
    as_float,
    as_numeric,
    base_divisor,
    choice,
    inner_fraction,
    is_real,
    library_of,
    read_only,
    shown,
)
from fastinfo._core.messages import listed
from fastinfo.cooccurrence.counts import check_counts, in_unit
from fastinfo.cooccurrence.key_words import Keyness, KeyWord
from fastinfo.cooccurrence.measures import not_negative
from fastinfo.cooccurrence.sparse_matrices import is_sparse
from fastinfo.kernels.cooccurrence.cells import G2, G2_OF_ROW, measure_cells
from fastinfo.significance.adjusting import adjust_pvalues

_FORMULAS = {"dunning": G2, "rayson-garside": G2_OF_ROW}
_ROUNDING = 1e-9  # of a sum of weights
_MODERATE = 400  # powers of 2, up to which squares of totals are finite


def keyness(
    counts_a: Any,
    counts_b: Any,
    names: Sequence[Any] | None = None,
    *,
    total_a: float | None = None,
    total_b: float | None = None,
    base: float | None = 2,
    zero: float = 0.5,
    min_count: float = 0,
    formula: str = "dunning",
    alpha: float = 0.05,
) -> Keyness:
    """
    Find which words, or other events, are typical of one of two groups, with p-values.

    Parameters
    ----------
    counts_a, counts_b : mapping, pandas Series, or (n,) array_like
        How often each word occurs in each group, for example in two corpora. Counts are finite and
        not negative. Mappings map words to counts, like :class:`collections.Counter`; a Series has
        the words as its index. A word that is missing from one of the two counts 0 there. Arrays
        hold one count for each word, in the same order. A dense or sparse matrix with one row or
        one column is also accepted.
    names : sequence, optional
        The words. For arrays, the default is x0, x1, ... For mappings and Series, these are the
        words to compare; all other words only count in the totals. A tuple, such as a bigram, is
        joined by spaces.
    total_a, total_b : float, optional
        Number of all words in each group. By default the sum of the counts. Give it if `counts_a`
        or `counts_b` does not hold all words.
    base : float, optional
        Base of the logarithm in `log_ratio`. With 2 (default; Hardie 2014), 1 means twice as
        frequent and 2 four times. None means nats.
    zero : float, optional
        Number that replaces a count of 0 in `log_ratio`: by default half a count (Hardie 2014).
        With 0 the ratio is infinite.
    min_count : float, optional
        Smallest count, in both groups together, of the words to compare. Rarer words are dropped
        before the p-values are adjusted, but still count in the totals.
    formula : {"dunning", "rayson-garside"}, optional
        Table that `g2` is computed from. "dunning" (default): the 2 x 2 table of this word or any
        other, and group a or b. This is the G-test (Dunning 1993). "rayson-garside": only the two
        counts of the word, as in the common calculators of corpus linguistics (Rayson & Garside
        2000). It is smaller, and clearly so for words that are a large part of their group.
    alpha : float, optional
        Largest adjusted p-value of a significant word, for the method `significant` of the result.

    Returns
    -------
    Keyness
        Rows of :class:`fastinfo.cooccurrence.KeyWord`: `name`, `count_a`, `count_b`, `g2`,
        `log_ratio`, `pvalue`, `adjusted_pvalue`. They are sorted by the signed `g2`, the largest
        first. So words typical of group a are at the top, and words typical of group b at the end.
        Words with a count of 0 in both groups come last of all; their other values are NaN.

    Raises
    ------
    TypeError
        If counts are not real numbers, only one group has names, or an option has the wrong type.
    ValueError
        If counts are negative, NaN or infinite (the error says how many); if a group has no counts;
        if arrays differ in length; if a name occurs twice; if a total is smaller than the sum of
        the counts; or if an option is out of range.

    See Also
    --------
    association : Measures for each cell of a table, with any number of groups.
    fastinfo.rank_features : Which words predict the class of a text, with one row for each text.

    Notes
    -----
    `g2` measures how certain it is that the shares differ; it grows with the size of the groups.
    `log_ratio` measures how much the shares differ. The p-value comes from the chi-squared
    distribution. It is imprecise if a word's expected count in either group is below about five;
    use `min_count` to drop rare words.

    The p-values treat all occurrences as independent. But words come in bursts: one long text about
    tea can make "tea" significant for its group. If that matters, count the texts that contain a
    word instead of its occurrences, or use :func:`fastinfo.rank_features`.

    :func:`association` computes the same numbers from ``np.column_stack([counts_a, counts_b])``:
    the first column of "g2" is `g2` (with ``formula="dunning"``), and the first column of
    "log-ratio" is `log_ratio` in nats (with the default `zero`). Only the log ratio of words that
    are missing from group a differs.

    References
    ----------
    Dunning, T. (1993), Accurate methods for the statistics of surprise and coincidence,
    Computational Linguistics 19, 61-74. https://aclanthology.org/J93-1003

    Rayson, P. & Garside, R. (2000), Comparing corpora using frequency profiling, Proceedings of the
    workshop on Comparing Corpora, ACL, 1-6. https://doi.org/10.3115/1117729.1117730

    Hardie, A. (2014), Log Ratio: an informal introduction, ESRC Centre for Corpus Approaches to
    Social Science. http://cass.lancs.ac.uk/log-ratio-an-informal-introduction

    Benjamini, Y. & Hochberg, Y. (1995), Controlling the false discovery rate: a practical and
    powerful approach to multiple testing, Journal of the Royal Statistical Society B 57, 289-300.
    https://doi.org/10.1111/j.2517-6161.1995.tb02031.x

    Examples
    --------
    >>> from collections import Counter
    >>> from fastinfo.cooccurrence import keyness
    >>> a = Counter("the tea is hot and the tea is black and the cup is hot".split())
    >>> b = Counter("the car is fast and the car is new and the road is wet".split())
    >>> found = keyness(a, b)
    >>> found.names[:2], found.names[-1]
    (['tea', 'hot'], 'car')
    >>> row = found["tea"]
    >>> row.count_a, row.count_b, round(row.g2, 2), row.log_ratio, round(row.pvalue, 3)
    (2, 0, 2.93, 2.0, 0.087)
    """
    code = _FORMULAS[choice(formula, "formula", tuple(_FORMULAS))]
    divisor = base_divisor(base)
    least, stand_in = not_negative(min_count, "min_count"), not_negative(zero, "zero")
    inner_fraction(alpha, "alpha")
    groups = _aligned(_Group.of(counts_a, "counts_a"), _Group.of(counts_b, "counts_b"), names)
    words, a, b, sums = groups
    totals = [
        _checked_total(given, total, name)
        for given, total, name in zip((total_a, total_b), sums, "ab", strict=True)
    ]
    kept = a + b >= least
    if not kept.all():
        words = [word for word, is_kept in zip(words, kept.tolist(), strict=True) if is_kept]
        a, b = a[kept], b[kept]
    g2, log_ratio = _measured(a, b, totals, code, stand_in)
    log_ratio /= divisor
    pvalues = [math.erfc(math.sqrt(0.5 * abs(value))) for value in g2.tolist()]
    adjusted = adjust_pvalues(pvalues)
    whole = [
        map(int, side.tolist()) if side.dtype.kind != "f" else side.tolist() for side in (a, b)
    ]
    columns = words, *whole, g2.tolist(), log_ratio.tolist(), pvalues, adjusted.tolist()
    rows = list(map(KeyWord, *columns))
    order = np.argsort(-g2, kind="stable").tolist()  # NaN is last
    return Keyness(
        [rows[i] for i in order], base=base, alpha=alpha, total_a=totals[0], total_b=totals[1]
    )


class _Group(NamedTuple):
    """Counts of one group, and its words if they are given."""

    words: list[str] | None
    counts: Array  #: as they came, and unchecked

    @classmethod
    def of(cls, counts: Any, name: str) -> _Group:
        """Read the counts of a group."""
        words: list[str] | None = None
        if isinstance(counts, Mapping):
            words = _texts(list(counts), name)
            counts = np.array(list(counts.values())) if words else np.zeros(0, np.int64)
        elif library_of(type(counts)) == "pandas" and getattr(counts, "ndim", 0) == 1:
            words = _texts(list(getattr(counts, "index", range(len(counts)))), name)
        elif is_sparse(counts) and 1 in counts.shape:
            counts = counts.toarray()
        vector = as_numeric(_told_of_words(counts, name), name)
        if vector.ndim == 2 and 1 in vector.shape:
            vector = np.asarray(vector).reshape(-1)
        if vector.ndim != 1:
            raise ValueError(f"{name} must be one-dimensional, got shape {vector.shape}")
        return cls(words, vector)

    def checked(self, name: str) -> Array:
        """The counts as int64 or float64."""
        check_counts(self.counts, name)
        whole = self.counts.dtype.kind in "biu" and self.counts.dtype != np.uint64
        return self.counts.astype(np.int64 if whole else np.float64)


def _told_of_words(counts: Any, name: str) -> Any:
    """Return the counts; raise if they are words that are not counted yet."""
    if isinstance(counts, str) or (
        isinstance(counts, list | tuple) and counts and isinstance(counts[0], str)
    ):
        raise TypeError(f"{name} must hold counts, got words: collections.Counter counts them")
    return counts


def _texts(names: list[Any], argument: str) -> list[str]:
    """Names as strings; raise if two are the same."""
    texts = [" ".join(map(str, name)) if isinstance(name, tuple) else str(name) for name in names]
    if len(set(texts)) < len(texts):
        same = [text for text, times in Counter(texts).items() if times > 1]
        raise ValueError(f"{argument} must have different names, got more than one {listed(same)}")
    return texts


def _aligned(
    first: _Group, second: _Group, names: Sequence[Any] | None
) -> tuple[list[str], Array, Array, tuple[Any, Any]]:
    """Words, counts of both groups in the order of the words, and sums of all counts."""
    given = None if names is None else _texts(_listed_names(names), "names")
    if (first.words is None) != (second.words is None):
        raise TypeError(
            "counts_a and counts_b must both have names, as mappings and Series, or both none, "
            f"got names in counts_{'b' if first.words is None else 'a'} alone"
        )
    n, other = first.counts.size, second.counts.size
    if first.words is None and n != other:
        raise ValueError(
            f"counts_a and counts_b must have the same length, got {n} and {other} counts"
        )
    a, b = first.checked("counts_a"), second.checked("counts_b")
    sums = sum(a.tolist()), sum(b.tolist())  # of Python's integers, which don't overflow
    if first.words is None or second.words is None:
        words = [f"x{i}" for i in range(n)] if given is None else given
        if len(words) != n:
            raise ValueError(f"names must hold {n} names, one for each count, got {len(words)}")
        return words, a, b, sums
    words = list(dict.fromkeys([*first.words, *second.words])) if given is None else given
    place = {word: i for i, word in enumerate(words)}
    return words, _placed(first.words, a, place), _placed(second.words, b, place), sums


def _listed_names(names: Any) -> list[Any]:
    if isinstance(names, str | bytes | Mapping):
        raise TypeError(f"names must be a sequence of names, got {shown(names)}")
    try:
        return list(names)
    except TypeError:
        raise TypeError(f"names must be a sequence of names, got {shown(names)}") from None


def _placed(words: Sequence[str], counts: Array, place: dict[str, int]) -> Array:
    """Counts in the order of `place`; 0 for words that are not given."""
    found = np.zeros(len(place), counts.dtype)
    for word, count in zip(words, counts.tolist(), strict=True):
        i = place.get(word)
        if i is not None:
            found[i] = count
    return found


def _checked_total(given: Any, total: Any, group: str) -> Any:
    """Number of all words of a group."""
    if given is not None:
        if not is_real(given):
            raise TypeError(f"total_{group} must be a number, got {shown(given)}")
        number = as_float(given)
        if not total * (1.0 - _ROUNDING) <= number < math.inf:
            raise ValueError(
                f"total_{group} must be a number of at least the sum of counts_{group}, {total:g}, "
                f"got {shown(given)}"
            )
        total = int(given) if number == int(given) and isinstance(total, int) else number
    if not total > 0:
        raise ValueError(f"counts_{group} must hold at least one count, got none")
    if not total < math.inf:
        raise ValueError(
            f"counts_{group} must hold counts whose sum is finite, got a sum of {total}"
        )
    return total


def _measured(
    a: Array, b: Array, totals: Sequence[float], code: int, zero: float
) -> tuple[Array, Array]:
    """Signed G² and log ratio in nats of each word; NaN for words that are in neither group."""
    exponent = math.frexp(math.ldexp(totals[0], -2) + math.ldexp(totals[1], -2))[1] + 2
    exponent = 0 if abs(exponent) <= _MODERATE else exponent
    a, b, (total_a, total_b) = (in_unit(c, exponent) for c in (a, b, np.array(totals, np.float64)))
    g2 = np.empty(a.size)
    counts = read_only(a), read_only(a + b), read_only(np.full(a.size, total_a))
    measure_cells(code, *counts, float(total_a + total_b), 0.5, a.size, g2)
    with np.errstate(all="ignore"):
        g2 = np.ldexp(g2, exponent)
        stand_in = np.ldexp(zero, -exponent)
        ratios = np.where(a > 0, a, stand_in) * total_b, np.where(b > 0, b, stand_in) * total_a
        return g2, np.where(a + b > 0, np.log(ratios[0] / ratios[1]), np.nan)
