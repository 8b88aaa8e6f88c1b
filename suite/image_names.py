"""How image files are called, and folders of copies that systems make."""

from __future__ import annotations

from collections.abc import Collection

ENDINGS = (".bmp", ".gif", ".jfif", ".jpe", ".jpeg", ".jpg", ".mpo", ".png", ".tif", ".tiff", ".webp")

HEIC = (".heic", ".heif")
"""Endings of images where what reads them is installed, otherwise left out with advice."""

SYSTEM_FOLDERS = {
    "@eadir": "thumbnails, Synology",
    "#recycle": "waste bin, Synology",
    "#snapshot": "earlier states, Synology",
    "@recycle": "waste bin, QNAP",
    "@recently-snapshot": "earlier states, QNAP",
    "$recycle.bin": "waste bin, Windows",
    "recycler": "waste bin, Windows",
    "system volume information": "earlier states, Windows",
    "lost+found": "found when a disk was repaired, Linux",
    "__macosx": "what a zip file of macOS has besides the files",
}
"""Folders in which systems and devices keep copies of images, in small letters. They are left out at any depth."""


def endings(formats: Collection[str]) -> tuple[str, ...]:
    """The endings of images, in small letters, where these formats are read."""
    return (*ENDINGS, *HEIC) if "HEIF" in formats else ENDINGS
