"""The one door to Paddle: settings that it needs before its import, and the choice of the device."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import metadata
from pathlib import Path
from typing import Any

from suite.errors import RunFailed, UserError


def start_paddle(device: str, threads: int, deterministic: bool = False, amp: str = "none") -> Any:
    """Import Paddle for `threads` CPU threads on device auto, cpu or gpu, and return the module.

    Raises:
        UserError: when Paddle is missing or installed twice, or when `device` or `amp` needs a GPU and none is there.
    """
    _refuse_two_builds()
    if deterministic:
        os.environ["FLAGS_cudnn_deterministic"] = "1"  # noqa: SIM112 (Paddle's own name)
    os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(threads)
    if _is_amd():
        # Paddle's wheel carries a version of MKL that takes a slow path on AMD: this more than doubles its speed.
        os.environ.setdefault("MKL_DEBUG_CPU_TYPE", "5")
    warnings.filterwarnings("ignore", message="No ccache found")  # Paddle 3 says so at import; nothing is compiled here
    # BatchNorm says so in every training; it is how it has always been.
    warnings.filterwarnings("ignore", message="When training, we now always track global mean and variance")
    try:
        import paddle
    except ImportError as error:
        raise UserError(
            f"Paddle cannot be imported ({error}); install it with `pip install '.[cpu]'`, or see README.md for a GPU"
        ) from None
    logging.getLogger().setLevel(logging.WARNING)  # Paddle shows all that any library logs, such as matplotlib's fonts
    with trouble_in_words("end other programs"):
        return _on_device(paddle, device, amp)


def _on_device(paddle: Any, device: str, amp: str) -> Any:
    """The module, with the device that is wanted."""
    gpu_is_there = paddle.is_compiled_with_cuda() and paddle.device.cuda.device_count() > 0
    if device == "gpu" and not gpu_is_there:
        why = "finds no GPU" if paddle.is_compiled_with_cuda() else "was built without GPU support"
        raise UserError(_no_gpu(paddle.__version__, why))
    chosen = "gpu" if gpu_is_there and device != "cpu" else "cpu"
    if amp != "none" and chosen == "cpu":
        raise UserError(f"train.amp is {amp}, which needs a GPU; leave it at none on a CPU")
    paddle.set_device(chosen)
    return paddle


def refuse_cpu_build() -> None:
    """Find the mistakes of device gpu that show without importing Paddle.

    Raises:
        UserError: when the installed Paddle is the one for CPUs, or installed twice.
    """
    _refuse_two_builds()
    with suppress(metadata.PackageNotFoundError):
        raise UserError(_no_gpu(metadata.version("paddlepaddle"), "was built without GPU support"))


@contextmanager
def trouble_in_words(lower: str) -> Iterator[None]:
    """Say in one sentence what Paddle reports of memory and of the GPU; `lower` is what needs less memory.

    Paddle raises MemoryError for its ResourceExhausted and OSError without a number for its External, which are errors
    of CUDA and its libraries. None of the latter could be tried here.

    Raises:
        RunFailed: in their place.
    """
    try:
        yield
    except Exception as error:
        text = " ".join(str(error).split())
        if isinstance(error, MemoryError) or "Insufficient memory" in text:  # the latter is OpenCV's
            raise RunFailed(f"there is too little memory ({_shortly(text) or 'of this machine'}); {lower}") from error
        if "(External)" in text or "CUDA error" in text:
            raise RunFailed(f"the GPU failed: {_shortly(text)}; {_card_and_build()}") from error
        raise


def _shortly(text: str) -> str:
    """Paddle's message without its kind in front, and without its hint and the place in its sources."""
    message = text.partition(" [Hint")[0].partition(" (at /")[0]
    return message.removeprefix("(ResourceExhausted) ").removeprefix("(External) ")[:300].rstrip(". ")


def _card_and_build() -> str:
    """What an error of CUDA is mostly about: a Paddle that was not built for this card."""
    import paddle

    build = f"Paddle {paddle.__version__}, built for CUDA {paddle.version.cuda()}"
    card = "a card that cannot be asked for its name"
    with suppress(Exception):  # after some errors CUDA answers nothing more
        major, minor = paddle.device.cuda.get_device_capability()
        card = f"{paddle.device.cuda.get_device_name()} (compute capability {major}.{minor})"
    return f"this is {card} with {build}; if they do not fit, see docs/installing.md, or use --device cpu"


def _no_gpu(version: str, why: str) -> str:
    return f"device gpu was asked for, but Paddle {version} {why}; use --device cpu, or see README.md"


def _refuse_two_builds() -> None:
    """The two builds share one folder: the one installed last has overwritten half of the other."""
    installed = []
    for build in ("paddlepaddle", "paddlepaddle-gpu"):
        with suppress(metadata.PackageNotFoundError):
            installed.append(f"{build} {metadata.version(build)}")
    if len(installed) == 2:
        raise UserError(
            f"{' and '.join(installed)} are both installed and overwrite each other; remove both with "
            "`pip uninstall paddlepaddle paddlepaddle-gpu` and install one of them, see README.md"
        )


def _is_amd() -> bool:
    cpuinfo = Path("/proc/cpuinfo")
    return cpuinfo.is_file() and "AuthenticAMD" in cpuinfo.read_text()
