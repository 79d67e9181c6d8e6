"""Small matrices beside each other: numbers, colours and marks."""

import numpy as np

from cnnviz.figures.convolution_figures import Mark, Panel, panels_figure


def test_small_matrices_show_their_numbers_and_marks():
    small = Panel("kernel", np.array([[-1.0, 8.0], [1160.0, 0.25]]), signed=True, marks=(Mark(0, 1, 1, 1),))
    figure = panels_figure([small, Panel("image", np.ones((30, 30)))], "title")
    assert [list(row) for row in figure.data[0].text] == [["−1", "8"], ["1,160", "0.25"]]
    assert figure.data[1].text is None
    assert (figure.data[0].zmin, figure.data[0].zmax) == (-1160, 1160)
    (mark,) = figure.layout.shapes
    assert (mark.x0, mark.x1, mark.y0, mark.y1) == (0.5, 1.5, -0.5, 0.5)
