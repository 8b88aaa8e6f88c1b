"""What computes here: this program's code, the libraries, the processor and the GPU."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from collections.abc import Iterator
from pathlib import Path

from suite.section import Section

ROOT = Path(__file__).parent.parent

DECIDES_RESULTS = (
    "augment",
    "models",
    "suite/data",
    "suite/metrics.py",
    "suite/randomness.py",
    "suite/training/loop.py",
    "suite/training/optimizer.py",
    "suite/weights",
)
"""The Python files, and folders of them, whose change may change curves, weights and predictions. The defaults in
`suite/config` are not among them: a run keeps its whole configuration."""


class Gpu(Section):
    """The GPU that computes."""

    name: str
    compute_capability: str
    driver: str | None
    """None where `nvidia-smi` does not tell it."""


def processors() -> int:
    """How many processors this program may use."""
    return len(os.sched_getaffinity(0))


def deciding_files(root: Path = ROOT) -> Iterator[Path]:
    """The files of `DECIDES_RESULTS`, in the order of their names."""
    for name in DECIDES_RESULTS:
        place = root / name
        yield from sorted(place.rglob("*.py")) if place.is_dir() else [place]


def code_fingerprint(root: Path = ROOT) -> str:
    """Twelve digits that change with a file that decides results. It needs no git, and documents do not count."""
    digest = hashlib.sha256()
    for file in deciding_files(root):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(root).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:12]


def versions(device: str) -> dict[str, str]:
    """The versions of everything that makes pixels or does arithmetic; on a GPU with CUDA and cuDNN."""
    import cv2
    import numpy
    import paddle
    import PIL

    found = {
        "python": platform.python_version(),
        "paddle": paddle.__version__,
        "numpy": numpy.__version__,
        "opencv": cv2.__version__,
        "pillow": PIL.__version__,
    }
    if device.startswith("gpu"):
        found |= {"cuda": str(paddle.version.cuda()), "cudnn": str(paddle.device.get_cudnn_version())}
    return found


def cpu_model() -> str | None:
    """The name of the processor; None where the system does not tell it."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or None


def gpu(device: str) -> Gpu | None:
    """The GPU that `device`, such as gpu:0, names; None for a CPU. No one has been able to try this."""
    if not device.startswith("gpu"):
        return None
    import paddle

    major, minor = paddle.device.cuda.get_device_capability()
    return Gpu(name=paddle.device.cuda.get_device_name(), compute_capability=f"{major}.{minor}", driver=_driver())


def _driver() -> str | None:
    command = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    except (OSError, subprocess.CalledProcessError):
        return None
    return listed[0] if listed else None  # all GPUs of a machine share one driver
