"""How strongly the row and the column of each cell of a table go together."""

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
    Measure how strongly the row and the column of each cell of a table of counts go together.

    Rows and columns are events, say words and the words beside them, or words and the classes of
    the texts that they are in; a cell counts how often both were seen together.

    Parameters
    ----------
    table_or_sparse : (r, c) array_like, SciPy sparse matrix or array, or data frame
        Counts, or weights: finite and not negative. Sparse ones are in CSR, CSC or COO format, in
        any order; duplicates are added up. A frame of pandas (of Sparse columns, too) or Polars has
        counts in all of its columns. The input is not modified.
    measure : {"pmi", "ppmi", "npmi", "g2", "log-ratio", "t"}, optional
        What to compute of a cell with O counts in a row of R and a column of C counts, of N in all,
        where ``E = R C / N`` would be there if rows and columns were independent:

        - "pmi": pointwise mutual information, ``log(O / E)``;
        - "ppmi": the same with 0 in the place of what is negative;
        - "npmi": ``log(O / E) / log(N / O)``: 1 where the row and the column occur together only,
          0 where they are independent, -1 where they never meet;
        - "g2": signed G², twice the log-likelihood ratio of the table of two rows and columns (this
          row or another, this column or another), ``2 sum(O log(O / E))`` over its four cells in
          nats; negative where O is below E;
        - "log-ratio": ``log((O / C) / ((R - O) / (N - C)))``, how much larger the row's share of
          this column is than its share of all other columns. Where the row occurs in no other one,
          half a count stands for that 0;
        - "t": ``(O - E) / sqrt(O)``.
    base : float, optional
        Base of the logarithms of "pmi", "ppmi" and "log-ratio": 2 for bits. None is nats. "npmi" is
        the same in every base; "g2" and "t" have none.
    smoothing : float, optional
        Smoothing of the columns' distribution ("context distribution smoothing") with "pmi" and
        "ppmi": the exponent to which their counts are raised, between 0 and 1; Levy, Goldberg and
        Dagan recommend 0.75. The share of a column is ``C**smoothing / sum(C**smoothing)`` then,
        which makes rare columns less rare, and their values smaller. 0, the default, is no
        smoothing, and so is 1.
    shift : float, optional
        What is taken off the values of "pmi", and of "ppmi" before negative ones are replaced, in
        units of the base, not negative. It is ``log(k)`` where word2vec has k negative samples.
    min_count : float, optional
        Cells with fewer counts have the value of cells that were never seen (NaN with "g2"). Their
        counts stay in the sums of rows and columns.

    Returns
    -------
    (r, c) ndarray, sparse matrix or data frame
        Of the kind, format and labels of the input; float32 where that has float32, else float64.

        In an array or a frame, a cell that was never seen is ``-inf`` ("pmi", "log-ratio", "t"), 0
        ("ppmi") or -1 ("npmi"); "g2" is measured there as elsewhere. In rows and columns without a
        count all cells are NaN.

        In a sparse matrix just the cells that were seen are stored, 0 included where that is the
        value: `nnz` tells them from cells never seen. Of "ppmi" the positive values alone are
        stored. Sparse columns of pandas are filled with the value of a cell never seen; with NaN
        for "g2".

    Raises
    ------
    TypeError
        If the input holds no real numbers, or is sparse in another format.
    ValueError
        If counts are negative, NaN or infinite (the error tells how many), the table is empty or
        not two-dimensional, or an option can't be used or does not go with the measure.

    See Also
    --------
    keyness : Which events mark one of two groups, with p-values.
    fastinfo.JointCounts.pointwise_mutual_information : The same "pmi" of counts kept.

    Notes
    -----
    Time and memory of a sparse matrix are those of its cells: beside the input and the result there
    are sums of the rows and columns, and one copy of the cells where there are duplicates, or those
    of the COO format are not in the order of rows or columns. Cells of CSR and CSC stay in their
    order.

    Values agree with those of NLTK and gensim where these define the same, with the table of all
    pairs as input. NLTK's `BigramAssocMeasures.pmi` is in bits (``base=2``), `likelihood_ratio` is
    G² without the sign, `student_t` the same as "t". Their collocation finders divide by the number
    of words, and take the counts of single words for those of rows and columns, where this function
    adds up the pairs: values differ by as much as these differ, which is much where pairs are of a
    window of more than two words. gensim's `npmi_scorer` is "npmi" with the same difference, and
    gives ``-inf`` for pairs below its `min_count`; its `original_scorer` is none of these.

    Rare pairs have the largest pmi: one pair of two words that occur once has the largest of all.
    `min_count`, `smoothing`, "npmi" and "g2" weigh evidence in four ways.

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
    How often three words stand beside "tea", "coffee" and "car":

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

    Vectors of words as Levy, Goldberg and Dagan have them, with k = 2:

    >>> association(counts, measure="ppmi", smoothing=0.75, shift=np.log(2)).round(2)
    array([[0.36, 0.  , 0.  ],
           [0.  , 0.22, 0.  ],
           [0.  , 0.  , 0.17]])

    Of a sparse matrix, the cells that were seen are stored:

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
