"""The numbers of a comparison in sentences, in English and Chinese. Nothing is computed here."""

# ruff: noqa: RUF001 (Chinese has commas and colons of its own)

from __future__ import annotations

import math
from typing import get_args

from suite.comparison.differences import LEVEL, Difference, OverImages
from suite.comparison.records import Group
from suite.comparison.rows import UNDER_FITTED_BELOW, Comparison, Row, Verdict

LANGUAGES = ("en", "zh")

WORDS: dict[str, dict[Verdict, str]] = {
    "en": {verdict: verdict for verdict in get_args(Verdict)},
    "zh": {
        "baseline": "基线",
        "unfinished": "未完成",
        "unpaired": "无法配对",
        "one seed": "仅一个种子",
        "too few seeds": "种子太少",
        "no evidence": "无证据",
        "better": "更好",
        "worse": "更差",
    },
}
"""A verdict as a label in a picture or a table."""

PHRASES = {
    "en": {
        "image set": "{train} training and {eval} evaluation images of {classes} classes{folds}",
        "image set judged": "{train} training images of {classes} classes, judged by {eval} of {evaluation}{folds}",
        "of folds": ", in the first of {folds} folds",
        "article files": "network, images and seeds are not recorded in these files; clean training images were not "
        "measured, and hits on mixed ones count the own label only",
        "baseline": "{arm}: eval accuracy {accuracy} % (n = {n}); the others are set against it.",
        "unfinished": "{arm}, seed {seed}: at epoch {done} of {planned}; set against the others when it is finished.",
        "alone": "{arm}: eval accuracy {accuracy} % (n = {n}), set against nothing: {why}.",
        "no baseline": "no baseline is chosen",
        "broken": "{arm}, seed {seed}: stopped at epoch {done} of {planned}, its loss was not finite; not compared.",
        "baseline unfinished": "no run of {baseline} is finished",
        "unpaired": "{arm}: {points} points over {baseline}, a difference of two means without an interval: {why}.",
        "seeds unknown": "their seeds are not recorded",
        "no common seed": "no seed is there in both with all its folds",
        "one seed": "{arm}: {points} points over {baseline} with seed {seed}, the only one that both have{images}. "
        "This says nothing about other seeds; train at least {needed} seeds of each.",
        "images": "; {when} {points} on {images} images (95 % interval {low} to {high}, paired bootstrap "
        "over the images{mcnemar})",
        "mcnemar": "; {only_arm} are right in {arm} only and {only_baseline} in {baseline} only, McNemar p {p}",
        "compared": "{arm}: {points} points over {baseline} (95 % interval {low} to {high}, {method} over {n} seeds"
        "{folds}; {wins} of {n} seeds ahead; sign-flip p {p}{holm}): {conclusion}.",
        "folds": ", each the mean of {folds} folds",
        "holm": ", after Holm over {family} comparisons {p_holm}",
        "better": "better on these images",
        "worse": "worse on these images",
        "no evidence": "no evidence of a difference{torn}{power}",
        "torn": ", for the interval holds 0, whatever the test says",
        "power": "; a true difference of {detectable} points would have been found in 4 of 5 such nights",
        "too few seeds": "no more than the direction of {n} seeds; even with all of them alike p would be {least}, "
        "so train at least {needed} seeds of each",
        "other images": " Over the {images} evaluation images in place of the seeds it is {points} ({low} to {high}, "
        "{when}), so on other images of the kind there may be no difference.",
        "in training": "after the last epoch",
        "as judged": "with the weights that evaluate.py took",
        "left out": " Not paired: seed {seeds}, missing in one of the two or in some fold.",
        "caution": " Caution: {states}: longer training may change the order, so this is not yet a comparison of where "
        "they end.",
        "under-fitted": "still under-fitted (clean training accuracy {accuracy} %)",
        "rising": "still rising in eval accuracy",
        "state": "{arm} is {state}",
        "and": " and ",
        "semicolon": "; ",
    },
    "zh": {
        "image set": "{classes} 类，训练图像 {train} 张，评估图像 {eval} 张{folds}",
        "image set judged": "{classes} 类，训练图像 {train} 张，用 {evaluation} 的 {eval} 张图像评判{folds}",
        "of folds": "（{folds} 折中的第一折）",
        "article files": "这些文件没有记录网络、图像和种子；没有测量干净的训练图像，混合图像只按自己的标签计算命中",
        "baseline": "{arm}：评估准确率 {accuracy}%（n = {n}）；其余各组与它比较。",
        "unfinished": "{arm}，种子 {seed}：已训练 {done}/{planned} 轮；完成后才参与比较。",
        "alone": "{arm}：评估准确率 {accuracy}%（n = {n}），未作比较：{why}。",
        "no baseline": "没有选定基线",
        "broken": "{arm}，种子 {seed}：损失不是有限值，在 {done}/{planned} 轮停止；不参与比较。",
        "baseline unfinished": "{baseline} 还没有完成的训练",
        "unpaired": "{arm}：相对 {baseline} {points} 个百分点，只是两个均值之差，没有置信区间：{why}。",
        "seeds unknown": "没有记录随机种子",
        "no common seed": "两组没有各折齐全的共同种子",
        "one seed": "{arm}：相对 {baseline} {points} 个百分点，只有种子 {seed} 是两组共有的{images}。"
        "这不能说明换一个种子会怎样；两组各至少需要训练 {needed} 个种子。",
        "images": "；{when}，在 {images} 张图像上相差 {points} 个百分点（95% 置信区间 {low} 至 {high}，对图像作"
        "配对自助法{mcnemar}）",
        "mcnemar": "；仅 {arm} 答对 {only_arm} 张，仅 {baseline} 答对 {only_baseline} 张，McNemar 检验 p {p}",
        "compared": "{arm}：相对 {baseline} {points} 个百分点（95% 置信区间 {low} 至 {high}，{n} 个种子的 {method} 区间"
        "{folds}；{n} 个种子中 {wins} 个领先；符号翻转检验 p {p}{holm}）：{conclusion}。",
        "folds": "，每个种子取 {folds} 折的均值",
        "holm": "，经 {family} 项比较的 Holm 校正后为 {p_holm}",
        "better": "在这批图像上更好",
        "worse": "在这批图像上更差",
        "no evidence": "没有证据表明存在差异{torn}{power}",
        "torn": "（检验虽通过，但区间包含 0）",
        "power": "；若真实差异为 {detectable} 个百分点，五次这样的实验中有四次能够发现",
        "too few seeds": "仅仅是 {n} 个种子的倾向；即使它们方向完全一致，p 也只能达到 {least}，"
        "两组各至少需要训练 {needed} 个种子",
        "other images": "若不看种子而看 {images} 张评估图像，则为 {points}（{low} 至 {high}，{when}）："
        "换一批同类图像，可能没有差异。",
        "in training": "最后一轮之后",
        "as judged": "按 evaluate.py 所用的权重",
        "left out": "未配对的种子：{seeds}，其中一组没有，或缺少某一折。",
        "caution": "注意：{states}。延长训练可能改变名次，因此现在还不能比较最终水平。",
        "under-fitted": "仍然欠拟合（未增强训练集上的准确率 {accuracy}%）",
        "rising": "到训练结束时评估准确率仍在上升",
        "state": "{arm} {state}",
        "and": "，",
        "semicolon": "；",
    },
}
"""What the sentences are put together from; both languages have the same parts."""

EXPLANATIONS = {
    "en": (
        "Means over the epochs named and over the finished seeds, ± standard deviation over the seeds. A run that is "
        "not finished stands in a line by itself, with its last epochs so far, and is not set against others.",
        "over baseline: percentage points of eval accuracy, paired by seed, with the 95 % interval of the mean over "
        "seeds. p: sign-flip test, adjusted by Holm for all comparisons of the group; a difference is claimed when it "
        f"is below {LEVEL} and the interval leaves out 0.",
        "Seeds vary the initial weights, the order and the augmentation, not the images: a verdict is about these "
        "training and evaluation images. Folds widen it.",
        "best eval: the best single epoch. It is chosen on the evaluation images themselves, hence a little too high.",
        "train, as seen: the training images as the network saw them, augmented or mixed (then weighted by lambda), "
        "another task in every mode. train, clean: without augmentation. gap: this minus eval, where both were "
        "measured.",
        f"under-fitted: train, clean is below {UNDER_FITTED_BELOW:.0%}. The network does not know its own training "
        "images yet, so a small gap is no success, and longer training may change its place.",
        "ECE: expected calibration error, how far the network is surer than right, or less sure, after the last epoch "
        "or, with --evaluation, with the weights that evaluate.py took.",
        "over images: the difference with the same weights, mean of the paired seeds, and its 95 % interval over the "
        "evaluation images: what other images of the kind may make of it, as 'over baseline' has it for other seeds.",
        "reaches, overtakes: the first epoch as high as the baseline in the end, and the one from which the arm stays "
        "above it, in means over the seeds and a twentieth of the epochs before.",
    ),
    "zh": (
        "数值是所列各轮、所有已完成种子的均值，± 是种子之间的标准差。"
        "未完成的训练单独成行，取目前最后几轮，不参与比较。",
        "相对基线：评估准确率之差，单位为百分点，按种子配对，附均值的 95% 置信区间。"
        "p：符号翻转检验，按同一表中的全部比较作 Holm 校正；"
        f"只有 p 小于 {LEVEL} 且区间不含 0，才称为有差异。",
        "种子改变的是初始权重、顺序和增强，而不是图像：结论只针对这批训练图像和评估图像；用多折可以放宽这一限制。",
        "最佳评估：单轮最高值。它正是在评估图像上挑出来的，因此略微偏高。",
        "训练（所见）：网络实际看到的训练图像，经过增强或混合（按 lambda 加权），各模式的任务不同。"
        "训练（干净）：不作增强。差距：训练（干净）减去评估，取两者都有的轮次。",
        f"欠拟合：训练（干净）低于 {UNDER_FITTED_BELOW:.0%}。网络还没有学会自己的训练图像，"
        "差距小不算成功，延长训练可能改变名次。",
        "ECE：期望校准误差，网络的把握与实际正确率相差多少；用最后一轮之后的权重，"
        "若给出 --evaluation，则用 evaluate.py 所用的权重。",
        "对图像：同样权重下的差异（各配对种子的均值）及其对评估图像的 95% 区间：换一批同类图像可能怎样；"
        "“相对基线”一栏说的则是换一批种子可能怎样。",
        "达到、超越：首次达到基线最终水平的轮次，以及从此一直高于基线的轮次；"
        "曲线取各种子的均值，并对此前二十分之一的轮次作平均。",
    ),
}
"""What stands below the tables."""


def about(group: Group, lang: str = "en") -> str:
    """The images of a group, or what is not known of them."""
    say = PHRASES[lang]
    if group.images is None:
        return say["article files"]
    train, evaluation, classes = group.images
    folds = say["of folds"].format(folds=group.folds) if group.folds > 1 else ""
    kind = "image set judged" if group.evaluation else "image set"
    return say[kind].format(train=train, eval=evaluation, classes=classes, folds=folds, evaluation=group.evaluation)


def verdict(row: Row, comparison: Comparison, lang: str = "en") -> str:
    """What an arm's numbers say in a sentence or two, never more than they do, and what may spoil them."""
    say = PHRASES[lang]
    seeds = ", ".join(map(str, row.unpaired)) if row.verdict != "unpaired" else ""
    left_out = say["left out"].format(seeds=seeds) if seeds else ""
    return _statement(row, comparison, say) + _other_images(row, say) + left_out + _caution(row, comparison, say)


def _statement(row: Row, comparison: Comparison, say: dict[str, str]) -> str:
    arm, difference = row.arm.label, row.difference
    baseline = comparison.baseline.label if comparison.baseline else ""
    if row.verdict == "unfinished":
        run = row.runs[0]
        return say["broken" if run.broken else "unfinished"].format(
            arm=arm, seed=run.seed, done=run.done, planned=run.planned
        )
    if difference is None:
        form = "baseline" if row.verdict == "baseline" else "alone"
        why = say["baseline unfinished" if baseline else "no baseline"].format(baseline=baseline)
        return say[form].format(arm=arm, accuracy=_percent(row.unit.mean), n=row.unit.n, why=why)
    names = {"arm": arm, "baseline": baseline, "points": points(difference.mean)}
    if row.verdict == "unpaired":
        why = say["seeds unknown" if row.runs[0].seed is None else "no common seed"]
        return say["unpaired"].format(**names, why=why)
    if row.verdict == "one seed":
        images = _over_images(row.over_images, names, _when(row, say), say) if row.over_images else ""
        seed = difference.points[0][0]
        return say["one seed"].format(**names, seed=seed, images=images, needed=comparison.seeds_needed)
    folds, family = comparison.group.folds, difference.family
    return say["compared"].format(
        **names,
        low=bound(difference.low),
        high=bound(difference.high),
        method=difference.method,
        n=difference.n,
        folds=say["folds"].format(folds=folds) if folds > 1 else "",
        wins=difference.wins,
        p=p_value(difference.p),
        holm=say["holm"].format(family=family, p_holm=p_value(difference.p_holm)) if family > 1 else "",
        conclusion=_conclusion(row, difference, comparison.seeds_needed, say),
    )


def _conclusion(row: Row, difference: Difference, needed: int, say: dict[str, str]) -> str:
    can_show = difference.detectable > 0  # false too where so few seeds cannot show anything
    power = say["power"].format(detectable=f"{difference.detectable:.1f}") if can_show else ""
    least = p_value(difference.least_p_holm)
    torn = say["torn"] if difference.p_holm < LEVEL else ""
    return say[row.verdict].format(torn=torn, power=power, n=difference.n, least=least, needed=needed)


def _other_images(row: Row, say: dict[str, str]) -> str:
    """That a claim is about these images, where their number does not carry it further."""
    found = row.over_images
    if found is None or row.verdict not in ("better", "worse") or not found.low <= 0 <= found.high:
        return ""
    ends = {"low": bound(found.low), "high": bound(found.high)}
    return say["other images"].format(images=found.images, points=points(found.points), when=_when(row, say), **ends)


def _when(row: Row, say: dict[str, str]) -> str:
    return say["as judged" if row.runs[0].evaluation else "in training"]


def _over_images(found: OverImages, names: dict[str, str], when: str, say: dict[str, str]) -> str:
    mcnemar = say["mcnemar"].format(
        arm=names["arm"],
        baseline=names["baseline"],
        only_arm=found.only_arm,
        only_baseline=found.only_baseline,
        p=p_value(found.p),
    )
    return say["images"].format(
        when=when,
        points=points(found.points),
        images=found.images,
        low=bound(found.low),
        high=bound(found.high),
        mcnemar="" if math.isnan(found.p) else mcnemar,  # several networks a side are not right or wrong
    )


def _caution(row: Row, comparison: Comparison, say: dict[str, str]) -> str:
    """What spoils a finished row, and the baseline where it is set against that; empty when nothing does."""
    opponents = [other for other in comparison.rows if other.verdict == "baseline" and row.difference]
    states = []
    for side in (row, *opponents) if row.verdict != "unfinished" else ():
        found = [say[state] for state, holds in (("under-fitted", side.under_fitted), ("rising", side.rising)) if holds]
        state = say["and"].join(found).format(accuracy=_percent(side.curves["accTrainClean"].mean))
        states += [say["state"].format(arm=side.arm.label, state=state)] if found else []
    return say["caution"].format(states=say["semicolon"].join(states)) if states else ""


def points(value: float) -> str:
    """Percentage points with their sign."""
    return f"{round(value, 1) + 0.0:+.1f}"  # + 0.0 makes of -0.0 what it is


def bound(value: float) -> str:
    """An end of an interval in points: where it rounds to 0, its sign tells whether the interval holds 0."""
    return f"{value + 0.0:+.1f}"


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.1f}"


def p_value(value: float) -> str:
    """With the digits that decide."""
    return "< 0.001" if value < 0.001 else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"
