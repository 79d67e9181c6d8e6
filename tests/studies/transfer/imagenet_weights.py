"""A file of random weights in the layout of the official one: VGG16 without its dense layers, 59 MB."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np

#: (block, maps before, maps, convolutions), as Simonyan and Zisserman have them in configuration D.
BLOCKS = ((1, 3, 64, 2), (2, 64, 128, 2), (3, 128, 256, 3), (4, 256, 512, 3), (5, 512, 512, 3))


def write(path: Path, seed: int = 0) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Write the file as Keras 2 did: layers by name, `block1_conv1_W_1:0` and `…_b_1:0` in each.

    Returns:
        kernel (3, 3, C, K) and bias (K,) of every convolution.
    """
    rng, written = np.random.default_rng(seed), {}
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        names = ["input_1"]
        for block, before, maps, count in BLOCKS:
            for index in range(1, count + 1):
                name = f"block{block}_conv{index}"
                depth = before if index == 1 else maps
                spread = np.float32(np.sqrt(2 / (9 * depth)))  # He: responses neither fade nor grow
                kernel = spread * rng.standard_normal((3, 3, depth, maps), np.float32)
                bias = np.float32(0.1) * rng.standard_normal(maps, np.float32)
                group = file.create_group(name)
                group.attrs["weight_names"] = [f"{name}_W_1:0".encode(), f"{name}_b_1:0".encode()]
                group[f"{name}_W_1:0"], group[f"{name}_b_1:0"] = kernel, bias
                written[name] = kernel, bias
                names.append(name)
            names.append(f"block{block}_pool")
        for name in names:
            if name not in file:
                file.create_group(name).attrs["weight_names"] = []
        file.attrs["layer_names"] = [name.encode() for name in names]
        file.attrs["backend"], file.attrs["keras_version"] = b"tensorflow", b"2.0.0"
    return written
