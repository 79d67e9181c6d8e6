"""Edited kernels as text in the link: what is written is read back, and nonsense is no kernel."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cnnviz.ui.lab import lab_settings

NUMBERS = st.floats(-1000, 1000, allow_nan=False).map(lambda x: float(f"{x:.6g}"))


@given(st.sampled_from([1, 3]), st.sampled_from([1, 2, 3, 5]), st.data())
def test_a_kernel_survives_its_text(channels, size, data):
    kernel = data.draw(arrays.arrays(np.float64, (channels, size, size), elements=NUMBERS))
    found = lab_settings.read_weights(lab_settings.write_weights(kernel))
    assert found is not None
    np.testing.assert_array_equal(np.broadcast_to(found, kernel.shape), kernel)


@pytest.mark.parametrize(
    "text", ["", "1,2;3", "1,2,3", "1,x,3;4,5,6;7,8,9", "1,2,3;4,5;6,7,8", "nan", "inf", "1|1", "1e9"]
)
def test_what_is_no_square_of_numbers_is_refused(text):
    assert lab_settings.read_weights(text) is None


def test_a_kernel_may_be_nearly_as_large_as_the_largest_picture():
    largest = np.arange(63 * 63, dtype=np.float64).reshape(1, 63, 63)
    np.testing.assert_array_equal(lab_settings.read_weights(lab_settings.write_weights(largest)), largest)
    assert lab_settings.read_weights(lab_settings.write_weights(np.ones((1, 64, 64)))) is None
