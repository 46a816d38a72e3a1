"""Which words, or other events, mark one of two groups."""

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
    Tell which words, or other events, mark one of two groups, how much, and how sure it is.

    Parameters
    ----------
    counts_a, counts_b : mapping, pandas Series, or (n,) array_like
        How often each word occurs in the groups, say two corpora. Mappings of words to counts, as
        :class:`collections.Counter`, and Series with words as index may have words that the other
        one has not: these count 0 there. Arrays hold a count for each of the same words (a matrix
        of one row or column is one, sparse ones too). Counts are finite and not negative.
    names : sequence, optional
        The words of arrays; x0, x1, ... by default. With mappings and Series, the words to compare;
        others are counted in the totals alone. Tuples, as of bigrams, are joined by a space.
    total_a, total_b : float, optional
        Number of all words of each group, where `counts_a` and `counts_b` don't hold all of them.
        By default the sums of the counts.
    base : float, optional
        Base of `log_ratio`. It is 2 by default, as Hardie has it: 1 is twice as frequent, 2 four
        times. None is nats.
    zero : float, optional
        What `log_ratio` takes in the place of a count of 0: half a count by default, as Hardie
        does. 0 makes it infinite.
    min_count : float, optional
        Words with fewer counts in both groups together are left out, before p-values are adjusted.
        They stay in the totals.
    formula : {"dunning", "rayson-garside"}, optional
        What `g2` is of: of the table of the word and of all others in both groups, which is the
        G-test (Dunning 1993, default); or of the word's two counts alone, as the usual calculator
        of corpus linguistics has it (Rayson & Garside 2000). They differ for words that are a large
        part of their group: the second is smaller.
    alpha : float, optional
        Adjusted p-value up to which `significant` has words.

    Returns
    -------
    Keyness
        Rows of :class:`fastinfo.cooccurrence.KeyWord`: `name`, `count_a`, `count_b`, `g2`,
        `log_ratio`, `pvalue`, `adjusted_pvalue`. The largest signed `g2` is first, so that words
        that mark the first group are at the top, and those that mark the second at the bottom.
        Words that occur in neither are the last ones, and NaN.

    Raises
    ------
    TypeError
        If counts are no real numbers, or one group has names and the other has none.
    ValueError
        If counts are negative, NaN or infinite (the error tells how many), a group has none, arrays
        differ in length, names are the same, a total is less than the sum, or an option can't be
        used.

    See Also
    --------
    association : The same measures of each cell of a table of more groups.
    fastinfo.rank_features : Which words tell the class of a text, a text as a row.

    Notes
    -----
    `g2` says how sure it is that the shares differ, and grows with the size of the groups;
    `log_ratio` says how much they differ. The chi-squared law is rough where a word is expected
    less than about five times in one of the groups: `min_count` leaves rare words out.

    The p-values take each occurrence for an independent one. Words come in bursts: one long text
    about tea may make "tea" significant for its group. Where that matters, count texts with the
    word in the place of occurrences, or rank words by :func:`fastinfo.rank_features`.

    With ``formula="dunning"``, `g2` and `log_ratio` are what :func:`association` measures as "g2"
    and, in nats, "log-ratio" in the first column of ``np.column_stack([counts_a, counts_b])``, but
    for words that are not in the first group.

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
    """Counts of a group, with the words where it has them."""

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
    """The counts, unless they are words that are not counted yet."""
    if isinstance(counts, str) or (
        isinstance(counts, list | tuple) and counts and isinstance(counts[0], str)
    ):
        raise TypeError(f"{name} must hold counts, got words: collections.Counter counts them")
    return counts


def _texts(names: list[Any], argument: str) -> list[str]:
    """Names as texts, each of which must be another."""
    texts = [" ".join(map(str, name)) if isinstance(name, tuple) else str(name) for name in names]
    if len(set(texts)) < len(texts):
        same = [text for text, times in Counter(texts).items() if times > 1]
        raise ValueError(f"{argument} must have different names, got more than one {listed(same)}")
    return texts


def _aligned(
    first: _Group, second: _Group, names: Sequence[Any] | None
) -> tuple[list[str], Array, Array, tuple[Any, Any]]:
    """The words, the counts of both groups in the same order, and the sums of all counts."""
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
    """The counts of words at their places; 0 at those of others."""
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
    """Signed G² of each word and its log ratio in nats; NaN of those that are in neither group."""
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
