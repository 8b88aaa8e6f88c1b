"""What a process that makes many batches sets up once, before the first."""

from __future__ import annotations

import ctypes

import cv2

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Parameters of glibc's mallopt(3)."""


def prepare_process() -> None:
    """Give batches the memory and the threads that they need; call it once where an `Augmenter` is made to be fast."""
    # Batches are prepared in several threads already; OpenCV's own would compete with them and with training.
    cv2.setNumThreads(1)
    _keep_freed_memory()


def _keep_freed_memory() -> None:
    """Have freed arrays of up to 4 MB, a batch of images, serve again, up to 64 MB of them.

    Otherwise they go back to the system, and the next batch pays for every page of 4 kB anew: with all eight operations
    that was a seventh of the time. Other C libraries than glibc are left as they are.
    """
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(M_TRIM_THRESHOLD, 64 << 20)
        libc.mallopt(M_MMAP_THRESHOLD, 4 << 20)
