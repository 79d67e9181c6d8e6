"""Which processors this machine has, what pays on them, and the environment a worker needs for one.

Imports no TensorFlow: the app asks it. The environment must stand before the worker imports anything.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import psutil

from cnnviz.errors import DeviceError
from cnnviz.specs import TrainingSpec

Precision = Literal["float32", "mixed_float16", "mixed_bfloat16"]
#: What must stand in a process's environment before it imports Keras, on whatever device it then trains.
IMPORTED_WITH = {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "2"}
#: Processor flags with which bfloat16 is computed natively, so that it is faster and not slower.
BFLOAT16_FLAGS = frozenset({"avx512_bf16", "amx_bf16"})


@dataclass(frozen=True, slots=True)
class Device:
    """One processor that can train. `id`: "cpu" or "gpu:0"; `threads`: of the CPU, 0 for a GPU."""

    id: str
    name: str
    kind: Literal["CPU", "GPU"]
    memory_bytes: int
    threads: int = 0
    precisions: tuple[Precision, ...] = ("float32",)

    @property
    def label(self) -> str:
        """Name and kind in one line: `AMD EPYC (CPU, 2 threads)`."""
        return f"{self.name} (CPU, {self.threads} threads)" if self.kind == "CPU" else f"{self.name} (GPU)"


@cache
def devices() -> tuple[Device, ...]:
    """GPUs that the installed TensorFlow can use, then the CPU."""
    name, flags = processor()
    fast: tuple[Precision, ...] = ("float32", "mixed_bfloat16") if BFLOAT16_FLAGS & flags else ("float32",)
    memory = psutil.virtual_memory().total
    return (*_gpus(), Device("cpu", name, "CPU", memory, usable_threads(), fast))


def usable_threads() -> int:
    """Threads that this process may use: fewer than the machine has where it is confined."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else (os.cpu_count() or 1)


def processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> tuple[str, frozenset[str]]:
    """Model name and feature flags of the processor; no flags are known outside Linux."""
    try:
        lines = cpuinfo.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    fields: dict[str, str] = {}
    for line in lines:
        key, _, value = line.partition(":")
        fields.setdefault(key.strip(), value.strip())
    name = fields.get("model name") or platform.processor() or platform.machine() or "processor"
    return name, frozenset(fields.get("flags", "").split())


def _gpus() -> list[Device]:
    """NVIDIA's cards, as far as the driver answers and TensorFlow was built for them."""
    with suppress(importlib.metadata.PackageNotFoundError):
        importlib.metadata.version("tensorflow-cpu")
        return []  # the other distribution brings its CUDA or uses the system's
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return []  # no driver: no GPU
    visible, gpus = os.environ.get("CUDA_VISIBLE_DEVICES"), []
    try:
        for index in range(pynvml.nvmlDeviceGetCount()):
            if visible is not None and str(index) not in visible.replace(" ", "").split(","):
                continue
            handle = pynvml.nvmlDeviceGetHandleByIndex(index)
            name = str(pynvml.nvmlDeviceGetName(handle))
            memory = int(pynvml.nvmlDeviceGetMemoryInfo(handle).total)
            major, _ = pynvml.nvmlDeviceGetCudaComputeCapability(handle)
            precisions: tuple[Precision, ...] = ("float32",)
            precisions += ("mixed_float16",) if major >= 7 else ()  # tensor cores
            precisions += ("mixed_bfloat16",) if major >= 8 else ()
            gpus.append(Device(f"gpu:{index}", name, "GPU", memory, precisions=precisions))
    finally:
        pynvml.nvmlShutdown()
    return gpus


def resolve(wanted: str) -> Device:
    """Find the device meant by "auto" (the first GPU, else the CPU), "cpu", "gpu" or "gpu:1".

    Raises:
        DeviceError: this machine has no such device.
    """
    have = devices()
    for device in have:
        if wanted in ("auto", device.id) or (wanted == "gpu" and device.kind == "GPU"):
            return device
    names = ", ".join(f"{device.id} ({device.name})" for device in have)
    raise DeviceError(f"This machine has no device '{wanted}'. It has: {names}. Choose one, or 'auto'.")


def precisions(wanted: str = "auto") -> tuple[Precision, ...]:
    """Precisions that pay on a device: those that it computes natively."""
    return resolve(wanted).precisions


def check(training: TrainingSpec) -> Device:
    """Return the device that a training would run on.

    Raises:
        DeviceError: the device, the precision or the number of threads is not to be had here.
    """
    device = resolve(training.device)
    if training.precision not in device.precisions:
        offered = " or ".join(device.precisions)
        raise DeviceError(
            f"{training.precision} would be slower than float32 on {device.name}, which does not compute it "
            f"natively. Set training.precision to {offered}."
        )
    if training.threads and training.threads > usable_threads():
        raise DeviceError(
            f"threads {training.threads} are more than this machine's {usable_threads()}. "
            "Set training.threads lower, or leave it out to use all."
        )
    return device


def environment(device: Device, threads: int | None = None) -> dict[str, str]:
    """Environment variables of a worker that shall see this device and no other."""
    variables = IMPORTED_WITH | {
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
        "CUDA_VISIBLE_DEVICES": device.id.removeprefix("gpu:") if device.kind == "GPU" else "-1",
    }
    if threads:
        variables |= {"TF_NUM_INTRAOP_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
    return variables
