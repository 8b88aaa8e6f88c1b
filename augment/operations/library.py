"""The set `imgaugLib`: the pipeline of the article's first part, which it built from the library imgaug.

Five steps in a random order: two flips, a crop, an affine map, and up to five of fourteen further operations, again in
a random order. Ranges and probabilities are the article's; where it says nothing of channels, those of the example in
imgaug's README, from which the pipeline comes. The library itself is not used: its last version does not import with
numpy 2. What an operation does is in `library_pixels` and `library_warps`, with how far it is from imgaug's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from augment.operations import geometry
from augment.operations import library_pixels as pixels
from augment.operations import library_warps as warps
from augment.operations.banks import OFFSETS
from augment.operations.columns import between
from augment.operations.operation_set import Image, Operation, OperationSet, run_steps

Floats: TypeAlias = NDArray[np.float64]
Whole: TypeAlias = NDArray[np.intp]
Flags: TypeAlias = NDArray[np.bool_]


class Draws(NamedTuple):
    """What was drawn for N images: one row an image in every column. Values at which nothing happens stand for off."""

    order: Whole
    """[N, 5] positions in `STEPS`."""
    flip: Flags
    """[N, 2] whether left and right, whether top and bottom change places."""
    crop: Floats
    """[N, 4] what is cut off at the top, right, bottom, left, as a share of the side."""
    affine: Floats
    """[N, 6] scale of x and y, translation of x and y as shares of the side, rotation and shear in degrees."""
    outside: Whole
    """[N, 3] positions in `warps.INTERPOLATIONS` and `warps.BORDERS`, and the grey of a constant border."""
    some: Whole
    """[N, 5] positions in `FOURTEEN`, in the order in which they are applied; -1 is none."""
    superpixels: Floats
    """[N, 2] number of superpixels, of which the whole part counts, and the share of them that is replaced."""
    blur: Floats
    """[N, 2] position in `pixels.BLURS`, and the sigma in pixels, or the side of the window."""
    sharpen: Floats
    """[N, 2] alpha and lightness."""
    emboss: Floats
    """[N, 2] alpha and strength."""
    edges: Floats
    """[N, 2] alpha, and the direction from 0 to 1; -1 is none."""
    noise: Floats
    """[N, 2] standard deviation, of 255, and whether every channel has its own noise."""
    dropout: Floats
    """[N, 4] the share of what is blackened, the height and width of the raster as shares of the side, and whether
    every channel has its own."""
    invert: Flags
    """[N, 3] whether the channel is inverted."""
    add: Whole
    """[N, 3] grey levels, for each channel."""
    multiply: Floats
    """[N, 3] factor of each channel."""
    contrast: Floats
    """[N, 3] factor of the distance to middle grey in each channel."""
    grey: Floats
    """[N] alpha of the image in greys."""
    elastic: Floats
    """[N] the largest shift of a pixel, in pixels."""
    bend: Floats
    """[N] standard deviation of the shifts of a 4 x 4 grid, as a share of the side."""
    starts: Whole
    """[N, 5] where in the banks superpixels, noise, dropout, elastic shifts and bends begin."""


IDENTITY = (1.0, 1.0, 0.0, 0.0, 0.0, 0.0)
"""The affine map that changes nothing."""

SCALE, SHIFT = (0.8, 1.2), (-0.2, 0.2)
RANGES: dict[str, Sequence[tuple[float, float]]] = {
    "order": [(0, 1)] * 5,
    "crop": [(0, 0.1)] * 4,
    "affine": [SCALE, SCALE, SHIFT, SHIFT, (-45, 45), (-16, 16)],
    "outside": [(0, 2), (0, 5), (0, 256)],
    "number": [(0, 6)],
    "some": [(0, 1)] * 14,
    "superpixels": [(20, 201), (0, 1)],
    "blur": [(0, 3), (2, 8), (3, 12)],
    "blur_kind": [(0, 3)],
    "sharpen": [(0, 1), (0.75, 1.5)],
    "emboss": [(0, 1), (0, 2)],
    "edges": [(0, 0.7), (0, 1)],
    "noise": [(0, 0.05 * 255)],
    "fine_dropout": [(0.01, 0.1)],
    "coarse_dropout": [(0.03, 0.15), (0.02, 0.05), (0.02, 0.05)],
    "add": [(-10, 11)] * 3,
    "multiply": [(0.5, 1.5)] * 3,
    "contrast": [(0.5, 2)] * 3,
    "grey": [(0, 1)],
    "elastic": [(0.5, 3.5)],
    "bend": [(0.01, 0.05)],
    "starts": [(0, OFFSETS)] * 5,
}
"""From and to, the end excluded; of whole numbers the part behind the point is cut off."""

PROBABILITIES: dict[str, Sequence[float]] = {
    "flip": [0.5, 0.2],
    "crop": [0.5],
    "affine": [0.5],
    "superpixels": [0.5],
    "edges": [0.5],
    "directed_edges": [0.5],
    "noise_by_channel": [0.5],
    "coarse_dropout": [0.5],
    "fine_dropout_by_channel": [0.5],
    "coarse_dropout_by_channel": [0.2],
    "invert": [0.05] * 3,
    "add_by_channel": [0.5],
    "multiply_by_channel": [0.5],
    "contrast_by_channel": [0.5],
    "elastic": [0.5],
    "bend": [0.5],
}


def draw(count: int, rng: np.random.Generator) -> Draws:
    """Draw the parameters of `count` images; the first rows do not depend on `count`.

    Every image takes the same uniform numbers, used or not.
    """
    low, high = np.array([bounds for several in RANGES.values() for bounds in several]).T
    chances = np.array([chance for several in PROBABILITIES.values() for chance in several])
    uniform = rng.random((count, len(low) + len(chances)))
    values = _by_name(RANGES, between((low, high), uniform[:, : len(low)]))
    on = _by_name(PROBABILITIES, uniform[:, len(low) :] < chances)

    def by_channel(name: str) -> Floats:
        """One value for each channel, or the same for all three."""
        return np.where(on[f"{name}_by_channel"], values[name], values[name][:, :1])

    chosen = values["some"].argsort(axis=1)[:, :5]
    sigma, average, median = values["blur"].T
    kind = values["blur_kind"][:, 0].astype(np.intp)
    windows = [sigma, np.floor(average), np.floor(median) // 2 * 2 + 1]
    direction = np.where(on["directed_edges"], values["edges"][:, 1:], -1)
    fine = [values["fine_dropout"], np.ones((count, 2)), on["fine_dropout_by_channel"]]
    coarse = [values["coarse_dropout"], on["coarse_dropout_by_channel"]]
    return Draws(
        order=values["order"].argsort(axis=1),
        flip=on["flip"],
        crop=np.where(on["crop"], values["crop"], 0),
        affine=np.where(on["affine"], values["affine"], IDENTITY),
        outside=values["outside"].astype(np.intp),
        some=np.where(np.arange(5) < np.floor(values["number"]), chosen, -1),
        superpixels=np.where(on["superpixels"], values["superpixels"], 0),
        blur=np.column_stack([kind, np.choose(kind, windows)]),
        sharpen=values["sharpen"],
        emboss=values["emboss"],
        edges=np.where(on["edges"], np.column_stack([values["edges"][:, :1], direction]), [0, -1]),
        noise=np.column_stack([values["noise"], on["noise_by_channel"]]),
        dropout=np.where(on["coarse_dropout"], np.column_stack(coarse), np.column_stack(fine)),
        invert=on["invert"],
        add=np.floor(by_channel("add")).astype(np.intp),
        multiply=by_channel("multiply"),
        contrast=by_channel("contrast"),
        grey=values["grey"][:, 0],
        elastic=np.where(on["elastic"], values["elastic"], 0)[:, 0],
        bend=np.where(on["bend"], values["bend"], 0)[:, 0],
        starts=values["starts"].astype(np.intp),
    )


def _by_name(table: dict[str, Sequence[Any]], columns: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """The columns [N, all] that belong to each name, [N, some]."""
    ends = np.cumsum([len(several) for several in table.values()])
    return dict(zip(table, np.split(columns, ends[:-1], axis=1), strict=True))


def apply(images: Iterable[Image], draws: Draws, out: NDArray[np.uint8]) -> None:
    """Write images[i], changed as row i of the draws says, into out[i]."""
    spare = np.empty_like(out[0])
    first_on, some_on = _on(draws)
    for row, (image, result) in enumerate(zip(images, out, strict=True)):
        some = [FOURTEEN[position] for position in draws.some[row] if position >= 0 and some_on[row, position]]
        steps: list[Step] = []
        for position in draws.order[row]:
            if position == len(STEPS):
                steps += some
            elif first_on[row, position]:
                steps.append(STEPS[position])
        run_steps([partial(_take, step, draws, row) for step in steps], image, spare, result)


def _on(draws: Draws) -> tuple[Flags, Flags]:
    """Whether the steps [N, 4] and the fourteen [N, 14] change anything, for those that are often off."""
    count = len(draws.order)
    steps = np.column_stack([draws.flip, draws.crop.any(axis=1), (draws.affine != IDENTITY).any(axis=1)])
    some = np.ones((count, len(FOURTEEN)), np.bool_)
    often_off = {superpixels: draws.superpixels[:, 1], edges: draws.edges[:, 0], invert: draws.invert.any(axis=1)}
    for step, column in {**often_off, elastic: draws.elastic, bend: draws.bend}.items():
        some[:, FOURTEEN.index(step)] = column != 0
    return steps, some


def _take(step: Step, draws: Draws, row: int, source: Image, target: Image) -> None:
    step(source, target, draws, row)


# --- the steps ------------------------------------------------------------------------------------------------------

Step: TypeAlias = Callable[[Image, Image, Draws, int], None]


def flip_left_right(source: Image, target: Image, draws: Draws, row: int) -> None:
    geometry.flip(source, target, draws.flip[row, 0], False)


def flip_up_down(source: Image, target: Image, draws: Draws, row: int) -> None:
    geometry.flip(source, target, False, draws.flip[row, 1])


def crop(source: Image, target: Image, draws: Draws, row: int) -> None:
    warps.crop(source, target, *draws.crop[row].tolist())


def affine(source: Image, target: Image, draws: Draws, row: int) -> None:
    warps.affine(source, target, draws.affine[row], draws.outside[row])


def superpixels(source: Image, target: Image, draws: Draws, row: int) -> None:
    count, share = draws.superpixels[row].tolist()
    pixels.replace_superpixels(source, target, int(count), share, draws.starts[row, 0])


def blur(source: Image, target: Image, draws: Draws, row: int) -> None:
    kind, strength = draws.blur[row].tolist()
    pixels.blur(source, target, int(kind), strength)


def sharpen(source: Image, target: Image, draws: Draws, row: int) -> None:
    alpha, lightness = draws.sharpen[row].tolist()
    pixels.blend_with_filter(source, target, alpha, pixels.sharpening(lightness))


def emboss(source: Image, target: Image, draws: Draws, row: int) -> None:
    alpha, strength = draws.emboss[row].tolist()
    pixels.blend_with_filter(source, target, alpha, pixels.embossing(strength))


def edges(source: Image, target: Image, draws: Draws, row: int) -> None:
    alpha, direction = draws.edges[row].tolist()
    pixels.blend_with_filter(source, target, alpha, pixels.edge_detection(direction))


def noise(source: Image, target: Image, draws: Draws, row: int) -> None:
    sigma, by_channel = draws.noise[row].tolist()
    pixels.add_noise(source, target, sigma, bool(by_channel), draws.starts[row, 1])


def dropout(source: Image, target: Image, draws: Draws, row: int) -> None:
    share, *_, by_channel = draws.dropout[row].tolist()
    pixels.drop(source, target, share, draws.dropout[row, 1:3], bool(by_channel), draws.starts[row, 2])


def invert(source: Image, target: Image, draws: Draws, row: int) -> None:
    pixels.invert(source, target, draws.invert[row])


def add(source: Image, target: Image, draws: Draws, row: int) -> None:
    pixels.add(source, target, draws.add[row])


def multiply(source: Image, target: Image, draws: Draws, row: int) -> None:
    pixels.scale_channels(source, target, draws.multiply[row])


def contrast(source: Image, target: Image, draws: Draws, row: int) -> None:
    pixels.scale_channels(source, target, draws.contrast[row], middle=127)


def grey(source: Image, target: Image, draws: Draws, row: int) -> None:
    pixels.blend_with_greys(source, target, draws.grey[row])


def elastic(source: Image, target: Image, draws: Draws, row: int) -> None:
    warps.shift_pixels(source, target, draws.elastic[row], draws.starts[row, 3])


def bend(source: Image, target: Image, draws: Draws, row: int) -> None:
    warps.bend(source, target, draws.bend[row], draws.starts[row, 4])


STEPS: tuple[Step, ...] = (flip_left_right, flip_up_down, crop, affine)
"""Always; the fifth is some of the fourteen."""

FOURTEEN: tuple[Step, ...] = (
    *(superpixels, blur, sharpen, emboss, edges, noise, dropout),
    *(invert, add, multiply, contrast, grey, elastic, bend),
)


# --- in words -------------------------------------------------------------------------------------------------------


def _percent(values: Floats) -> str:
    return " ".join(f"{value:.0%}" for value in values)


def _alpha(values: Floats) -> str:
    return f"{values[0]:.0%}" if values[0] else "off"


def _superpixels(values: Floats) -> str:
    return f"{values[0]:.0f}, {values[1]:.0%}" if values[0] else "off"


def _one(step: Step, column: str, drawn_from: str, drawn: Callable[[Any], str]) -> Operation[Draws]:
    return Operation(step, column, lambda augment: drawn_from, drawn)


LIBRARY = OperationSet(
    stream=5,
    draw=lambda augment, count, rng: draw(count, rng),
    apply=apply,
    settings=lambda augment: {},
    in_words=lambda augment: "as in the article's first part",
    alone=(
        _one(flip_left_right, "flip", "in 50%", lambda flips: "↔" if flips[0] else "no flip"),
        _one(flip_up_down, "flip", "in 20%", lambda flips: "↕" if flips[1] else "no flip"),
        _one(crop, "crop", "in 50%\n0 to 10% a side", _percent),
        _one(affine, "affine", "in 50%", lambda values: f"{values[4]:.0f}°, {values[5]:.0f}°" if values[4] else "off"),
        _one(superpixels, "superpixels", "in 50%\n20 to 200", _superpixels),
        _one(blur, "blur", "one of three", lambda values: f"{pixels.BLURS[int(values[0])]} {values[1]:.2g}"),
        _one(sharpen, "sharpen", "0 to 100%", _alpha),
        _one(emboss, "emboss", "0 to 100%", _alpha),
        _one(edges, "edges", "in 50%\n0 to 70%", _alpha),
        _one(noise, "noise", "sigma 0 to 13", lambda values: f"sigma {values[0]:.1f}"),
        _one(dropout, "dropout", "1 to 15%", _alpha),
        _one(invert, "invert", "in 5% a channel", lambda channels: f"{channels.sum()} of 3"),
        _one(add, "add", "-10 to 10", lambda levels: " ".join(map(str, levels))),
        _one(multiply, "multiply", "0.5 to 1.5", lambda factors: " ".join(f"{factor:.1f}" for factor in factors)),
        _one(contrast, "contrast", "0.5 to 2", lambda factors: " ".join(f"{factor:.1f}" for factor in factors)),
        _one(grey, "grey", "0 to 100%", lambda alpha: f"{alpha:.0%}"),
        _one(elastic, "elastic", "in 50%\n0.5 to 3.5 px", lambda largest: f"{largest:.1f} px" if largest else "off"),
        _one(bend, "bend", "in 50%\n1 to 5%", lambda scale: f"{scale:.1%}" if scale else "off"),
    ),
)
