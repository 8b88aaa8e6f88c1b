"""The mixers by their names in `augment.mixer`."""

from __future__ import annotations

from augment.mixers.mixer import Mixer
from augment.mixers.mixup import MIXUP
from augment.mixers.pairing import PAIRING

MIXERS: dict[str, Mixer] = {"samplePairing": PAIRING, "mixup": MIXUP}
