"""Short titles keep what tells runs apart."""

from hypothesis import given
from hypothesis import strategies as st

from cnnviz.ui.run_labels import short


def test_a_short_title_stays():
    assert short("first", 26) == "first"


def test_runs_of_a_study_keep_their_ends():
    assert short("E8 Pooling or strides? · max pooling, 40,000", 26) == "E8 · max pooling, 40,000"
    assert short("E8 Pooling or strides? · strides, n = 40,000, twice", 26) == "E8 · strides, n = 40,000,…"


@given(title=st.text("ab ·", max_size=80), most=st.integers(2, 80))
def test_no_title_is_longer_than_asked(title, most):
    assert len(short(title, most)) <= most
