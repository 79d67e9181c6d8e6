"""Read CIFAR's pickled batches without running anything that a pickle might ask for.

Allowed are dict, list, tuple, bytes, str, numbers and plain numeric numpy arrays. Every name that a
pickle asks for is answered with our own harmless stand-in or refused, so that a prepared file can
neither import nor call anything.
"""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np

from cnnviz.datasets.damaged import damaged

_EXPECTED = "a pickled batch of CIFAR: a dict of lists, bytes, numbers and numpy arrays"


class _ArrayType:
    """Stands for `numpy.ndarray` where a pickle names it as an argument."""


def _reconstruct(kind: object, shape: object, code: object) -> np.ndarray:
    # What numpy's own function does for every pickled array; its content follows as state.
    if kind is not _ArrayType:
        raise pickle.UnpicklingError("an array of an unknown type")
    return np.empty(0, np.uint8)


def _frombuffer(buffer: bytes, dtype: np.dtype[Any], shape: tuple[int, ...], order: str) -> np.ndarray:
    # Protocol 5 writes arrays so; a dtype can only have come from `_dtype`.
    if not isinstance(dtype, np.dtype) or order not in ("C", "F"):
        raise pickle.UnpicklingError("an array of an unknown kind")
    return np.frombuffer(buffer, dtype).reshape(shape, order="F" if order == "F" else "C")


def _dtype(code: str | bytes, align: object = False, copy: object = False) -> np.dtype[Any]:
    dtype = np.dtype(code.decode("ascii") if isinstance(code, bytes) else code)
    if dtype.kind not in "biuf" or dtype.itemsize > 8:
        raise pickle.UnpicklingError(f"an array of type {dtype}")
    return dtype


def _encode(text: str, encoding: str = "latin1") -> bytes:
    # Python 3 writes bytes this way with protocol 2.
    return text.encode("latin1")


_ALLOWED = {
    ("numpy", "ndarray"): _ArrayType,
    ("numpy", "dtype"): _dtype,
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy.core.numeric", "_frombuffer"): _frombuffer,
    ("numpy._core.numeric", "_frombuffer"): _frombuffer,
    ("_codecs", "encode"): _encode,
}


class _Restricted(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no data need") from None


def read_pickle(data: bytes, path: Path) -> dict[bytes, Any]:
    """Return the dict that `data` holds; str keys (written by Python 3) come back as bytes.

    Raises:
        DataError: truncated, no pickle, no dict, or a pickle that asks for anything but data.
    """
    try:
        found = _Restricted(io.BytesIO(data), encoding="bytes").load()
    except (
        pickle.UnpicklingError,
        EOFError,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        UnicodeError,
        MemoryError,
        OverflowError,
        NotImplementedError,
        ImportError,
    ) as error:
        raise damaged(path, f"its pickle is refused or broken ({error})", _EXPECTED) from error
    if not isinstance(found, dict):
        raise damaged(path, f"it holds a {type(found).__name__}", _EXPECTED)
    return {key.encode() if isinstance(key, str) else key: value for key, value in found.items()}
