"""The warm processes: right answers, no Keras outside them, others when they die, and no unwanted work."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
import pytest

from cnnviz.errors import ImageError, RunError
from cnnviz.inspection import explaining, network
from cnnviz.inspection.questions import Explain, GetActivations, GetKernels, GetWeightHistograms
from cnnviz.inspection.service import Inspector, inspector
from cnnviz.inspection.wanted import UnwantedError, check_wanted, unless
from cnnviz.inspection.weights import Weights
from tests.inspection.explanations.networks import linear
from tests.inspection.process_questions import Exit, LongPid, MakeFolder, Pid, Variable
from tests.patience import PATIENCE
from tests.present import present

# Keras hands TensorFlow's variables to numpy in a way that numpy 2 warns about.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture
def fresh() -> Iterator[Inspector]:
    """An inspector whose processes may be ended; without Keras they start in no time."""
    inspector = Inspector()
    yield inspector
    inspector.close()


@contextmanager
def held(worker: psutil.Process) -> Iterator[None]:
    """The process stands still in the block, whatever it is at."""
    worker.suspend()
    try:
        yield
    finally:
        worker.resume()


class MovedOn(BaseException):
    """What a page raises when its visitor has clicked elsewhere."""


def move_on() -> None:
    raise MovedOn


def test_answers_are_those_of_this_process(service, make_run):
    run, _ = make_run()
    weights = Weights.of(run.path)
    image = np.random.default_rng(0).integers(0, 256, (16, 16, 1), np.uint8)
    found = service.ask(GetActivations(weights, image))
    expected = network.activations(weights, image)
    assert [layer.name for layer in found.layers] == [layer.name for layer in expected.layers]
    for ours, theirs in zip(found.layers, expected.layers, strict=True):
        np.testing.assert_allclose(ours.values, theirs.values, rtol=1e-4, atol=1e-6)
    assert service.ask(GetKernels(weights, found.layers[0].name, output=1)).kernel.shape[-1] == 1
    assert len(service.ask(GetWeightHistograms(weights, bins=10))[0].counts) == 10


def test_what_a_user_can_mend_comes_back_as_such(service, make_run):
    run, _ = make_run()
    with pytest.raises(ImageError, match="this network takes"):
        service.ask(GetActivations(Weights(run.path), np.zeros((5, 5, 1), np.uint8)))
    with pytest.raises(RunError):
        service.ask(GetActivations(Weights(run.path.parent / "gone"), np.zeros((5, 5, 1), np.uint8)))


def test_it_never_sees_a_gpu(service):
    assert service.ask(Variable("CUDA_VISIBLE_DEVICES")) == ""


def test_a_dead_worker_is_replaced(fresh):
    worker = psutil.Process(fresh.ask(Pid()))
    worker.kill()
    assert fresh.ask(Pid()) != worker.pid


def test_a_question_that_kills_twice_is_an_error_and_the_next_one_is_answered(fresh):
    with pytest.raises(RunError, match="ended twice"):
        fresh.ask(Exit())
    assert fresh.ask(Pid())


def test_maps_are_answered_while_an_occlusion_is_at_work(service, make_run):
    run, _ = make_run()
    weights = Weights(run.path)
    image = np.random.default_rng(0).integers(0, 256, (16, 16, 1), np.uint8)
    worker = psutil.Process(service.ask(LongPid()))
    assert worker.pid != service.ask(Pid())
    with ThreadPoolExecutor(1) as visitor:
        with held(worker):
            occlusion = visitor.submit(service.ask, Explain(weights, image, 3, "occlusion"))
            assert service.ask(GetActivations(weights, image)).layers
            assert not occlusion.done()
        found = occlusion.result(timeout=PATIENCE)
    expected = explaining.explain(weights, image, 3, "occlusion")
    np.testing.assert_allclose(found.values, expected.values, rtol=1e-3, atol=1e-5)


def test_long_work_stands_back(service):
    assert psutil.Process(service.ask(LongPid())).nice() > psutil.Process(service.ask(Pid())).nice()


def test_work_that_nobody_waits_for_any_more_is_never_begun(service, tmp_path):
    worker = psutil.Process(service.ask(LongPid()))
    moved = threading.Event()

    def look() -> None:
        if moved.is_set():
            raise MovedOn

    with ThreadPoolExecutor(2) as visitors:
        with held(worker):
            first = visitors.submit(service.ask, MakeFolder(tmp_path / "first"))
            second = visitors.submit(service.ask, MakeFolder(tmp_path / "second"), look)
            moved.set()
            with pytest.raises(MovedOn):
                second.result(timeout=PATIENCE)
        first.result(timeout=PATIENCE)
    service.ask(MakeFolder(tmp_path / "third"))
    assert {path.name for path in tmp_path.iterdir()} == {"first", "third"}


def test_work_that_has_reached_the_process_is_withdrawn_too(service, tmp_path):
    worker = psutil.Process(service.ask(LongPid()))
    with held(worker), pytest.raises(MovedOn):
        service.ask(MakeFolder(tmp_path / "made"), move_on)
    service.ask(MakeFolder(tmp_path / "next"))
    assert [path.name for path in tmp_path.iterdir()] == ["next"]


def test_who_moves_on_while_waiting_for_maps_is_let_go(service):
    worker = psutil.Process(service.ask(Pid()))
    with held(worker), pytest.raises(MovedOn):
        service.ask(Pid(), move_on)
    assert service.ask(Pid()) == worker.pid


def test_closing_ends_the_worker(fresh):
    worker = psutil.Process(fresh.ask(Pid()))
    fresh.close()
    worker.wait(timeout=PATIENCE)
    assert not worker.is_running()


def test_the_asking_process_imports_neither_tensorflow_nor_keras_and_warming_does_so_in_the_other(make_run):
    run, _ = make_run()
    script = f"""
import sys
from pathlib import Path
import numpy as np
from cnnviz.inspection.questions import GetActivations, Question
from cnnviz.inspection.service import inspector
from cnnviz.inspection.weights import Weights
import cnnviz.studies.transfer.transfer_spec
class Imported(Question[bool]):
    keras = False
    def answer(self):
        return "keras" in sys.modules
inspector().warm()
inspector().warm()
assert inspector().ask(Imported())
found = inspector().ask(GetActivations(Weights.of(Path({str(run.path)!r})), np.zeros((16, 16, 1), np.uint8)))
assert found.probabilities.shape == (10,)
print([name for name in ("tensorflow", "keras", "sklearn") if name in sys.modules])
inspector().close()
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_the_worker_ends_when_the_asking_process_is_killed():
    script = """
import os
from cnnviz.inspection.questions import Question
from cnnviz.inspection.service import inspector
class Pid(Question[int]):
    keras = False
    def answer(self):
        return os.getpid()
print(inspector().ask(Pid()), flush=True)
input()
"""
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as asking:
        worker = psutil.Process(int(present(asking.stdout).readline()))
        asking.kill()
    psutil.wait_procs([worker], timeout=PATIENCE)
    assert not worker.is_running()


def test_there_is_one_inspector_a_process():
    assert inspector() is inspector()


def test_a_network_goes_on_as_long_as_somebody_waits(tmp_path):
    images, sign = np.zeros((300, 8, 8, 3), np.float32), tmp_path / "sign"
    with unless(sign):
        assert len(linear().scores(images)) == 300


def test_a_network_stops_between_two_batches(tmp_path):
    passes, sign = linear(), tmp_path / "sign"
    with pytest.raises(UnwantedError), unless(sign):
        passes.scores(_LastWanted(sign))  # type: ignore[arg-type]


class _LastWanted:
    """300 images; while the first batch is cut from them, the visitor moves on. A second would fail.

    It is no array, and has of one what the batches are cut with.
    """

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
    with pytest.raises(UnwantedError), unless(sign):
        pytest.fail("it was begun")


def test_after_the_block_nothing_is_called_off(tmp_path):
    sign = tmp_path / "sign"
    with unless(sign):
        sign.touch()
    check_wanted()
