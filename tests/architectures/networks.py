"""Random networks for the property tests: any order of layers that the specs allow.

None needs images of more than `LARGEST` pixels, so that every test finds images that fit.
"""

from __future__ import annotations

from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st

from cnnviz import specs
from cnnviz.architectures.arithmetic import smallest_side
from cnnviz.specs import ArchitectureSpec, Layer

LARGEST = 400


def often(examples: int) -> settings:
    """Settings of a property test; a busy machine is no failure."""
    return settings(max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow])


_PADDING = st.sampled_from(["same", "valid"])
_ACTIVATION = st.sampled_from(["relu", "linear", "tanh"])
_NAME = st.just("layer")  # numbered below

convolutions = st.builds(
    specs.Conv2D,
    name=_NAME,
    filters=st.integers(1, 6),
    kernel_size=st.integers(1, 5),
    strides=st.integers(1, 3),
    padding=_PADDING,
    activation=_ACTIVATION,
    use_bias=st.booleans(),
)
poolings = st.one_of(
    *(
        st.builds(
            kind,
            name=_NAME,
            pool_size=st.integers(1, 4),
            strides=st.none() | st.integers(1, 3),
            padding=_PADDING,
        )
        for kind in (specs.MaxPooling2D, specs.AveragePooling2D)
    )
)
anywhere = st.one_of(
    st.builds(specs.BatchNormalization, name=_NAME),
    st.builds(specs.Dropout, name=_NAME, rate=st.floats(0, 0.9)),
    st.builds(specs.Activation, name=_NAME, activation=_ACTIVATION),
)
ends = st.one_of(st.builds(specs.Flatten, name=_NAME), st.builds(specs.GlobalAveragePooling2D, name=_NAME))
dense = st.builds(
    specs.Dense, name=_NAME, units=st.integers(1, 9), activation=_ACTIVATION, use_bias=st.booleans()
)


def _numbered(layers: list[Layer]) -> ArchitectureSpec:
    named = [layer.but(name=f"layer{index}") for index, layer in enumerate(layers, start=1)]
    spec = ArchitectureSpec.of(*named, specs.Dense(name="softmax", units="classes", activation="softmax"))
    assume(smallest_side(spec) <= LARGEST)
    return spec


@st.composite
def architectures(draw: st.DrawFn) -> ArchitectureSpec:
    """Maps first, then vectors, as networks are."""
    maps = draw(st.lists(convolutions | poolings | anywhere, max_size=6))
    vectors = draw(st.lists(dense | anywhere, max_size=3))
    return _numbered([*maps, draw(ends), *vectors])


@st.composite
def windows_only(draw: st.DrawFn) -> ArchitectureSpec:
    """Convolutions and poolings, for receptive fields."""
    return _numbered(
        [*draw(st.lists(convolutions | poolings, min_size=1, max_size=5)), specs.Flatten(name="layer")]
    )


shapes = st.tuples(st.integers(1, 20), st.integers(1, 20), st.integers(1, 4))
