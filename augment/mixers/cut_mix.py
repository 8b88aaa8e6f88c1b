"""CutMix: a box of the first image is replaced by the same box of the second; labels count by their share of pixels.

Source: arXiv 1905.04899, section 3.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from augment.mixers.mixer import Mixer, beta, beta_in_words, beta_settings, share_outside


def cut_and_paste(
    first: np.ndarray, second: Iterable[np.ndarray], lam: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A `Mixer.mix`. The middle of a box is anywhere, and the part of the box outside the image is lost."""
    size = first.shape[1]
    sides = np.rint(size * np.sqrt(1 - lam)).astype(int)[:, None]
    outside = sides // 2
    places = size - sides + 2 * outside + 1
    starts = (rng.random((len(first), 2)) * places).astype(int) - outside
    ends = np.minimum(starts + sides, size)
    starts = np.maximum(starts, 0)
    mixed = first.copy()
    for (top, left), (bottom, right), other, out in zip(starts, ends, second, mixed, strict=True):
        out[top:bottom, left:right] = other[top:bottom, left:right]
    return mixed, share_outside((ends - starts).prod(axis=1), size)


CUT_MIX = Mixer(
    mix=cut_and_paste,
    draw_lam=beta,
    settings=beta_settings,
    second_label=True,
    title="CutMix: a box of {first} is replaced by that of {second}",
    panel="cut_mix",
    lam_from=beta_in_words,
)
