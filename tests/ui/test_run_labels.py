"""Short titles keep what tells runs apart."""

from hypothesis import given
from hypothesis import strategies as st

from cnnviz.ui.run_labels import short, short_labels


def test_a_short_title_stays():
    assert short("first", 26) == "first"


def test_runs_of_a_study_keep_their_ends():
    assert short("E8 Pooling or strides? · max pooling, 40,000", 26) == "E8 · max pooling, 40,000"
    assert short("E8 Pooling or strides? · strides, n = 40,000, twice", 26) == "E8 · strides, n = 40,000,…"


@given(title=st.text("ab ·", max_size=80), most=st.integers(2, 80))
def test_no_title_is_longer_than_asked(title, most):
    assert len(short(title, most)) <= most


def test_what_all_long_titles_have_is_left_out_of_their_labels() -> None:
    plain, augmented = "A7 · 10 epochs, CPU · seed 2", "A7 · 10 epochs, CPU, augmented · seed 2"
    assert short_labels([plain, augmented], 28) == ["10 epochs, CPU", "10 epochs, CPU, augmented"]
    assert short_labels([plain, f"A3 · {plain}"], 20) == ["A7 · 10 epochs, CPU…", "A3 · A7 · 10 epochs…"]
    assert short_labels(["A · B", "A · C"], 20) == ["A · B", "A · C"]
