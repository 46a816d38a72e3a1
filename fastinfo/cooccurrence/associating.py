"""Association measures for the cells of a table of counts: the public function."""

from __future__ import annotations

from typing import Any

from fastinfo._core.checks import as_numeric
from fastinfo.cooccurrence.data_frames import is_frame, measure_frame
from fastinfo.cooccurrence.dense import measure_table
from fastinfo.cooccurrence.measures import Asked
from fastinfo.cooccurrence.sparse_matrices import is_sparse, measure_matrix


def association(
    table_or_sparse: Any,
    *,
    measure: str = "pmi",
    base: float | None = None,
    smoothing: float = 0.0,
    shift: float = 0.0,
    min_count: float = 0,
) -> Any:
    """
    Measure how strongly the row and the column of each cell of a table of counts are associated.

    Rows and columns are events, for example words and their neighbours in a text, or words and
    classes of texts. A cell counts how often both events occurred together.

    Parameters
    ----------
    table_or_sparse : (r, c) array_like, SciPy sparse matrix or array, or data frame
        Counts or weights, finite and not negative. Sparse input can be CSR, CSC or COO, in any
        order; duplicate entries are summed. In a pandas or Polars frame, each column must hold
        counts; pandas Sparse columns are accepted. The input is not modified.
    measure : {"pmi", "ppmi", "npmi", "g2", "log-ratio", "t"}, optional
        The measure. O is the count of the cell, R the sum of its row, C the sum of its column, and
        N the sum of the table. ``E = R C / N`` is the expected count if rows and columns are
        independent.

        - "pmi": pointwise mutual information, ``log(O / E)``.
        - "ppmi": positive pmi. Negative values are replaced by 0.
        - "npmi": normalised pmi, ``log(O / E) / log(N / O)``. It is 1 if the row and the column
          only occur together, 0 if they are independent, and -1 if they never occur together.
        - "g2": signed G². Its size is twice the log-likelihood ratio, ``2 sum(O log(O / E))`` in
          nats, summed over the 2 x 2 table of this row or any other, and this column or any other.
          It is negative if O is below E.
        - "log-ratio": ``log((O / C) / ((R - O) / (N - C)))``: how many times larger the row's share
          of this column is than its share of all other columns, as a logarithm. If the row occurs
          in no other column, R - O is replaced by half a count. NaN if no other column has counts.
        - "t": t-score, ``(O - E) / sqrt(O)``.
    base : float, optional
        Base of the logarithms in "pmi", "ppmi" and "log-ratio": 2 for bits. None means nats. "npmi"
        is the same in every base. "g2" and "t" have no base.
    smoothing : float, optional
        Exponent from 0 to 1 that smooths the column sums, for "pmi" and "ppmi" ("context
        distribution smoothing"). The share of a column becomes
        ``C**smoothing / sum(C**smoothing)``. Rare columns then get a larger share, and smaller
        values. Levy, Goldberg and Dagan recommend 0.75. Both 0 (default) and 1 mean no smoothing.
    shift : float, optional
        Number that is subtracted from the pmi, for "pmi" and "ppmi": not negative, in the unit that
        `base` sets. "ppmi" replaces negative values after that. ``log(k)`` corresponds to word2vec
        with k negative samples.
    min_count : float, optional
        Smallest count that is measured. A cell with a smaller count gets the value of an empty
        cell; for "g2" it gets NaN. Its count is still part of the row and column sums.

    Returns
    -------
    (r, c) ndarray, sparse matrix or data frame
        The same type as the input, with the same sparse format or the same labels. The dtype is
        float32 for float32 input, else float64.

        In an array or a frame, an empty cell (a count of 0) is ``-inf`` for "pmi", "log-ratio" and
        "t", 0 for "ppmi" and -1 for "npmi". "g2" measures empty cells like all others. All cells of
        a row or column without counts are NaN.

        A sparse matrix stores only the cells that are measured, even where the value is 0, so that
        `nnz` does not count empty cells. For "ppmi" it stores only positive values. The fill value
        of pandas Sparse columns is the value of an empty cell; for "g2" it is NaN.

    Raises
    ------
    TypeError
        If the input does not hold real numbers, is sparse in another format, or an option has the
        wrong type.
    ValueError
        If counts are negative, NaN or infinite (the error says how many); if the table is empty or
        not two-dimensional; or if an option is out of range or does not apply to the measure.

    See Also
    --------
    keyness : Which events are typical of one of two groups, with p-values.
    fastinfo.JointCounts.pointwise_mutual_information : "pmi" and "ppmi" from a joint count table.

    Notes
    -----
    For a sparse matrix, time and memory are proportional to the number of stored cells. Apart from
    the input and the result, only row and column sums are kept. The cells are copied once if there
    are duplicates, or if COO cells are sorted neither by rows nor by columns. CSR and CSC results
    keep the order of the cells.

    The values agree with NLTK and gensim where these define the same measure, if the table holds
    all pairs. In NLTK, `BigramAssocMeasures.pmi` is "pmi" with ``base=2``, `likelihood_ratio` is G²
    without the sign, and `student_t` is "t". NLTK's collocation finders use the number of words as
    N, and the counts of single words as R and C. This function sums the pairs instead. The two
    results differ as much as these counts do: clearly, if the pairs come from a window of more than
    two words. In gensim, `npmi_scorer` is "npmi" with the same difference; below its `min_count` it
    gives ``-inf``. Gensim's `original_scorer` is a different measure.

    Rare pairs have the largest pmi. The maximum belongs to a pair of two words that each occur
    once. `min_count`, `smoothing`, "npmi" and "g2" are four ways to give rare pairs less weight.

    References
    ----------
    Church, K. W. & Hanks, P. (1990), Word association norms, mutual information, and lexicography,
    Computational Linguistics 16, 22-29. https://aclanthology.org/J90-1003

    Church, K., Gale, W., Hanks, P. & Hindle, D. (1991), Using statistics in lexical analysis, in:
    Lexical Acquisition, Erlbaum, 115-164 ("t").

    Dunning, T. (1993), Accurate methods for the statistics of surprise and coincidence,
    Computational Linguistics 19, 61-74. https://aclanthology.org/J93-1003

    Bouma, G. (2009), Normalized (pointwise) mutual information in collocation extraction,
    Proceedings of GSCL, 31-40.

    Hardie, A. (2014), Log Ratio: an informal introduction, ESRC Centre for Corpus Approaches to
    Social Science. http://cass.lancs.ac.uk/log-ratio-an-informal-introduction

    Levy, O., Goldberg, Y. & Dagan, I. (2015), Improving distributional similarity with lessons
    learned from word embeddings, Transactions of the ACL 3, 211-225.
    https://doi.org/10.1162/tacl_a_00134

    Examples
    --------
    Count how often three words occur beside "tea", "coffee" and "car":

    >>> import numpy as np
    >>> from fastinfo.cooccurrence import association
    >>> counts = np.array([[20, 5, 0], [6, 24, 1], [0, 1, 43]])  # hot, black, fast
    >>> association(counts, base=2).round(2)
    array([[ 1.62, -0.58,  -inf],
           [-0.43,  1.37, -3.77],
           [ -inf, -3.72,  1.15]])
    >>> association(counts, measure="g2").round(1)
    array([[ 47.8,  -1.7, -35.5],
           [ -1.1,  48.3, -36.9],
           [-37.3, -35.1, 117.6]])

    Word vectors after Levy, Goldberg and Dagan, with k = 2:

    >>> association(counts, measure="ppmi", smoothing=0.75, shift=np.log(2)).round(2)
    array([[0.36, 0.  , 0.  ],
           [0.  , 0.22, 0.  ],
           [0.  , 0.  , 0.17]])

    The result for a sparse matrix stores only the cells with counts:

    >>> from scipy import sparse
    >>> found = association(sparse.csr_array(counts), measure="npmi")
    >>> found.format, found.nnz, found.data.round(2).tolist()
    ('csr', 7, [0.7, -0.14, -0.1, 0.66, -0.57, -0.56, 0.95])
    """
    asked = Asked.of(measure, base, smoothing, shift, min_count)
    if is_sparse(table_or_sparse):
        return measure_matrix(table_or_sparse, asked)
    if is_frame(table_or_sparse):
        return measure_frame(table_or_sparse, asked)
    return measure_table(as_numeric(table_or_sparse, "table_or_sparse"), asked)
