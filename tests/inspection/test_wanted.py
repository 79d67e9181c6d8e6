"""Work ends between two batches when nobody waits for it."""

from pathlib import Path

import numpy as np
import pytest

from cnnviz.inspection import wanted
from tests.inspection.explanations.networks import linear


def test_a_network_goes_on_as_long_as_somebody_waits(tmp_path):
    images, sign = np.zeros((300, 8, 8, 3), np.float32), tmp_path / "sign"
    with wanted.unless(sign):
        assert len(linear().scores(images)) == 300


def test_a_network_stops_between_two_batches(tmp_path):
    passes, sign = linear(), tmp_path / "sign"
    with pytest.raises(wanted.UnwantedError), wanted.unless(sign):
        passes.scores(_LastWanted(sign))


class _LastWanted:
    """300 images; while the first batch is cut from them, the visitor moves on. A second would fail."""

    def __init__(self, sign: Path) -> None:
        self.sign, self.images = sign, np.zeros((300, 8, 8, 3), np.float32)

    def astype(self, _: object) -> "_LastWanted":
        return self

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, part: slice) -> np.ndarray:
        assert not self.sign.exists()
        self.sign.touch()
        return self.images[part]


def test_work_does_not_begin_when_the_sign_is_there_already(tmp_path):
    sign = tmp_path / "sign"
    sign.touch()
    with pytest.raises(wanted.UnwantedError), wanted.unless(sign):
        pytest.fail("it was begun")


def test_after_the_block_nothing_is_called_off(tmp_path):
    sign = tmp_path / "sign"
    with wanted.unless(sign):
        sign.touch()
    wanted.check()
