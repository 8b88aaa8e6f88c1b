"""How a YAML file and `--set` become one `Config`.

The defaults are the article's, so a file says only what differs. Presets (`augment.mode`, `augment.strength`, the
schedule of a mixer) fill in what the file leaves open, before validation. A `Config` is therefore always complete, and
reading the `config.yaml` of a run folder gives the same `Config` again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from suite.config.explaining import KeyPath, explain
from suite.config.schema import Config
from suite.errors import UserError, read_user_text
from suite.section import Section

LARGEST_FILE = 1_000_000
"""Bytes of a configuration; the shipped ones have about a thousand."""


def load_config(file: str | Path, overrides: Sequence[str] = ()) -> Config:
    """Read a YAML file and apply `--set` overrides (`key.path=value`).

    Raises:
        UserError: with one line for every problem found: file and line or override, key, what is wrong.
    """
    return read_sections(file, Config, overrides)


AnySection = TypeVar("AnySection", bound=Section)


def read_sections(file: str | Path, schema: type[AnySection], overrides: Sequence[str] = ()) -> AnySection:
    """Read a YAML file of any schema as `load_config` does.

    Raises:
        UserError: as `load_config` does.
    """
    given, lines, problems = _read_yaml(Path(file))
    origin = {path: f"{file}:{line}" for path, line in lines.items()}
    for override in overrides:
        problems += _apply_override(given, origin, override)
    try:
        read = schema.model_validate(given)
    except ValidationError as error:
        problems += [explain(item, given, origin, str(file), schema) for item in error.errors()]
    if problems:
        raise UserError(problems)
    return read


# --- reading YAML ---------------------------------------------------------------------------------------------------


class _Loader(yaml.SafeLoader):
    """YAML 1.2's plain scalars: `on` and `off` are words, `1e-4` is a number. No aliases and no tags.

    A few aliases of aliases fill the memory, and a tag chooses the constructor that runs on its value.
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


def _read_yaml(file: Path) -> tuple[dict[str, Any], dict[KeyPath, int], list[str]]:
    """The mapping in `file`, the line of every key, and what is wrong with it."""
    text = read_user_text(file, "file", LARGEST_FILE, "the shipped ones are configs/*.yaml")
    lines: dict[KeyPath, int] = {}
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


def _construct(node: yaml.Node, path: KeyPath, file: str, lines: dict[KeyPath, int], problems: list[str]) -> Any:
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


def _apply_override(given: dict[str, Any], origin: dict[KeyPath, str], override: str) -> list[str]:
    """Write `key.path=value` into `given`, and return what is wrong with it, if anything."""
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


def _put(section: dict[str, Any], path: KeyPath, value: Any, origin: dict[KeyPath, str], source: str) -> None:
    """Write `value` into `section` under the last key of `path`; a mapping changes only its own keys of another one."""
    old = section.get(path[-1])
    if isinstance(value, dict) and isinstance(old, dict):
        for key, inner in value.items():
            _put(old, (*path, key), inner, origin, source)
        return
    section[path[-1]] = value
    for known in [known for known in origin if known[: len(path)] == path]:
        del origin[known]
    origin[path] = source
