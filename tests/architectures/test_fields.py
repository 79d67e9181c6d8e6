"""Receptive fields by brute force: which pixels change a value, and which don't."""

import keras
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cnnviz import architectures
from cnnviz.architectures.build import build_model
from cnnviz.architectures.fields import Fields, Slide, Span, along, fields
from cnnviz.convolution import convolve, pool
from cnnviz.specs import ArchitectureSpec
from tests.architectures.networks import often

steps = st.tuples(
    st.sampled_from(["convolution", "max", "average"]),
    st.integers(1, 4),
    st.integers(1, 3),
    st.sampled_from(["same", "valid"]),
    st.integers(1, 3),
)


def slid(row, kind, slide):
    """One layer on a row of numbers, by the functions that are tested against scipy and TensorFlow."""
    if kind == "convolution":
        rule = {"stride": slide.stride, "padding": slide.padding, "dilation": slide.dilation}
        return convolve(row, np.ones(slide.size), **rule)
    return pool(row, slide.size, kind, stride=slide.stride, padding=slide.padding)


@given(st.integers(1, 24), st.lists(steps, max_size=4))
@often(150)
def test_the_pixels_that_change_a_value_end_where_its_field_ends(side, layers):
    slides: list[Slide] = []
    kinds: list[str] = []
    for kind, size, stride, padding, dilation in layers:
        before = slides[-1].outputs if slides else side
        slide = Slide(size, stride, padding, before, dilation if kind == "convolution" else 1)
        assume(slide.outputs >= 1)
        slides.append(slide)
        kinds.append(kind)

    def network(row):
        for kind, slide in zip(kinds, slides, strict=True):
            row = slid(row, kind, slide)
        return row

    # All kernels are positive, so every layer grows with its input; a pixel this bright is any maximum.
    calm = network(np.ones(side))
    changed = np.stack([network(np.ones(side) + 1e6 * np.eye(side)[pixel]) != calm for pixel in range(side)])
    axis = along(slides, side)
    assert len(axis.seen) == len(calm)
    for at, span in enumerate(axis.seen):
        pixels = np.flatnonzero(changed[:, at])
        expected = Span(int(pixels[0]), int(pixels[-1]) + 1) if len(pixels) else Span(0, 0)
        assert span == expected
        assert axis.whole[at].start <= span.start or not span.size
        assert axis.whole[at].stop >= span.stop
        assert axis.outside(at) >= 0


@pytest.mark.parametrize("name", list(architectures.ARCHITECTURES))
def test_every_architectures_fields_fit_its_shapes(name):
    spec = architectures.make(name)
    for layer in architectures.summarise(spec, (32, 40, 3), 10).layers:
        found = fields(spec, (32, 40, 3), layer.name)
        if len(layer.output_shape) == 1:
            assert found is None
        else:
            assert found is not None
            assert (len(found.rows.seen), len(found.columns.seen)) == layer.output_shape[:2]
            assert {span.size for span in found.rows.whole} == {layer.receptive_field}


def exact(layer: keras.layers.Layer) -> keras.layers.Layer:
    """The same layer in float64, in which a single pixel's part of a sum is not rounded away."""
    config = layer.get_config()
    return type(layer).from_config(
        config if isinstance(layer, keras.layers.InputLayer) else {**config, "dtype": "float64"}
    )


@pytest.mark.parametrize("side", [28, 32])
@pytest.mark.parametrize("name", ["strided", "small-strided", "two-pairs", "lenet", "strides-or-pooling"])
def test_what_a_network_sees_is_what_changes_keras_answer(name, side):
    """Steps of strides leave out pixels behind the last window: on 32×32, a quarter and more of an image."""
    spec = architectures.make(name)
    summary = architectures.summarise(spec, (side, side, 1), 10)
    model = keras.models.clone_model(build_model(spec, (side, side, 1), 10), clone_function=exact)
    for weight in model.trainable_weights:  # all positive, so that no answer is cut off at 0
        weight.assign(np.full(weight.shape, 1e-3))
    inside = keras.Model(model.input, model.layers[-2].output)  # before the softmax
    images = np.full((side * side + 1, side, side, 1), 10, np.uint8)
    images[np.arange(side * side), *np.divmod(np.arange(side * side), side)] = 255
    answers = inside.predict(images, batch_size=128, verbose=0).reshape(len(images), -1)
    changed = ~np.isclose(answers[:-1], answers[-1], rtol=1e-12, atol=0).all(axis=1)
    assert summary.layers[-1].seen == pytest.approx(changed.mean())
    keras.backend.clear_session()


def test_a_network_that_skips_pixels_does_not_see_the_whole_image():
    strided = architectures.summarise(architectures.make("small-strided"), (32, 32, 3), 10).layers[-1]
    plain = architectures.summarise(architectures.make("two-pairs"), (32, 32, 3), 10).layers[-1]
    assert (strided.receptive_field, plain.receptive_field) == (None, None)
    assert strided.sees == f"{100 * strided.seen:.0f} % of the image"
    assert strided.seen < 0.9
    assert plain.sees == "the whole image"


def test_the_part_in_the_padding_is_told():
    found = fields(architectures.make("two-pairs"), (32, 32, 3), "block1_conv1")
    assert isinstance(found, Fields)
    assert found.rows.whole[0] == Span(-1, 2)
    assert found.rows.seen[0] == Span(0, 2)
    assert [found.rows.outside(at) for at in (0, 1, 31)] == [1, 0, 1]
    assert found.rows.middle(0) == 0.5
    assert [found.rows.nearest(point) for point in (-3, 0.5, 7.2, 99)] == [0, 0, 7, 31]


def test_a_layer_that_is_not_there_is_an_error():
    with pytest.raises(KeyError, match=r"^'nowhere'$"):
        fields(ArchitectureSpec.of(architectures.make("lenet").layers), (28, 28, 1), "nowhere")
