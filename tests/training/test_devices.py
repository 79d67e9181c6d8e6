"""Devices: what this machine is said to have, and what is refused."""

from __future__ import annotations

import dataclasses

import pytest

from cnnviz.errors import DeviceError, SpecError
from cnnviz.specs import TrainingSpec
from cnnviz.training import checks, devices

CPUINFO = """processor\t: 0
model name\t: Some Processor 9000
flags\t\t: fpu sse2 avx512f avx512_bf16

processor\t: 1
model name\t: Some Processor 9000
flags\t\t: fpu
"""


@pytest.fixture
def cpu():
    return devices.resolve("cpu")


def test_the_processor_is_read_from_cpuinfo(tmp_path):
    path = tmp_path / "cpuinfo"
    path.write_text(CPUINFO)
    name, flags = devices.processor(path)
    assert name == "Some Processor 9000"
    assert flags & devices.BFLOAT16_FLAGS == {"avx512_bf16"}


def test_where_cpuinfo_is_missing_the_processor_has_a_name_all_the_same(tmp_path):
    name, flags = devices.processor(tmp_path / "absent")
    assert name
    assert flags == frozenset()


def test_there_is_always_a_processor(cpu):
    assert cpu in devices.devices()
    assert cpu.kind == "CPU"
    assert cpu.memory_bytes > 1e8
    assert cpu.threads >= 1
    assert f"{cpu.threads} threads" in cpu.label
    assert devices.resolve("auto") == devices.devices()[0]


def test_an_absent_device_is_refused_with_those_that_exist(cpu):
    with pytest.raises(DeviceError, match=r"no device 'gpu:77'.*cpu \(.*'auto'"):
        devices.resolve("gpu:77")


def test_a_precision_that_does_not_pay_is_refused():
    with pytest.raises(DeviceError, match="mixed_float16 would be slower"):
        devices.check(TrainingSpec(device="cpu", precision="mixed_float16"))
    assert "float32" in devices.precisions("cpu")


def test_more_threads_than_there_are_are_refused(cpu):
    with pytest.raises(DeviceError, match="threads 1000 are more"):
        devices.check(TrainingSpec(device="cpu", threads=1000))
    assert devices.check(TrainingSpec(device="cpu", threads=1)) == cpu


def test_a_worker_on_the_processor_sees_no_gpu(cpu):
    variables = devices.environment(cpu, threads=2)
    assert variables["CUDA_VISIBLE_DEVICES"] == "-1"
    assert variables["TF_NUM_INTRAOP_THREADS"] == "2"
    assert "TF_NUM_INTRAOP_THREADS" not in devices.environment(cpu)


def test_a_worker_on_a_gpu_sees_that_one_only(cpu):
    gpu = dataclasses.replace(cpu, id="gpu:1", kind="GPU")
    variables = devices.environment(gpu)
    assert variables["CUDA_VISIBLE_DEVICES"] == "1"
    assert variables["TF_FORCE_GPU_ALLOW_GROWTH"] == "true"


def test_the_check_before_queueing_gives_the_arithmetic_or_the_reason(make_run):
    experiment = make_run().spec().experiment
    assert checks.check(experiment).total_params == 40 + 606 + 3850
    with pytest.raises(SpecError, match="larger than the 160 training images"):
        checks.check(experiment.but(training=TrainingSpec(batch_size=161)))
