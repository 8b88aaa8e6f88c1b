"""Name the class of photos: python example.py PHOTO [PHOTO ...]. Needs paddlepaddle, numpy and Pillow."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import paddle
from paddle.inference import Config, create_predictor
from PIL import Image, ImageOps

HERE = Path(__file__).parent
ABOUT = json.loads((HERE / "about.json").read_text(encoding="utf-8"))
if paddle.__version__.split(".")[0] != ABOUT["paddle"].split(".")[0]:
    sys.exit(f"these files are of Paddle {ABOUT['paddle']}; Paddle {paddle.__version__} cannot read them")
config = Config(str(HERE / ABOUT["program"]), str(HERE / "model.pdiparams"))
config.disable_glog_info()
network = create_predictor(config)


def read(photo: str) -> np.ndarray:
    """The photo as the network was trained on photos: uint8 RGB [S, S, 3]."""
    image = ImageOps.exif_transpose(Image.open(photo)).convert("RGBA")
    on_white = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return np.asarray(on_white.resize((ABOUT["image_size"], ABOUT["image_size"]), Image.Resampling.BILINEAR))


def probabilities(images: np.ndarray) -> np.ndarray:
    """uint8 [N, S, S, 3] -> float32 [N, classes]."""
    network.get_input_handle("images").copy_from_cpu(images)
    network.run()
    return network.get_output_handle(network.get_output_names()[0]).copy_to_cpu()


if __name__ == "__main__":
    for photo in sys.argv[1:]:
        [values] = probabilities(read(photo)[None])
        print(f"{photo}: {ABOUT['classes'][values.argmax()]} {100 * values.max():.1f} %")
