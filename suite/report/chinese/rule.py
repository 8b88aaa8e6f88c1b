"""The rule of a night that ends when it is decided, in Chinese."""

# ruff: noqa: RUF001 (Chinese has commas and colons of its own)

from __future__ import annotations

RULE = {
    "Declared with it: a group-sequential sign-flip test after every seed from number {first} to {most}. A claim is "
    "given up when its chance to be decided is below {hopeless} %.": (
        "同时声明：从第 {first} 个到第 {most} 个种子，每完成一个就作一次成组序贯符号翻转检验；"
        "若得出结论的可能性低于 {hopeless}%，就放弃该主张。"
    ),
    "So far, {count} of {all} claims have ended.": "到目前为止，{all} 项主张中有 {count} 项已经结束。",
    "The night ended when its claims did, so there is no verdict on other differences.": (
        "主张都已结束，实验随之结束，因此对其他差异不下结论。"
    ),
    "Decided after {n} of at most {most} seeds by the group-sequential test, whose p this is.": (
        "最多 {most} 个种子，第 {n} 个之后由成组序贯检验得出结论，p 即该检验的 p。"
    ),
    "Given up after {n} of at most {most} seeds, since a decision had become unlikely.": (
        "最多 {most} 个种子，第 {n} 个之后放弃，因为已不大可能得出结论。"
    ),
    "Not decided after {n} of at most {most} seeds by the group-sequential test, whose p this is.": (
        "最多 {most} 个种子，{n} 个之后成组序贯检验仍未得出结论，p 即该检验的 p。"
    ),
    ", after Bonferroni over {family} claims {p}": "，经 {family} 项主张的 Bonferroni 校正后为 {p}",
}
