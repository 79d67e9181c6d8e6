"""Answers to several images at once are those of plain Keras to each one alone."""

import numpy as np
import pytest

from cnnviz.errors import ImageError
from cnnviz.inspection.answers import probabilities

# Keras hands TensorFlow's variables to numpy in a way that numpy 2 warns about.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.mark.parametrize("n", [1, 32, 33])
def test_each_image_gets_the_answer_that_it_gets_alone(make_run, n):
    run, model = make_run("two-pairs")
    images = np.random.default_rng(n).integers(0, 256, (n, *model.input_shape[1:]), np.uint8)
    found = probabilities(str(run.path), images)
    assert found.shape == (n, 10)
    alone = np.concatenate([np.asarray(model(image[None], training=False)) for image in images])
    np.testing.assert_allclose(found, alone, atol=1e-6)


def test_images_of_another_shape_are_refused(make_run):
    run, _ = make_run("two-pairs")
    with pytest.raises(ImageError, match="takes"):
        probabilities(str(run.path), np.zeros((1, 5, 5, 1), np.uint8))
