"""
Pictures of the library's results, with matplotlib: ``pip install "fastinfo[plot]"``.

Results draw themselves, ``ranking.plot()``, on a new figure of pyplot, which notebooks show. For a
file, :func:`save` draws on a figure of its own, which pyplot does not know and nobody has to close.
"""

from fastinfo.plot.joint import plot_joint
from fastinfo.plot.matrices import plot_matrix
from fastinfo.plot.rankings import plot_ranking
from fastinfo.plot.saving import check_picture, figure_of, save

__all__ = ["check_picture", "figure_of", "plot_joint", "plot_matrix", "plot_ranking", "save"]
