"""The mixers by their names in `augment.mixer`."""

from __future__ import annotations

from augment.mixers.cut_mix import CUT_MIX
from augment.mixers.mixer import Mixer
from augment.mixers.mixup import MIXUP
from augment.mixers.pairing import PAIRING
from augment.mixers.resize_mix import RESIZE_MIX
from augment.mixers.smote import SMOTE

MIXERS: dict[str, Mixer] = {
    "samplePairing": PAIRING,
    "mixup": MIXUP,
    "cutMix": CUT_MIX,
    "resizeMix": RESIZE_MIX,
    "smote": SMOTE,
}
