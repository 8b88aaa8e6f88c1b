"""The Chinese phrases."""

from __future__ import annotations

import ast
import re

from suite.report.chinese import CHINESE
from tests.fixtures.commands import ROOT


def test_chinese_has_every_phrase_and_no_other() -> None:
    """A phrase that was changed in English only would end the making of Chinese tables and pages."""
    files = [file for file in (ROOT / "suite/report").rglob("*.py") if file.name != "chinese.py"]
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in files]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    texts = {node.value for node in nodes if isinstance(node, ast.Constant)}
    calls = [node for node in nodes if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say"]
    said = {call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)}
    assert said <= CHINESE.keys() <= texts
    holes = {phrase: re.findall(r"{\w+}", phrase) for phrase in CHINESE}
    assert all(sorted(re.findall(r"{\w+}", CHINESE[phrase])) == sorted(names) for phrase, names in holes.items())
