"""The answer, and the lines of the arms, in Chinese."""

# ruff: noqa: RUF001 (Chinese has commas and colons of its own)

from __future__ import annotations

ANSWERS = {
    " or ": " 或 ",
    "Use {arm}: {accuracies}, better than {baseline} by {gain}.": "用 {arm}：{accuracies}，比 {baseline} 高 {gain}。",
    "Use {arms}: each is better than {baseline}, and these seeds do not tell them apart ({gains}).": (
        "用 {arms}：各自都比 {baseline} 好，这些种子分不出它们的高下（{gains}）。"
    ),
    "{arm} {accuracies}, by {gain}": "{arm} {accuracies}，高 {gain}",
    "{low} to {high} points": "{low} 至 {high} 个百分点",
    "{points} points in every seed": "{points} 个百分点（每个种子都一样）",
    "{points} points": "{points} 个百分点",
    "Train longer first: the networks of {arms} do not know their training images yet.": (
        "先训练更久：{arms} 的网络还没有学会自己的训练图像。"
    ),
    "Not decided yet: {finished} of {declared} declared seeds are finished in all arms.": (
        "尚未确定：声明的 {declared} 个种子中有 {finished} 个在各组都已完成。"
    ),
    "Not decided: {seeds} cannot show it.": "未能确定：{seeds}不足以看出差异。",
    "Not decided for {arms}: {seeds} cannot show it.": "{arms} 未能确定：{seeds}不足以看出差异。",
    "Not decided: {why}.": "未能确定：{why}。",
    "Keep {baseline}: no other arm is better.": "保留 {baseline}：其余各组都不更好。",
    "No augmentation helps here so far.": "目前没有一种数据增强有帮助。",
    "Nothing is better than {baseline} so far.": "目前没有一组比 {baseline} 好。",
    "A gain of {points} points would have shown in about 4 of 5 such nights.": (
        "若真能提高 {points} 个百分点，五次这样的实验中大约有四次能够看出。"
    ),
    "No answer: nothing says what to compare with; choose an arm with --baseline.": (
        "没有答案：不知道与哪一组比较；请用 --baseline 选一组。"
    ),
    "No answer: the only arm is {arm}.": "没有答案：只有 {arm} 一组。",
    "No answer yet: no run is finished.": "还没有答案：没有完成的训练。",
    "No answer yet: no run of {baseline} is finished.": "还没有答案：{baseline} 没有完成的训练。",
    "No answer yet: only {baseline} is finished.": "还没有答案：只有 {baseline} 已完成。",
    "Worse: {arms}.": "更差：{arms}。",
    "On other images of the kind there may be no difference.": "换一批同类图像，可能没有差异。",
    "For {arms}, there may be no difference on other images of the kind.": "换一批同类图像，{arms} 可能没有差异。",
    "Not declared beforehand: {arms}.": "未事先声明：{arms}。",
    "Longer training may change the order. Still rising: {arms}.": "延长训练可能改变名次；仍在上升：{arms}。",
    "Not decided yet: {arms}.": "尚未确定：{arms}。",
    "Not compared yet: {arms}.": "尚未比较：{arms}。",
    "Next:": "下一步：",
    "What this rests on": "依据",
    "{count} unfinished": "{count} 个未完成",
}
