"""The section `model` of a configuration: one for each network, and the table of them.

The code of a network is the module of its name in this folder. It is imported when a network is built: it needs Paddle.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, TypeAlias, get_args

from pydantic import Field, model_validator

from suite.section import Lax, PathText, Positive, Section

Width = Annotated[float, Field(gt=0, le=8)]
Dropout = Annotated[float, Field(ge=0, lt=1)]


Freeze = Literal["none", "body", "stem"]
Normalisation = Literal["suite", "imagenet"]


class NetworkConfig(Section):
    """What the sections of all networks have in common."""

    name: str
    weights: PathText | None = None
    """File of weights to start from: .npz, .pdparams, .safetensors or .pth. The last layer is always a new one."""
    freeze: Freeze = "none"
    """What is not trained: body is all but the last layer, stem is the first."""
    normalise: Normalisation = "suite"
    """How pixels become numbers: suite is [-1, 1], imagenet has the means and deviations of that set.

    It has to be what the weights were trained with. Without a word here, files of other libraries, which are those that
    do not end in .npz, are taken for imagenet.
    """
    why_no_smaller_images: ClassVar[str] = ""
    has_batch_norm: ClassVar[bool] = False

    @model_validator(mode="before")
    @classmethod
    def _fill_in_the_normalisation(cls, given: Any) -> Any:
        weights = given.get("weights") if isinstance(given, dict) else None
        if isinstance(weights, str) and not weights.endswith(".npz"):
            return {"normalise": "imagenet", **given}
        return given

    @model_validator(mode="after")
    def _has_learned_what_is_frozen(self) -> NetworkConfig:
        if self.freeze != "none" and self.weights is None:
            raise ValueError(f"freeze is {self.freeze}, but without weights these layers know nothing: set weights too")
        return self

    @property
    def least_image_size(self) -> int:
        """In pixels a side."""
        return 1

    @property
    def least_batch(self) -> int:
        """Images that a training batch must hold: BatchNorm finds no variance in one."""
        return 2 if self.has_batch_norm else 1


class GoogLeNetConfig(NetworkConfig):
    """`model`, when its name is googlenet."""

    name: Literal["googlenet"] = "googlenet"
    stem_stride: Literal[1, 2] = 1
    """Stride of the first convolution: 1 is the article's, 2 the paper's (a quarter of the work)."""
    width: Width = 1.0
    """Multiplies the channels of every convolution."""
    dropout: Dropout = 0.0
    """Before the last layer."""


class VGGConfig(NetworkConfig):
    """`model`, when its name is vgg."""

    why_no_smaller_images: ClassVar[str] = "every block of model.conv_arch halves the image"

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

    @property
    def least_image_size(self) -> int:
        """In pixels a side."""
        return int(2 ** len(self.conv_arch))


class LeNetConfig(NetworkConfig):
    """`model`, when its name is lenet."""

    why_no_smaller_images: ClassVar[str] = "its two convolutions and pools leave nothing of them"

    name: Literal["lenet"] = "lenet"

    @property
    def least_image_size(self) -> int:
        """In pixels a side."""
        return 16


class AlexNetConfig(NetworkConfig):
    """`model`, when its name is alexnet."""

    why_no_smaller_images: ClassVar[str] = "its convolutions and pools leave nothing of them"

    name: Literal["alexnet"] = "alexnet"
    width: Width = 1.0
    """Multiplies the channels of every convolution; `fc` is taken as written."""
    fc: Annotated[tuple[Positive, ...], Lax] = (4096, 4096)
    """Sizes of the fully connected layers before the last."""
    dropout: Dropout = 0.5
    """Before every fully connected layer but the last."""

    @property
    def least_image_size(self) -> int:
        """In pixels a side."""
        return 63


class ResNetConfig(NetworkConfig):
    """`model`, when its name is resnet."""

    has_batch_norm: ClassVar[bool] = True

    name: Literal["resnet"] = "resnet"
    depth: Literal[18, 34, 50, 101, 152] = 50
    """Layers with weights."""
    width: Width = 1.0
    """Multiplies the channels of every convolution."""
    stem: Literal["imagenet", "small"] = "imagenet"
    """imagenet halves the side twice before the first block; small does not, for images under 64 pixels."""


class EfficientNetLite0Config(NetworkConfig):
    """`model`, when its name is efficientnet_lite0."""

    has_batch_norm: ClassVar[bool] = True

    name: Literal["efficientnet_lite0"] = "efficientnet_lite0"
    width: Width = 1.0
    """Multiplies the channels of every convolution."""
    dropout: Dropout = 0.2
    """Before the last layer."""


AnyNetwork: TypeAlias = (
    GoogLeNetConfig | VGGConfig | LeNetConfig | AlexNetConfig | ResNetConfig | EfficientNetLite0Config
)
"""The table of networks, in the order in which messages name them."""

NETWORKS: dict[str, type[NetworkConfig]] = {
    section.model_fields["name"].default: section for section in get_args(AnyNetwork)
}
"""The same by `model.name`."""

DEFAULT_NETWORK = GoogLeNetConfig()
