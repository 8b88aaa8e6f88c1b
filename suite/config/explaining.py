"""What is wrong with a configuration, in sentences with file, line and key."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from typing import Any, get_args

from pydantic import BaseModel

from models.settings import DEFAULT_NETWORK, NETWORKS
from suite.errors import not_among, quoted
from suite.section import Section

KeyPath = tuple[str, ...]
"""The keys that lead to a value, from the outermost on."""


def explain(item: Any, given: dict[str, Any], origin: dict[KeyPath, str], file: str, schema: type[Section]) -> str:
    """One of pydantic's errors as a line: file and line or override, key, what is wrong."""
    location = list(item["loc"])
    if item["type"] == "union_tag_invalid":
        location.append("name")
    if len(location) > 1 and location[0] == "model" and location[1] in NETWORKS:
        del location[1]  # pydantic names the chosen member of the union, the user's file does not
    path = tuple(str(part) for part in location if isinstance(part, str))
    where = next((origin[path[:n]] for n in range(len(path), 0, -1) if path[:n] in origin), file)
    key = ".".join(str(part) for part in location)
    return ": ".join(part for part in (where, key, _explanation(item, path, given, schema)) if part)


def _explanation(item: Any, path: KeyPath, given: dict[str, Any], schema: type[Section]) -> str:
    value, kind = item["input"], item["type"]
    if kind == "extra_forbidden":
        return "unknown key" + _suggestion(path, given, schema)
    if kind == "union_tag_invalid":
        return not_among(value.get("name"), list(NETWORKS))
    if kind == "literal_error":
        choices = re.findall(r"\w+", item["ctx"]["expected"].replace(" or ", " "))  # pydantic's "'a', 'b' or 'c'"
        return not_among(value, choices)
    if kind == "value_error":
        return str(item["ctx"]["error"])
    if kind == "missing":
        return "is missing"
    message = re.sub(r"^\w+ should | after validation.*", "", item["msg"])
    for pydantics, ours in (("a valid ", "a "), ("a integer", "an integer"), ("a tuple", "a list")):
        message = message.replace(pydantics, ours)
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        message = "be a section with keys of its own"
    return f"should {message}, got {quoted(value)}"


def _suggestion(path: KeyPath, given: dict[str, Any], schema: type[Section]) -> str:
    """Nearest valid name for an unknown key: among its siblings first, then anywhere in the schema."""
    model = given.get("model")
    network = model.get("name", DEFAULT_NETWORK.name) if isinstance(model, dict) else DEFAULT_NETWORK.name
    if path[0] == "model":
        owners = [name for name, section in NETWORKS.items() if name != network and path[-1] in section.model_fields]
        if owners:
            return f" of {network}; it belongs to model.name: {' or '.join(owners)}"
    keys = list(_schema_keys(schema, network))
    siblings = [key for key in keys if key.split(".")[:-1] == list(path[:-1])]
    if near := _nearest(path[-1], siblings, 0.6) or _nearest(path[-1], keys, 0.8):
        return f"; did you mean {near}?"
    return f"; valid here: {', '.join(map(_last_part, siblings))}" if siblings else ""


def _nearest(name: str, keys: Sequence[str], likeness: float) -> str | None:
    """The dotted key, the first where several are equal, whose last part is most like `name`."""
    by_name = {_last_part(key): key for key in reversed(keys)}
    near = difflib.get_close_matches(name, by_name, 1, likeness)
    return by_name[near[0]] if near else None


def _last_part(key: str) -> str:
    return key.rpartition(".")[2]


def _schema_keys(section: type[BaseModel], network: str, prefix: str = "") -> Iterator[str]:
    """Every key of a section and the sections in it, dotted; of `model` those of `network`."""
    for name, field in section.model_fields.items():
        yield prefix + name
        inner: Any = field.annotation
        if get_args(inner) and name == "model":
            inner = NETWORKS.get(network, type(DEFAULT_NETWORK))
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _schema_keys(inner, network, f"{prefix}{name}.")
