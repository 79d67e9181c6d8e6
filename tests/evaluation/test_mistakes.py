"""The order of mistakes: worked by hand, and against plain sorting."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss

from cnnviz.evaluation.mistakes import ORDERS, losses, margins, mistakes

LABELS = np.array([0, 0, 1, 2, 2])
#: Right, wrong by a little, surely wrong, wrong between three, right.
SHARES = np.array(
    [[0.9, 0.1, 0.0], [0.45, 0.5, 0.05], [0.95, 0.05, 0.0], [0.36, 0.34, 0.30], [0.1, 0.1, 0.8]], np.float16
)


@pytest.mark.parametrize(
    ("order", "places"), [("certain", [2, 1, 3]), ("close", [3, 1, 2]), ("loss", [2, 3, 1])]
)
def test_the_orders_worked_by_hand(order, places):
    assert mistakes(LABELS, SHARES, order).tolist() == places


def test_classes_filter_rows_and_columns_of_the_matrix():
    assert mistakes(LABELS, SHARES, "certain", predicted=0).tolist() == [2, 3]
    assert mistakes(LABELS, SHARES, "certain", true=0).tolist() == [1]
    assert mistakes(LABELS, SHARES, "certain", true=0, predicted=0).tolist() == []


@given(st.integers(0, 40), st.integers(2, 5), st.integers(0, 2**31))
def test_every_order_lists_each_mistake_once_as_plain_sorting_does(count, classes, seed):
    draw = np.random.default_rng(seed)
    shares = draw.dirichlet(np.ones(classes), count).astype(np.float16)
    labels = draw.integers(0, classes, count)
    wrong = [i for i in range(count) if int(np.argmax(shares[i])) != labels[i]]
    wide = shares.astype(float)
    top = [sorted(row, reverse=True) for row in wide.tolist()]
    keys = {
        "certain": lambda i: -top[i][0],
        "close": lambda i: top[i][0] - top[i][1],
        "loss": lambda i: wide[i, labels[i]],  # the loss falls as the true class's probability rises
    }
    for order in ORDERS:
        assert mistakes(labels, shares, order).tolist() == sorted(wrong, key=keys[order])


def test_the_mean_loss_is_scikit_learns_and_finite_at_a_probability_of_0():
    shares = np.random.default_rng(0).dirichlet(np.ones(4), 50)
    labels = np.arange(50) % 4
    assert losses(labels, shares).mean() == pytest.approx(log_loss(labels, shares))
    assert np.isfinite(losses(np.array([1]), np.array([[1.0, 0.0]]))).all()
    assert margins(np.array([[0.5, 0.2, 0.3]])) == pytest.approx([0.2])
