"""The whole configuration: its sections and their defaults, which are the article's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import yaml
from pydantic import BeforeValidator, Field, model_validator

from augment.settings import AugmentConfig
from models.settings import DEFAULT_NETWORK, AnyNetwork
from suite.metrics import Metric
from suite.section import PathText, Positive, Section

CountOrAll = Annotated[Positive | None, BeforeValidator(lambda given: None if given == "all" else given)]


class DataConfig(Section):
    """`data`: where the images are and which of them are used."""

    root: PathText = "datasets/emoji16"
    """Folder of the images and lists, relative to where the command is run."""
    images: PathText | None = None
    """Folder to which the paths in the lists are relative; null means that of each list."""
    train_list: PathText = "Train.txt"
    eval_list: PathText = "Eval.txt"
    image_size: Annotated[int, Field(ge=8, le=1024)] = 224
    """Every image is resized to this many pixels a side."""
    white: Annotated[int | None, Field(ge=1, le=65535)] = None
    """The value that is white in files with 16 bits a value, such as 4095 for 12 bits; null means 65535, where the
    images reach far enough."""
    images_per_class: CountOrAll = None
    """Train on this many images of every class; all, or null, means all. Smaller subsets lie within larger ones."""
    subset_seed: Annotated[int, Field(ge=0)] = 0
    """Which images `images_per_class` takes; the same for all seeds of a comparison."""
    cache: PathText = "auto"
    """Folder that keeps decoded images for the next run; auto is ~/.cache/paddle-augment-suite, none is nowhere."""
    threads: Annotated[int, Field(ge=1, le=64)] = 1
    """Threads that prepare batches; changes no result."""
    patience: Annotated[float, Field(gt=0, le=86_400)] = 300.0
    """Seconds to wait for a batch, at most a day, before the run is given up as hanging; changes no result."""


class TrainConfig(Section):
    """`train`: how long and with what."""

    epochs: Positive = 500
    batch_size: Positive = 8
    optimizer: Literal["adam", "adamw", "momentum"] = "adam"
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.9
    """Of the optimizer of that name; the others do not use it."""
    lr: Annotated[float, Field(gt=0, le=10)] = 1e-4
    """Learning rate, the highest that the schedule reaches."""
    schedule: Literal["constant", "cosine"] = "constant"
    """Whether the learning rate stays, or falls along half a cosine that ends at 0 after the last epoch."""
    warmup: Annotated[float, Field(ge=0)] = 0.0
    """Epochs, or a part of one, in which the learning rate rises to `lr` first."""
    weight_decay: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Coefficient of L2 regularisation; with adamw, of the decay that its authors keep apart from the gradient."""
    decay: Literal["weights", "all"] = "weights"
    """What the weight decay shrinks: weights leaves alone biases and the scales and shifts of BatchNorm."""
    lr_body: Annotated[float, Field(gt=0, le=10)] = 1.0
    """The learning rate of all layers but the last, as a multiple of that of the last."""
    recalibrate: bool = False
    """Before every evaluation, measure the statistics of BatchNorm anew on the clean training images."""
    metric: Metric = "accuracy"
    """What decides which epoch is the best, and by what the runs are compared: every image counts the same, or with
    balanced every class."""
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """The share of every training label that all classes get alike; lossTrain counts it, no other curve does."""
    clean_every: Positive = 1
    """A pass over the clean training images every so many epochs, and after the last."""
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    device: Literal["auto", "cpu", "gpu"] = "auto"
    amp: Literal["none", "bf16", "fp16"] = "none"
    """Mixed precision, on a GPU only. Not tried yet: no GPU was at hand."""
    deterministic: bool = False
    """Make cuDNN repeat results bit for bit, at the price of speed. A CPU always does."""
    threads: Annotated[int, Field(ge=1, le=256)] = 1
    """Threads of Paddle on the CPU. More than 1 was slower where it was measured, and changes the last bits."""


class LogConfig(Section):
    """`log`: what a run writes to be watched; changes no result."""

    visualdl: bool = False
    """Keep the curves for Paddle's dashboard too: `visualdl --logdir logs`. Needs `pip install -e '.[visualdl]'`."""


class Config(Section):
    """A whole experiment, fully resolved."""

    model: Annotated[AnyNetwork, Field(discriminator="name")] = DEFAULT_NETWORK
    augment: AugmentConfig = AugmentConfig()
    data: DataConfig = DataConfig()
    train: TrainConfig = TrainConfig()
    log: LogConfig = LogConfig()

    @model_validator(mode="before")
    @classmethod
    def _is_no_study(cls, given: Any) -> Any:
        if isinstance(given, dict) and {"base", "axes"} <= given.keys():
            raise ValueError("is a study; train.py --study trains it")
        return given

    @model_validator(mode="before")
    @classmethod
    def _default_network(cls, given: Any) -> Any:
        if isinstance(given, dict) and isinstance(given.get("model"), dict):
            given = {**given, "model": {"name": DEFAULT_NETWORK.name, **given["model"]}}
        return given

    @model_validator(mode="after")
    def _network_takes_the_images(self) -> Config:
        model, size = self.model, self.data.image_size
        if size < model.least_image_size:
            raise ValueError(
                f"data.image_size is {size}, but this {model.name} takes {model.least_image_size} or more: "
                f"{model.why_no_smaller_images}"
            )
        return self

    @model_validator(mode="after")
    def _the_warmup_ends(self) -> Config:
        if self.train.warmup >= self.train.epochs:
            raise ValueError(
                f"train.warmup is {self.train.warmup:g} epochs, but the run has {self.train.epochs}: use fewer"
            )
        return self

    @model_validator(mode="after")
    def _there_is_something_to_recalibrate(self) -> Config:
        if self.train.recalibrate and (not self.model.has_batch_norm or self.model.freeze == "body"):
            raise ValueError(f"train.recalibrate is true, but this {self.model.name} trains no BatchNorm: leave it out")
        return self

    @model_validator(mode="after")
    def _a_batch_has_statistics(self) -> Config:
        if self.train.batch_size < self.model.least_batch:
            raise ValueError(
                f"train.batch_size is {self.train.batch_size}, but {self.model.name} normalises over the images of a "
                f"batch: use {self.model.least_batch} or more"
            )
        return self

    @model_validator(mode="after")
    def _a_batch_has_partners(self) -> Config:
        if self.augment.mixer != "none" and self.augment.partner == "batch" and self.train.batch_size == 1:
            raise ValueError(
                f"train.batch_size is 1, but {self.augment.mixer} mixes images of one batch: use 2 or more, or "
                "augment.partner=dataset"
            )
        return self


MACHINE_KEYS = ("data.cache", "data.patience", "data.threads", "log.visualdl", "train.device", "train.threads")
"""Keys that say where a run is computed and watched, not what it computes."""

PATH_KEYS = ("data.root", "data.images", "data.train_list", "data.eval_list", "model.weights")
"""Keys that say where images and weights are. A run folder names what they are in `data.txt` and `run.json`."""


def dump_config(config: Config) -> str:
    """The resolved configuration as YAML text that `load_config` reads back to an equal `Config`."""
    return yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False, allow_unicode=True)


def flattened(tree: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves of nested mappings as (dotted key, value)."""
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from flattened(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def unflattened(leaves: Mapping[str, Any]) -> dict[str, Any]:
    """The nested mappings whose leaves `flattened` gives."""
    tree: dict[str, Any] = {}
    for key, value in leaves.items():
        *sections, name = key.split(".")
        section = tree
        for part in sections:
            section = section.setdefault(part, {})
        section[name] = value
    return tree
