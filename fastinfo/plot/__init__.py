"""
Plots of results with matplotlib: ``pip install "fastinfo[plot]"``.

Results have a method, ``ranking.plot()``, that draws on a new pyplot figure, which notebooks show.
:func:`save` writes a plot to a file without pyplot, so that no figure has to be closed.
"""

from fastinfo.plot.joint import plot_joint
from fastinfo.plot.matrices import plot_matrix
from fastinfo.plot.rankings import plot_ranking
from fastinfo.plot.saving import check_picture, figure_of, save

__all__ = ["check_picture", "figure_of", "plot_joint", "plot_matrix", "plot_ranking", "save"]
