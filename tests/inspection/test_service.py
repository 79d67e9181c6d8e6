"""The warm process: right answers, no Keras outside it, and another one when it dies."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import psutil
import pytest

from cnnviz.errors import ImageError, RunError
from cnnviz.inspection import explaining, network
from cnnviz.inspection.service import Inspector, inspector
from tests.patience import PATIENCE

# Keras hands TensorFlow's variables to numpy in a way that numpy 2 warns about.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="module")
def service():
    service = Inspector()
    yield service
    service.close()


def worker_of(service: Inspector) -> psutil.Process:
    return psutil.Process(service.answer("getpid", module="os"))


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
    image = np.random.default_rng(0).integers(0, 256, (16, 16, 1), np.uint8)
    found = service.activations(run.path, image)
    expected = network.activations(str(run.path), image)
    assert [layer.name for layer in found.layers] == [layer.name for layer in expected.layers]
    for ours, theirs in zip(found.layers, expected.layers, strict=True):
        np.testing.assert_allclose(ours.values, theirs.values, rtol=1e-4, atol=1e-6)
    assert service.kernels(run.path, found.layers[0].name, output=1).kernel.shape[-1] == 1
    assert len(service.weight_histograms(run.path, bins=10)[0].counts) == 10


def test_what_a_user_can_mend_comes_back_as_such(service, make_run):
    run, _ = make_run()
    with pytest.raises(ImageError, match="this network takes"):
        service.activations(run.path, np.zeros((5, 5, 1), np.uint8))
    with pytest.raises(RunError):
        service.activations(run.path.parent / "gone", np.zeros((5, 5, 1), np.uint8))


def test_it_never_sees_a_gpu(service):
    assert service.answer("getenv", module="os", key="CUDA_VISIBLE_DEVICES") == ""


def test_a_dead_worker_is_replaced(service, make_run):
    run, _ = make_run()
    worker = worker_of(service)
    os.kill(worker.pid, signal.SIGKILL)
    found = service.activations(run.path, np.zeros((16, 16, 1), np.uint8))
    assert found.layers
    assert worker_of(service).pid != worker.pid


def test_a_question_that_kills_twice_is_an_error_and_the_next_one_is_answered(service):
    with pytest.raises(RunError, match="ended twice"):
        service.answer("_exit", module="os", status=9)
    assert service.answer("getpid", module="os") != os.getpid()


def test_maps_are_answered_while_an_occlusion_is_at_work(service, make_run):
    run, _ = make_run()
    image = np.random.default_rng(0).integers(0, 256, (16, 16, 1), np.uint8)
    question = {"run": str(run.path), "image": image, "label": 3, "method": "occlusion", "settings": {}}
    worker = psutil.Process(service.work("getpid", module="os"))
    assert worker.pid != worker_of(service).pid
    with ThreadPoolExecutor(1) as visitor:
        with held(worker):
            occlusion = visitor.submit(
                service.work, "explain", module="cnnviz.inspection.explaining", **question
            )
            assert service.activations(run.path, image).layers
            assert not occlusion.done()
        found = occlusion.result(timeout=PATIENCE)
    np.testing.assert_allclose(found.values, explaining.explain(**question).values, rtol=1e-3, atol=1e-5)


def test_long_work_stands_back(service):
    worker = psutil.Process(service.work("getpid", module="os"))
    assert worker.nice() > worker_of(service).nice()


def test_work_that_nobody_waits_for_any_more_is_never_begun(service, tmp_path):
    worker = psutil.Process(service.work("getpid", module="os"))
    moved = threading.Event()

    def look() -> None:
        if moved.is_set():
            raise MovedOn

    with ThreadPoolExecutor(2) as visitors:
        with held(worker):
            first = visitors.submit(service.work, "mkdir", module="os", path=str(tmp_path / "first"))
            second = visitors.submit(
                service.work, "mkdir", module="os", path=str(tmp_path / "second"), waiting=look
            )
            moved.set()
            with pytest.raises(MovedOn):
                second.result(timeout=PATIENCE)
        first.result(timeout=PATIENCE)
    assert service.work("listdir", module="os", path=str(tmp_path)) == ["first"]


def test_work_that_has_reached_the_process_is_withdrawn_too(service, tmp_path):
    worker = psutil.Process(service.work("getpid", module="os"))
    with held(worker), pytest.raises(MovedOn):
        service.work("mkdir", module="os", path=str(tmp_path / "made"), waiting=move_on)
    assert service.work("listdir", module="os", path=str(tmp_path)) == []


def test_who_moves_on_while_waiting_for_maps_is_let_go(service):
    with held(worker_of(service)), pytest.raises(MovedOn):
        service.answer("kept", waiting=move_on)
    assert service.answer("kept") is not None


def test_it_can_be_warmed_before_the_first_question():
    service = Inspector()
    service.warm()
    service.warm()
    assert service.answer("kept") == []
    service.close()


def test_closing_ends_the_worker():
    service = Inspector()
    worker = worker_of(service)
    service.close()
    worker.wait(timeout=PATIENCE)
    assert not worker.is_running()


def test_the_asking_process_imports_neither_tensorflow_nor_keras(make_run):
    run, _ = make_run()
    script = f"""
import sys
from pathlib import Path
import numpy as np
from cnnviz.inspection.service import inspector
found = inspector().activations(Path({str(run.path)!r}), np.zeros((16, 16, 1), np.uint8))
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
from cnnviz.inspection.service import inspector
print(inspector().answer("getpid", module="os"), flush=True)
input()
"""
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as asking:
        worker = psutil.Process(int(asking.stdout.readline()))
        asking.kill()
    psutil.wait_procs([worker], timeout=PATIENCE)
    assert not worker.is_running()


def test_there_is_one_inspector_a_process():
    assert inspector() is inspector()
