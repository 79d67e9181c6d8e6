"""A small experiment for tests that need one but train nothing."""

from cnnviz.specs import ArchitectureSpec, Conv2D, Dense, ExperimentSpec, Flatten

EXPERIMENT = ExperimentSpec(
    architecture=ArchitectureSpec.of(
        Conv2D(name="block1_conv1", filters=4),
        Flatten(),
        Dense(name="softmax", units="classes", activation="softmax"),
    )
)
