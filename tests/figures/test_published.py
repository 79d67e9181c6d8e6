"""Published beside measured: bars, sizes and their fitted line."""

import numpy as np
import pytest

from cnnviz.figures.published import Pair, Series, fit_line, pairs_figure, sizes_figure
from tests.present import present


def test_the_fitted_line_is_numpys():
    fit = present(fit_line([1, 2, 3, 4], [2.1, 3.9, 6.2, 7.8]))
    assert (fit.slope, fit.start) == pytest.approx(tuple(np.polyfit([1, 2, 3, 4], [2.1, 3.9, 6.2, 7.8], 1)))
    assert fit.r2 == pytest.approx(np.corrcoef([1, 2, 3, 4], [2.1, 3.9, 6.2, 7.8])[0, 1] ** 2)
    assert fit_line([2, 2], [1, 3]) is None


def test_bars_name_the_scale_and_keep_missing_numbers_empty():
    figure = pairs_figure([Pair("a", 0.5, None), Pair("b", None, 0.6, 0.01)], "accuracy", "smoke")
    measured, published = figure.data
    assert "smoke" in measured.name
    assert list(measured.x) == [None, 0.6]
    assert list(published.text) == ["50 %", ""]


def test_numbers_of_bars_stand_beyond_the_lines_of_their_spread():
    figure = pairs_figure([Pair("a", 28, 17.7, 3.1), Pair("b", None, 192.3)], "seconds", "lecture")
    written = {note.text: (note.x, round(note.y)) for note in figure.layout.annotations}
    assert written == {"18 s": (pytest.approx(20.8), 0), "28 s": (28, 0), "3 min 12 s": (192.3, 1)}
    assert list(figure.layout.yaxis.ticktext) == ["a", "b"]
    # Alone, bars stand at the height of their names.
    assert list(pairs_figure([Pair("a", None, 1.0)], "seconds", "smoke").data[0].y) == [0]


def test_only_times_have_a_fitted_line():
    series = [Series("measured", (1000, 2000, 3000), (1.0, 2.0, 3.0))]
    assert [trace.mode for trace in sizes_figure(series, "seconds").data] == ["markers", "lines"]
    assert "1 s per 1,000 images, R² = 1.000" in sizes_figure(series, "seconds").data[1].name
    assert len(sizes_figure(series, "accuracy").data) == 1
