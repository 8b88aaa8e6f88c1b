"""Headings and labels in Chinese."""

# ruff: noqa: RUF001 (Chinese has commas and colons of its own)

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Say: TypeAlias = Callable[[str], str]
"""From an English phrase to the same in the language of the page; `{names}` in it are filled in afterwards."""


def phrases(lang: str) -> Say:
    """The phrases in `lang`, en or zh."""
    return str if lang == "en" else CHINESE.__getitem__


CHINESE = {
    # the page
    "Which augmentation helps on these images?": "哪种数据增强对这些图像有效？",
    "{count} runs": "{count} 次训练",
    "made {time}": "生成于 {time}",
    "reloads itself every {seconds} s": "每 {seconds} 秒自动刷新",
    "Accuracy against images per class: {title}": "准确率与每类训练图像数：{title}",
    "Line: mean over the seeds. Band: lowest to highest seed. Dots: single seeds. Numbers of images in logarithms, "
    "all of them one step further.": (
        "线：各种子的均值；色带：最低到最高的种子；点：单个种子。图像数为对数刻度，“全部”再往右一格。"
    ),
    "Notes": "说明",
    "This page was made by": "本页的生成命令",
    # how a run becomes a number
    "Compared is the eval accuracy of each seed: {unit}.": "比较的是每个种子的评估准确率：{unit}。",
    "mean of the last {count} epochs": "最后 {count} 轮的均值",
    "median of the last {count} epochs": "最后 {count} 轮的中位数",
    "the last epoch": "最后一轮",
    "the final epoch": "最后一轮",
    "that of {evaluation}, none of whose images were trained on; curves, loss and gap are still those of the "
    "evaluation list": "{evaluation} 中的准确率，其图像都没有参与训练；曲线、损失和差距仍取自评估列表",
    "the best epoch, chosen on the evaluation images themselves": "最好的一轮，它是用评估图像本身选出的",
    # verdicts
    "under-fitted": "欠拟合",
    "still rising": "仍在上升",
    "rising": "仍在上升",
    "loss not finite": "损失不是有限值",
    "points": "个百分点",
    "points, 95 %: {interval}": "个百分点，95%：{interval}",
    "Differences from {label}, seed by seed": "各种子与 {label} 的差异",
    "Dots: single seeds. Diamond and bar: mean and 95 % interval. Dark line: no difference.": (
        "点：单个种子；菱形与横条：均值与 95% 区间；深色竖线：没有差异。"
    ),
    # sections of a group
    "Over the epochs": "训练过程",
    "Click a name to switch an arm off or on, double-click it to see it alone. Drag to zoom in, double-click to "
    "zoom out.": "单击名称隐藏或显示一组，双击只看这一组；拖动放大，双击图内还原。",
    "All numbers": "全部数值",
    "What they mean": "各列的含义",
    "What the networks confuse": "网络混淆了什么",
    "All finished seeds of an arm together; choose the arm in the menu. Colour: share of the class.": (
        "一组中所有已完成的种子合计，在菜单中选择组；颜色：占该类的比例。"
    ),
    "Not shown: no finished run has its predictions.npz, or there are more than {count} classes.": (
        "未显示：已完成的训练都没有 predictions.npz，或类别超过 {count} 个。"
    ),
    "What the networks saw": "网络看到的图像",
    "The same training images in every row, in epoch {epoch} with seed {seed}.": (
        "各行是同一批训练图像，第 {epoch} 轮，种子 {seed}。"
    ),
    "the images themselves: {names}": "原图：{names}",
    "Not shown: {why}": "未显示：{why}",
    "Configurations side by side": "配置对照",
    "Marked is what differs from {label}.": "标出的是与 {label} 不同之处。",
    "{count} keys that are the same in all": "各组相同的 {count} 个键",
    "Commands": "命令",
    # above the tables
    "; ": "；",
    ", ": "，",
    ".": "。",
    "Comparison of runs": "训练结果比较",
    "means over the last {count} epochs ({first} to {last})": "最后 {count} 轮（第 {first} 至 {last} 轮）的均值",
    "values of the last epoch ({last})": "最后一轮（第 {last} 轮）的值",
    "means over the last {count} epochs so far, for no run is finished": "尚无完成的训练，取目前最后 {count} 轮的均值",
    "compared is the median eval accuracy": "比较的是评估准确率的中位数",
    "compared is the final eval accuracy": "比较的是最后一轮的评估准确率",
    "compared is the best eval accuracy": "比较的是最好一轮的评估准确率",
    "compared is the accuracy in {evaluation}, none of whose images were trained on; loss, gap, best eval, reaches and "
    "overtakes are still those of the evaluation list": (
        "比较的是 {evaluation} 中的准确率，其图像都没有参与训练；损失、差距、最佳评估、达到和超越仍取自评估列表"
    ),
    # cells
    "{low} to {high}": "{low} 至 {high}",
    "{wins} of {n}": "{wins} / {n}",
    # columns
    "accuracy, %": "准确率，%",
    "training": "训练情况",
    "course": "过程",
    "eval": "评估",
    "Holm p": "Holm p",
    "loss eval": "评估损失",
    "loss train, clean": "训练（干净）损失",
    "loss train, as seen": "训练（所见）损失",
    "% train, clean": "训练（干净），%",
    "% train, as seen": "训练（所见），%",
    "gap": "差距",
    "best eval": "最佳评估",
    "ECE": "ECE",
    "key": "键",
    "verdict": "结论",
    "seeds": "种子数",
    "eval accuracy, %": "评估准确率，%",
    "over baseline": "相对基线",
    "95 % interval": "95% 区间",
    "seeds ahead": "领先的种子",
    "eval loss": "评估损失",
    "reaches": "达到",
    "overtakes": "超越",
    "over images": "对图像",
    "s per epoch": "每轮秒数",
    # figures
    "seed": "种子",
    "mean": "均值",
    "epoch": "轮次",
    "epoch {done} of {planned}": "第 {done} 轮，共 {planned} 轮",
    "gap: train, clean, minus eval, points": "差距：训练（干净）减评估，百分点",
    "accuracy of train, as seen, %": "训练（所见）的准确率，%",
    "percentage points over the baseline": "比基线高出的百分点",
    "all epochs": "全部轮次",
    "last {count} epochs": "最后 {count} 轮",
    "means": "仅均值",
    "all seeds": "全部种子",
    "all": "全部",
    "training images per class": "每类训练图像数",
    "taken for": "被认作",
    "what it was taken for": "被认作",
    "what it is": "实际类别",
}
