"""The configuration: its schema, its defaults, and how a file and `--set` become one `Config`.

The defaults are the article's, so a YAML file says only what differs. Presets (`augment.mode`, `augment.strength`,
the schedule of a mixer) fill in what the file leaves open, before validation; a `Config` is therefore always fully
resolved, and reading the `config.yaml` of a run folder gives the same `Config` again.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    ValidationError,
    model_validator,
)

from errors import UserError, read_user_text

Mode = Literal["none", "userDef", "samplePairing", "mixup"]
Operations = Literal["none", "userDef"]
MixerName = Literal["none", "samplePairing", "mixup"]

MODES: dict[str, dict[str, str]] = {
    "none": {"operations": "none", "mixer": "none"},
    "userDef": {"operations": "userDef", "mixer": "none"},
    "samplePairing": {"operations": "userDef", "mixer": "samplePairing"},
    "mixup": {"operations": "userDef", "mixer": "mixup"},
}
"""What `augment.mode` stands for. With a mixer, `operations` can be set on its own: mixing alone."""

SCHEDULES: dict[str, dict[str, float]] = {
    "none": {"start": 0.0, "end": 1.0, "on": 1, "off": 0},
    "samplePairing": {"start": 0.1, "end": 0.9, "on": 8, "off": 2},
    "mixup": {"start": 0.0, "end": 1.0, "on": 1, "off": 0},
}
"""When a mixer is on, unless `augment.schedule` says otherwise."""

STRENGTHS: dict[str, dict[str, Any]] = {
    "article": {},
    "mild": {
        "brightness": [0.8, 1.2],
        "contrast": [0.8, 1.2],
        "color": [0.8, 1.2],
        "sharpness": [0.8, 1.2],
        "crop": [1.0, 1.25],
        "flip_vertical": 0.0,
        "rotate": [-15, 15],
    },
}
"""What `augment.strength` changes in `augment.ops`; mild is for images that have an upright, and for short runs."""


Lax = Strict(False)  # YAML has lists and no tuples


def _between(least: float, most: float) -> AfterValidator:
    """For a pair [from, to]."""

    def check(bounds: tuple[float, float]) -> tuple[float, float]:
        if not least <= bounds[0] <= bounds[1] <= most:
            raise ValueError(f"should be [from, to] with {least} <= from <= to <= {most}, got {list(bounds)}")
        return bounds

    return AfterValidator(check)


Factor = Annotated[tuple[float, float], Lax, _between(0, 10)]
Zoom = Annotated[tuple[float, float], Lax, _between(1, 5)]
Sigma = Annotated[tuple[float, float], Lax, _between(0, 50)]
Degrees = Annotated[tuple[int, int], Lax, _between(-360, 360)]
PathText = Annotated[str, Field(min_length=1, pattern=r"^[^\x00]+$")]
Probability = Annotated[float, Field(ge=0, le=1)]
Fraction = Annotated[float, Field(ge=0, le=1)]
Width = Annotated[float, Field(gt=0, le=8)]
Dropout = Annotated[float, Field(ge=0, lt=1)]
Positive = Annotated[int, Field(ge=1)]
CountOrAll = Annotated[Positive | None, BeforeValidator(lambda given: None if given == "all" else given)]


class Section(BaseModel):
    """A part of the configuration: unknown keys are errors, values are not converted, nothing changes later."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


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


class OpsConfig(Section):
    """`augment.ops`: range or probability of each of the eight operations of `userDef`."""

    brightness: Factor = (0.5, 1.5)
    contrast: Factor = (0.5, 1.5)
    color: Factor = (0.5, 1.5)
    sharpness: Factor = (0.5, 1.5)
    crop: Zoom = (1.0, 1.5)
    """The centred crop keeps 1/m of the width and 1/n of the height; the range of m and n."""
    flip_horizontal: Probability = 0.5
    flip_vertical: Probability = 0.5
    rotate: Degrees = (0, 359)
    """Whole degrees, both ends included."""
    noise: Probability = 0.5
    noise_sigma: Sigma = (0.0, 5.0)
    """Standard deviation of the noise, of 255."""


class ScheduleConfig(Section):
    """`augment.schedule`: the epochs in which a mixer is on."""

    start: Fraction = 0.0
    """Mixing begins at this fraction of the epochs ..."""
    end: Fraction = 1.0
    """... and ends at this one."""
    on: Positive = 1
    """In between it is on in `on` epochs ..."""
    off: Annotated[int, Field(ge=0)] = 0
    """... and off in `off` epochs, counted from epoch 0."""

    @model_validator(mode="after")
    def _ends_after_start(self) -> ScheduleConfig:
        if self.end < self.start:
            raise ValueError(f"end ({self.end}) lies before start ({self.start})")
        return self


class AugmentConfig(Section):
    """`augment`: what is done to training images. Evaluation images are never augmented."""

    mode: Mode = "none"
    """Preset of `operations`, `mixer` and the schedule; always the mixer's name, or without one the operations'."""
    operations: Operations = "none"
    mixer: MixerName = "none"
    strength: Literal["article", "mild"] = "article"
    """Preset of `ops`."""
    ops: OpsConfig = OpsConfig()
    alpha: Annotated[float, Field(ge=0.01, le=100)] = 1.5
    """mixup draws lambda from Beta(alpha, alpha)."""
    lam: Literal["batch", "sample"] = "batch"
    """Whether one lambda serves a whole batch or each sample has its own."""
    partner: Literal["batch", "dataset"] = "batch"
    """Where the second image comes from: the same batch, or the whole training set (then augmented on its own)."""
    schedule: ScheduleConfig = ScheduleConfig()
    finetune: Fraction = 0.0
    """The last fraction of the epochs trains on clean images: neither operations nor mixing."""

    @model_validator(mode="before")
    @classmethod
    def _fill_in_presets(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given  # the schema will say what is wrong with it

        def chosen(table: dict[str, Any], key: str, default: str) -> Any:
            name = given.get(key, default)
            return table.get(name, table[default]) if isinstance(name, str) else table[default]

        mode = chosen(MODES, "mode", "none")
        given = {**mode, **given}
        for section, preset in (
            ("schedule", chosen(SCHEDULES, "mixer", "none")),
            ("ops", chosen(STRENGTHS, "strength", "article")),
        ):
            if isinstance(given.get(section, {}), dict):
                given[section] = {**preset, **given.get(section, {})}
        return given

    @model_validator(mode="after")
    def _mode_is_what_is_done(self) -> AugmentConfig:
        """Curves and verdicts name a run by its mode."""
        done = self.operations if self.mixer == "none" else self.mixer
        if self.mode != done:
            raise ValueError(
                f"mode is {self.mode}, but operations {self.operations} with mixer {self.mixer} are mode {done}: set "
                f"augment.mode to {done}, or leave operations and mixer to the mode"
            )
        return self


class DataConfig(Section):
    """`data`: where the images are and which of them are used."""

    root: PathText = "datasets/emoji16"
    """Folder of the images and lists, relative to where the command is run."""
    train_list: PathText = "Train.txt"
    eval_list: PathText = "Eval.txt"
    image_size: Annotated[int, Field(ge=8, le=1024)] = 224
    """Every image is resized to this many pixels a side."""
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
    optimizer: Literal["adam", "momentum"] = "adam"
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.9
    """Of the optimizer of that name; adam does not use it."""
    lr: Annotated[float, Field(gt=0, le=10)] = 1e-4
    """Learning rate, constant."""
    weight_decay: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Coefficient of L2 regularisation."""
    clean_every: Positive = 1
    """A pass over the clean training images every so many epochs, and after the last."""
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    device: Literal["auto", "cpu", "gpu"] = "auto"
    amp: Literal["none", "bf16", "fp16"] = "none"
    """Mixed precision, on a GPU only. Nobody here could try it."""
    deterministic: bool = False
    """Have cuDNN repeat itself bit for bit, at the price of speed. A CPU always does."""
    threads: Annotated[int, Field(ge=1, le=256)] = 1
    """Threads of Paddle on the CPU. More than 1 was slower where it was measured, and changes the last bits."""


class LogConfig(Section):
    """`log`: what a run writes for others to watch; changes no result."""

    visualdl: bool = False
    """Keep the curves for Paddle's dashboard too: `visualdl --logdir logs`. Needs `pip install -e '.[visualdl]'`."""


class Config(Section):
    """A whole experiment, fully resolved."""

    model: Annotated[GoogLeNetConfig | VGGConfig, Field(discriminator="name")] = GoogLeNetConfig()
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
            given = {**given, "model": {"name": "googlenet", **given["model"]}}
        return given

    @model_validator(mode="after")
    def _network_takes_the_images(self) -> Config:
        if isinstance(self.model, VGGConfig):
            least = 2 ** len(self.model.conv_arch)
            if self.data.image_size < least:
                raise ValueError(
                    f"data.image_size is {self.data.image_size}, but this vgg halves the image "
                    f"{len(self.model.conv_arch)} times: use {least} or more, or fewer blocks in model.conv_arch"
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


NETWORKS: dict[str, type[Section]] = {"googlenet": GoogLeNetConfig, "vgg": VGGConfig}

LARGEST_FILE = 1_000_000
"""Bytes of a configuration; the shipped ones have about a thousand."""

MACHINE_KEYS = ("data.cache", "data.patience", "data.threads", "log.visualdl", "train.device", "train.threads")
"""Keys that say where a run is computed and watched, not what it computes."""

PATH_KEYS = ("data.root", "data.train_list", "data.eval_list")
"""Keys that say where the images are; which they are, `data.txt` says in a run folder."""


def expanded(folder: str) -> Path:
    """The path of a folder in a configuration: `~` is a home, unless there is no such user."""
    return Path(os.path.expanduser(folder))  # noqa: PTH111 (no error on unknown users)


def load_config(file: str | Path, overrides: Sequence[str] = ()) -> Config:
    """Read a YAML file and apply `--set` overrides (`key.path=value`).

    Raises:
        UserError: with one line for every problem found: file and line or override, key, what is wrong.
    """
    return read_sections(file, Config, overrides)


AnySection = TypeVar("AnySection", bound=Section)


def read_sections(file: str | Path, schema: type[AnySection], overrides: Sequence[str] = ()) -> AnySection:
    """Read a YAML file that holds what `schema` says; `load_config` for any schema."""
    given, lines, problems = _read_yaml(Path(file))
    origin = {path: f"{file}:{line}" for path, line in lines.items()}
    for override in overrides:
        problems += _apply_override(given, origin, override)
    try:
        read = schema.model_validate(given)
    except ValidationError as error:
        problems += [_problem(item, given, origin, str(file), schema) for item in error.errors()]
    if problems:
        raise UserError(problems)
    return read


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


# --- reading YAML ---------------------------------------------------------------------------------------------------


class _Loader(yaml.SafeLoader):
    """YAML 1.2's plain scalars: `on` and `off` are words, `1e-4` is a number. No aliases and no tags.

    A few aliases of aliases fill the memory, and a tag picks the constructor that is run on what follows it.
    """

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 (PyYAML's own way)

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        is_alias = self.check_event(yaml.AliasEvent)
        if is_alias or event.tag is not None:
            unwanted = "aliases (*name)" if is_alias else "tags (!name)"
            raise yaml.composer.ComposerError(None, None, f"{unwanted} are not used here", event.start_mark)
        return super().compose_node(parent, index)


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]{1,18}", list("-+0123456789")),  # no key needs more, and int() refuses 4301 digits
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), _first)
_Loader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value))  # 010 is ten
_Loader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: float(node.value))

Path_ = tuple[str, ...]


def _read_yaml(file: Path) -> tuple[dict[str, Any], dict[Path_, int], list[str]]:
    """The mapping in `file`, the line of every key, and what is wrong with it."""
    text = read_user_text(file, "file", LARGEST_FILE, "the shipped ones are configs/*.yaml")
    lines: dict[Path_, int] = {}
    problems: list[str] = []
    try:
        root = yaml.compose(text, Loader=_Loader)
        given = None if root is None else _construct(root, (), str(file), lines, problems)
    except yaml.MarkedYAMLError as error:
        line = "" if error.problem_mark is None else f":{error.problem_mark.line + 1}"
        raise UserError(f"{file}{line}: not valid YAML: {error.problem}") from None
    except yaml.reader.ReaderError as error:
        number = text.count("\n", 0, error.position) + 1
        raise UserError(f"{file}:{number}: not valid YAML: character {error.character:#x} is not text") from None
    except RecursionError:
        raise UserError(f"{file}: not valid YAML: nested too deeply") from None
    if given is not None and not isinstance(given, dict):
        kind = "a list" if isinstance(given, list) else repr(given)
        raise UserError(f"{file}: should hold keys such as `train:`, not {kind}")
    return given or {}, lines, problems


def _construct(node: yaml.Node, path: Path_, file: str, lines: dict[Path_, int], problems: list[str]) -> Any:
    if isinstance(node, yaml.MappingNode) and node.tag == "tag:yaml.org,2002:map":
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key should be a word", key_node.start_mark)
            line = key_node.start_mark.line + 1
            key = str(key_node.value)
            here = (*path, key)
            if key in mapping:
                name = ".".join(here)
                problems.append(f"{file}:{line}: {name}: given twice, first in line {lines[here]}; keep one of them")
                continue
            lines[here] = line
            mapping[key] = _construct(value_node, here, file, lines, problems)
        return mapping
    if isinstance(node, yaml.SequenceNode) and node.tag == "tag:yaml.org,2002:seq":
        return [_construct(item, path, file, lines, problems) for item in node.value]
    return _Loader("").construct_object(node, deep=True)


def _apply_override(given: dict[str, Any], origin: dict[Path_, str], override: str) -> list[str]:
    """Write `key.path=value` into `given`; what is wrong with it, if anything."""
    dotted, equals, text = override.partition("=")
    path = tuple(dotted.strip().split("."))
    if not equals or not all(path):
        return [f"--set {override}: write it as key.path=value, such as train.epochs=30"]
    try:
        root = yaml.compose(text, Loader=_Loader)
        problems: list[str] = []
        value = None if root is None else _construct(root, path, f"--set {override}", {}, problems)
    except (yaml.YAMLError, RecursionError):
        return [f"--set {override}: the value is not valid YAML; quote it as you would in a file"]
    target = given
    for key in path[:-1]:
        inner = target.setdefault(key, {})
        if not isinstance(inner, dict):
            return [f"--set {override}: {key} is a value, not a section"]
        target = inner
    _put(target, path, value, origin, f"--set {override}")
    return problems


def _put(section: dict[str, Any], path: Path_, value: Any, origin: dict[Path_, str], source: str) -> None:
    """Write `value` into `section` under the last key of `path`: a mapping key by key into the one that is there."""
    there = section.get(path[-1])
    if isinstance(value, dict) and isinstance(there, dict):
        for key, inner in value.items():
            _put(there, (*path, key), inner, origin, source)
        return
    section[path[-1]] = value
    for known in [known for known in origin if known[: len(path)] == path]:
        del origin[known]
    origin[path] = source


# --- saying what is wrong -------------------------------------------------------------------------------------------


def _problem(item: Any, given: dict[str, Any], origin: dict[Path_, str], file: str, schema: type[Section]) -> str:
    """One line for one of pydantic's errors."""
    location = list(item["loc"])
    if item["type"] == "union_tag_invalid":
        location.append("name")
    if len(location) > 1 and location[0] == "model" and location[1] in NETWORKS:
        del location[1]  # pydantic names the chosen member of the union, the user's file does not
    path = tuple(str(part) for part in location if isinstance(part, str))
    where = next((origin[path[:n]] for n in range(len(path), 0, -1) if path[:n] in origin), file)
    key = ".".join(str(part) for part in location)
    return ": ".join(part for part in (where, key, _explanation(item, path, given, schema)) if part)


def _explanation(item: Any, path: Path_, given: dict[str, Any], schema: type[Section]) -> str:
    value, kind = item["input"], item["type"]
    if kind == "extra_forbidden":
        return "unknown key" + _suggestion(path, given, schema)
    if kind == "union_tag_invalid":
        return _not_among(value.get("name"), list(NETWORKS))
    if kind == "literal_error":
        choices = re.findall(r"\w+", item["ctx"]["expected"].replace(" or ", " "))  # pydantic's "'a', 'b' or 'c'"
        return _not_among(value, choices)
    if kind == "value_error":
        return str(item["ctx"]["error"])
    if kind == "missing":
        return "is missing"
    message = re.sub(r"^\w+ should | after validation.*", "", item["msg"])
    for pydantics, ours in (("a valid ", "a "), ("a integer", "an integer"), ("a tuple", "a list")):
        message = message.replace(pydantics, ours)
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        message = "be a section with keys of its own"
    return f"should {message}, got {_shown(value)}"


def _shown(value: Any) -> str:
    return "nothing" if value is None else repr(value)


def _suggestion(path: Path_, given: dict[str, Any], schema: type[Section]) -> str:
    """Nearest valid name for an unknown key: among its siblings first, then anywhere in the schema."""
    network = given.get("model", {}).get("name", "googlenet") if isinstance(given.get("model"), dict) else "googlenet"
    if path[0] == "model":
        owners = [name for name, section in NETWORKS.items() if name != network and path[-1] in section.model_fields]
        if owners:
            return f" of {network}; it belongs to model.name: {owners[0]}"
    valid = list(_schema_keys(schema, network))
    prefix = ".".join(path[:-1])
    siblings = [key for key in valid if key.rpartition(".")[0] == prefix]
    by_name = {key.rpartition(".")[2]: key for key in reversed(siblings)}
    near = [by_name[name] for name in difflib.get_close_matches(path[-1], by_name, 1, 0.6)]
    elsewhere = {key.rpartition(".")[2]: key for key in reversed(valid)}
    near = near or [elsewhere[name] for name in difflib.get_close_matches(path[-1], elsewhere, 1, 0.8)]
    if near:
        return f"; did you mean {near[0]}?"
    return f"; valid here: {', '.join(key.rpartition('.')[2] for key in siblings)}" if siblings else ""


def _not_among(value: Any, choices: Sequence[str]) -> str:
    by_lower = {choice.lower(): choice for choice in choices}
    near = difflib.get_close_matches(str(value).lower(), by_lower, 1, 0.6)
    hint = f"; did you mean {by_lower[near[0]]}?" if near else ""
    return f"{_shown(value)} is not one of {', '.join(choices)}{hint}"


def _schema_keys(section: type[BaseModel], network: str, prefix: str = "") -> Iterator[str]:
    for name, field in section.model_fields.items():
        yield prefix + name
        inner: Any = field.annotation
        if get_args(inner) and name == "model":
            inner = NETWORKS.get(network, GoogLeNetConfig)
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _schema_keys(inner, network, f"{prefix}{name}.")
