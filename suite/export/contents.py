"""What an exported folder holds beside the network: facts for programs, words for people, an example."""

from __future__ import annotations

import json
from pathlib import Path

from suite.data.images import WHITE
from suite.runs.trained import TrainedRun

PROGRAMS = ("model.json", "model.pdmodel")
"""What Paddle 3 and Paddle 2.6 call the graph; the weights are model.pdiparams for both."""

ONNX = "model.onnx"

EXAMPLE = Path(__file__).with_name("example.py")

README = """# {name}

A network that knows {count} classes, exported with Paddle {paddle} from `{run}`
after epoch {epoch}.

| file | content |
|---|---|
| `{program}`, `model.pdiparams` | the network as Paddle's inference model |
{onnx}| `about.json` | names of the classes in the order of the probabilities, image size, versions |
| `example.py` | `python example.py PHOTO` reads a photo and names its class |

- **In**: `images`, uint8 [N, {size}, {size}, 3], RGB, values 0 to 255, any N. The normalisation is part of the network.
- **Out**: probabilities, float32 [N, {count}].

## Reading a photo

The resize is not part of the network. The network was trained and evaluated on images that were read like this:

1. Decode the file with Pillow and turn it as its EXIF orientation says. An animation gives its first picture.
2. Put transparent parts on white, and convert to RGB. Grey images with 16 bits a value are scaled before that:
   value * 255 / {white}, cut to a whole number. `example.py` leaves this out.
3. Resize to {size} x {size} with Pillow's `BILINEAR`. The aspect ratio is not kept, and nothing is cropped.

Pillow's filter takes in all pixels when it makes an image smaller. OpenCV's and Paddle's bilinear resize do not, so
their pixels differ, and with them the probabilities. JPEG files above 100 million pixels were decoded at half their
width and height.

## Versions

These files are for Paddle {major}. Paddle 2.6 and Paddle 3 do not read each other's files. Paddle 2.6 even crashes on
those of Paddle 3, without a message. Export the run again with the Paddle that will load it.

`paddle.jit.load("model")` takes the name without an ending. `paddle.inference.Config` takes both files by their names.
"""


def about(run: TrainedRun, epoch: int, paddle: str, program: str) -> str:
    """The text of about.json."""
    facts = {
        "classes": run.class_names,
        "image_size": run.config.data.image_size,
        "white_of_16_bit": run.config.data.white or WHITE,
        "program": program,
        "paddle": paddle,
        "run": str(run.folder),
        "weights": run.weights_file.name,
        "epochs_done": epoch,
    }
    return json.dumps(facts, indent=2, ensure_ascii=False) + "\n"


def readme(run: TrainedRun, epoch: int, paddle: str, program: str, with_onnx: bool) -> str:
    """The text of README.md."""
    return README.format(
        name=run.short_name,
        run=run.folder,
        epoch=epoch,
        paddle=paddle,
        major="2.6" if paddle.startswith("2.") else "3",
        program=program,
        count=len(run.class_names),
        size=run.config.data.image_size,
        onnx=f"| `{ONNX}` | the same for ONNX Runtime and others |\n" if with_onnx else "",
        white=run.config.data.white or WHITE,
    )
