"""`study.yaml` in the folder of a study: what was declared, and when, before its first run started."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field

from suite.config.reading import read_sections
from suite.config.study import Claim
from suite.errors import UserError
from suite.files import DamagedFile, fingerprint, write_text
from suite.runs.facts import read_facts
from suite.section import Lax, Section

FILE = "study.yaml"

MOST_SEEDS = 20
"""Of a night with a rule, whose test tries all 2^n sign patterns."""

Seeds = Annotated[tuple[int, ...], Lax]


class Added(Section):
    """Seeds that were added when runs had begun."""

    seeds: Seeds
    time: str


class Rule(Section):
    """By which claims are looked at after every seed, so that a night ends when all are decided or hopeless."""

    test: Literal["group-sequential sign-flip"] = "group-sequential sign-flip"
    first_look: Annotated[int, Field(ge=2)] = 4
    """How many pairs there are at the first look."""
    most_seeds: Annotated[int, Field(le=MOST_SEEDS)]
    """How many there are at the last."""
    hopeless: float = 0.4
    """A claim is given up when its chance to be decided by the last seed is smaller."""


class Declaration(Section):
    """The content of `study.yaml`."""

    declared: str
    """When, in UTC."""
    question: str
    claims: Annotated[tuple[Claim, ...], Lax]
    metric: str
    cells: Annotated[tuple[str, ...], Lax]
    """Folders of the runs of each combination of the axes."""
    seeds: Seeds
    runs: int
    added: Annotated[tuple[Added, ...], Lax] = ()
    rule: Rule | None = None
    """None for a night in which all seeds are trained, and looked at when all are there."""

    @property
    def known_seeds(self) -> set[int]:
        """The declared ones, and those that were added."""
        return {*self.seeds, *(seed for each in self.added for seed in each.seeds)}


class _Sealed(Declaration):
    fingerprint: str


class _Dumper(yaml.SafeDumper):
    """Quotes what is not a plain word: `1e5` is a number to the reader of configurations, and none to PyYAML."""


_Dumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, None if text.isidentifier() else '"'),
)


def read_declaration(folder: Path) -> Declaration | None:
    """What was declared of the study in `folder`; None where there is nothing.

    Raises:
        DamagedFile: when it is not what was written.
    """
    file = folder / FILE
    if not file.exists():
        return None
    try:
        sealed = read_sections(file, _Sealed)
    except UserError as error:
        raise DamagedFile(f"{file} is damaged ({error.problems[0]})") from None
    content = sealed.model_dump(mode="json", exclude_none=True)
    if content.pop("fingerprint") != _fingerprint(content):
        raise DamagedFile(f"{file} is damaged or edited: its content does not match its fingerprint")
    return Declaration.model_validate(content)


def declare(folder: Path, wanted: Declaration, fresh: Collection[Path] = ()) -> Declaration | None:
    """Write down what is `wanted`, or add its seeds to what was declared before; returns what stands there then.

    A declaration is never made when runs have begun, except for runs in `fresh`, which start over: then this is None.

    Raises:
        UserError: when something else was declared, and runs have begun since.
    """
    begun = _has_begun(folder, fresh)
    try:
        before = read_declaration(folder)
    except DamagedFile as error:
        if begun:
            raise UserError(f"{error}; put the file back as it was, or begin another night with --name") from None
        before = None
    if begun and before is None:
        return None
    if before is None or not begun:
        unchanged = before is not None and before.model_copy(update={"declared": wanted.declared}) == wanted
        return before if unchanged else _write(folder, wanted)
    if before.rule != wanted.rule:
        raise UserError(f"{folder / FILE}: {_other_rule(before)}")
    changed = [key for key in ("question", "claims", "metric") if getattr(before, key) != getattr(wanted, key)]
    if changed:
        raise UserError(
            f"{folder / FILE}: {' and '.join(changed)} were declared otherwise, and runs have begun since; put the "
            "study file back, or begin another night with --name"
        )
    more = tuple(seed for seed in wanted.seeds if seed not in before.known_seeds)
    if not more:
        return before
    added = Added(seeds=more, time=wanted.declared)
    return _write(folder, before.model_copy(update={"added": (*before.added, added)}))


def _other_rule(before: Declaration) -> str:
    """What to do when a night is continued by another rule than the declared one."""
    if before.rule is None:
        return "runs have begun without --until-decided; leave it out, or begin another night with --name"
    seeds = " ".join(map(str, before.seeds))
    return f"declared with --until-decided for seeds {seeds}; give both as then, or begin another night with --name"


def finished_seeds(folder: Path, cells: Collection[str], seeds: Collection[int]) -> int:
    """How many of the seeds are done in every cell. A run that its loss has stopped is done too: it is lost."""
    return sum(all(is_done(folder / cell / f"seed{seed}") for cell in cells) for seed in seeds)


def is_done(run: Path) -> bool:
    """Whether a run has come to its end: its last epoch, or a loss that was not finite."""
    try:
        facts = read_facts(run)
    except DamagedFile:
        return False
    return facts is not None and (facts.finished or facts.diverged)


def _has_begun(folder: Path, fresh: Collection[Path]) -> bool:
    """Whether any run of the study has an epoch."""
    for file in folder.glob("*/seed*/run.json"):
        try:
            facts = read_facts(file.parent)
        except DamagedFile:
            facts = None
        if file.parent not in fresh and (facts is None or facts.epochs_done):
            return True
    return False


def _write(folder: Path, declaration: Declaration) -> Declaration:
    content = declaration.model_dump(mode="json", exclude_none=True)
    sealed = {**content, "fingerprint": _fingerprint(content)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_text(folder / FILE, yaml.dump(sealed, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120))
    except OSError as error:
        raise UserError(f"{folder / FILE}: cannot be written: {error.strerror}; choose a place with --logs") from None
    return declaration


def _fingerprint(content: dict[str, Any]) -> str:
    return fingerprint(json.dumps(content).encode())
