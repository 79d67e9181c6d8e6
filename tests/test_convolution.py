"""Convolution and pooling written out, against scipy, Keras and cases worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from cnnviz.convolution import EDGES, SHARPEN, convolve, output_size, padded, pool

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize("mode", ["valid", "same"])
@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
def test_two_dimensions_agree_with_scipys_correlation(mode, size):
    image, kernel = RANDOM.normal(size=(9, 11)), RANDOM.normal(size=(size, size))
    found = convolve(image, kernel, padding=mode)
    if mode == "valid":
        expected = signal.correlate2d(image, kernel, mode="valid")
    else:
        # TensorFlow puts the odd row and column of padding at the end; scipy's 'same' does not.
        before, after = padded(9, size, padding="same")
        expected = signal.correlate2d(np.pad(image, (before, after)), kernel, mode="valid")
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("shape", [(20,), (7, 8), (5, 6, 7)])
def test_one_to_three_dimensions_agree_with_scipy(shape):
    image, kernel = RANDOM.normal(size=shape), RANDOM.normal(size=(3,) * len(shape))
    np.testing.assert_allclose(
        convolve(image, kernel), signal.correlate(image, kernel, mode="valid"), atol=1e-12
    )


SIDES, KERNELS, STEPS = st.integers(4, 9), st.integers(1, 4), st.integers(1, 3)


@settings(deadline=None, max_examples=40)
@given(SIDES, KERNELS, STEPS, st.integers(1, 2), st.sampled_from(["valid", "same"]))
def test_strides_dilation_and_padding_agree_with_keras(n, m, stride, dilation, padding):
    from keras import ops

    if (dilation * (m - 1) + 1 > n and padding == "valid") or (stride > 1 and dilation > 1):
        return  # does not fit; and Keras refuses strides with dilation
    image, kernel = RANDOM.normal(size=(n, n + 1)), RANDOM.normal(size=(m, m))
    expected = ops.conv(
        image[None, :, :, None].astype("float32"),
        kernel[:, :, None, None].astype("float32"),
        strides=stride,
        padding=padding,
        dilation_rate=dilation,
    )
    found = convolve(image, kernel, stride=stride, padding=padding, dilation=dilation)
    np.testing.assert_allclose(found, np.asarray(expected)[0, :, :, 0], atol=1e-4)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("n", "size", "stride"), [(8, 2, 2), (7, 2, 2), (7, 3, 2), (9, 3, 3), (6, 2, 1)])
def test_pooling_agrees_with_keras(padding, n, size, stride):
    from keras import ops

    image = RANDOM.normal(size=(n, n)).astype("float32")
    arguments = {"pool_size": size, "strides": stride, "padding": padding}
    highest = ops.max_pool(image[None, :, :, None], **arguments)
    mean = ops.average_pool(image[None, :, :, None], **arguments)
    found = pool(image, size, stride=stride, padding=padding)
    np.testing.assert_allclose(found, np.asarray(highest)[0, :, :, 0])
    found = pool(image, size, "average", stride=stride, padding=padding)
    np.testing.assert_allclose(found, np.asarray(mean)[0, :, :, 0], atol=1e-6)


def test_a_convolution_worked_by_hand():
    image = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    kernel = np.array([[1, 0], [0, -1]])
    # 1·1 − 1·5, 1·2 − 1·6, …: not turned over, or the signs would be the other way round.
    assert convolve(image, kernel).tolist() == [[-4, -4], [-4, -4]]
    assert convolve(image, kernel, bias=0.5).tolist() == [[-3.5, -3.5], [-3.5, -3.5]]


def test_pooling_worked_by_hand():
    matrix = np.array([[1, 3, 2, 1], [4, 6, 5, 0], [3, 1, 0, 2], [1, 2, 4, 8]])
    assert pool(matrix).tolist() == [[6, 5], [3, 8]]
    assert pool(matrix, kind="average").tolist() == [[3.5, 2], [1.75, 3.5]]


def test_the_lectures_window_leaves_24_not_23():
    assert output_size(28, 5) == 24
    assert convolve(np.zeros((28, 28)), np.ones((5, 5))).shape == (24, 24)


def test_the_first_kernel_of_report_e_darkens_even_areas_and_the_second_brightens_them():
    even = np.full((5, 5), 100.0)
    assert (convolve(even, EDGES) == 0).all()
    assert (convolve(even, SHARPEN) == 400).all()


def test_a_kernel_as_deep_as_the_image_leaves_one_map():
    image, kernel = RANDOM.normal(size=(6, 6, 3)), RANDOM.normal(size=(3, 3, 3))
    expected = sum(signal.correlate2d(image[..., c], kernel[..., c], "valid") for c in range(3))
    np.testing.assert_allclose(convolve(image, kernel)[..., 0], expected, atol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "says"), [((3, 5), "does not fit"), ((3, 0), "at least 1"), ((5, 2, 0), "at least 1")]
)
def test_impossible_sizes_are_refused(arguments, says):
    with pytest.raises(ValueError, match=says):
        output_size(*arguments)


def test_dimensions_must_be_the_same():
    with pytest.raises(ValueError, match="dimensions"):
        convolve(np.zeros((4, 4)), np.zeros(3))
