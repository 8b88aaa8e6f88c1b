"""The section `model` of a configuration, one for each network."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from suite.section import Lax, Positive, Section

Width = Annotated[float, Field(gt=0, le=8)]
Dropout = Annotated[float, Field(ge=0, lt=1)]


class GoogLeNetConfig(Section):
    """`model`, when its name is googlenet."""

    name: Literal["googlenet"] = "googlenet"
    stem_stride: Literal[1, 2] = 1
    """Stride of the first convolution: 1 is the article's, 2 the paper's (a quarter of the work)."""
    width: Width = 1.0
    """Multiplies the channels of every convolution."""
    dropout: Dropout = 0.0
    """Before the last layer."""


class VGGConfig(Section):
    """`model`, when its name is vgg."""

    name: Literal["vgg"] = "vgg"
    width: Width = 1.0
    """Multiplies the channels of every convolution; `fc` is taken as written."""
    dropout: Dropout = 0.5
    """After every fully connected layer but the last."""
    conv_arch: Annotated[tuple[Annotated[tuple[Positive, Positive], Lax], ...], Lax, Field(min_length=1)] = (
        (2, 64),
        (2, 128),
        (3, 256),
        (3, 512),
        (3, 512),
    )
    """One [convolutions, channels] a block; every block halves the image."""
    fc: Annotated[tuple[Positive, ...], Lax] = (4096, 4096)
    """Sizes of the fully connected layers before the last."""


NETWORKS: dict[str, type[Section]] = {"googlenet": GoogLeNetConfig, "vgg": VGGConfig}
