"""What all sections of a configuration are made of."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict

from suite.errors import not_among

Lax = Strict(False)  # YAML has lists and no tuples
PathText = Annotated[str, Field(min_length=1, pattern=r"^[^\x00]+$")]
Positive = Annotated[int, Field(ge=1)]


class Section(BaseModel):
    """A part of the configuration: unknown keys are errors, values are not converted, nothing changes later."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


def check_name(given: Any, names: Collection[str]) -> Any:
    """The name itself.

    Raises:
        ValueError: when it is none of `names`; it tells the nearest of them.
    """
    if not isinstance(given, str) or given not in names:
        raise ValueError(not_among(given, names))
    return given


def one_of(names: Collection[str]) -> BeforeValidator:
    """The check of a field that holds a name of a table."""
    return BeforeValidator(lambda given: check_name(given, names))
