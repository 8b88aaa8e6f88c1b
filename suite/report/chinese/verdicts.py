"""The sentences of a verdict, and what goes before them, in Chinese."""

# ruff: noqa: RUF001 (Chinese has commas and colons of its own)

from __future__ import annotations

VERDICTS = {
    # between sentences and words
    " ": "",
    ", ": "，",
    "; ": "；",
    ": ": "：",
    ".": "。",
    " and ": "，",
    "{low} to {high}": "{low} 至 {high}",
    "{wins} of {n}": "{wins} / {n}",
    # what was declared
    "No claim was declared before these runs, so all differences are only looked at.": (
        "训练之前没有声明任何主张，因此所有差异都只是事后观察。"
    ),
    "Question: {question}": "问题：{question}",
    "{arm} over {over}": "{arm} 优于 {over}",
    "Declared on {date}, before the first run: {claims}.": "首次训练之前已于 {date} 声明：{claims}。",
    "So far, {finished} of {declared} declared seeds are finished in all arms. There is no verdict before all are.": (
        "到目前为止，声明的 {declared} 个种子中有 {finished} 个在各组都已完成；全部完成之前不下结论。"
    ),
    "{count} of these cannot be tested: one side has no finished run.": "其中 {count} 项无法检验：一方没有完成的训练。",
    "Declared beforehand": "事先声明",
    "declared beforehand": "事先声明",
    "; declared beforehand": "；事先声明",
    "; looked at, not declared": "；事后观察，未声明",
    "Added later: seed {seeds}, so p is no longer exact.": "后来增加的种子：{seeds}，因此 p 不再精确。",
    "{arm}: {points} points over {baseline} so far, with {finished} of {declared} declared seeds.": (
        "{arm}：目前相对 {baseline} {points} 个百分点，已有声明的 {declared} 个种子中的 {finished} 个。"
    ),
    # the images, and the number of a seed
    "These files do not record network, images and seeds. Clean training images were not measured, and hits on mixed "
    "images count the own label only.": (
        "这些文件没有记录网络、图像和种子；没有测量干净的训练图像，混合图像只按自己的标签计算命中。"
    ),
    "{train} training and {eval} evaluation images of {classes} classes{folds}.": (
        "{classes} 类，训练图像 {train} 张，评估图像 {eval} 张{folds}。"
    ),
    "{train} training images of {classes} classes, judged by {eval} of {evaluation}{folds}.": (
        "{classes} 类，训练图像 {train} 张，用 {evaluation} 的 {eval} 张图像评判{folds}。"
    ),
    ", in the first of {folds} folds": "（{folds} 折中的第一折）",
    "Each seed counts with its {accuracy}, {window}.": "比较的是每个种子的{accuracy}：{window}。",
    "Each seed counts with its {accuracy} in {evaluation}, none of whose images were trained on.": (
        "比较的是每个种子在 {evaluation} 中的{accuracy}，其图像都没有参与训练。"
    ),
    "eval accuracy": "评估准确率",
    "balanced eval accuracy": "平衡评估准确率",
    "In balanced accuracy every class counts the same, however many images it has.": (
        "平衡准确率中每一类的权重相同，与图像数无关。"
    ),
    "The largest class has more than twice the training images of the smallest: train.metric=balanced is recommended, "
    "by which every class counts the same.": (
        "最大类的训练图像多于最小类的两倍：建议使用 train.metric=balanced，让每一类的权重相同。"
    ),
    "Curves are still those of the evaluation list. Without curves there is no gap, no best eval, and nothing to reach "
    "or overtake. Numbers of the training images are the {window}.": (
        "曲线仍取自评估列表；没有曲线就没有差距、最佳评估、达到和超越；训练图像的数值是{window}。"
    ),
    "No run is finished, so the numbers are means of the last {count} epochs so far.": (
        "尚无完成的训练，数值是目前最后 {count} 轮的均值。"
    ),
    "mean of the last {count} epochs ({first} to {last})": "最后 {count} 轮（第 {first} 至 {last} 轮）的均值",
    "value of the last epoch ({last})": "最后一轮（第 {last} 轮）的值",
    # verdicts in a word
    "baseline": "基线",
    "unfinished": "未完成",
    "unpaired": "无法配对",
    "so far": "进行中",
    "one seed": "仅一个种子",
    "too few seeds": "种子太少",
    "no evidence": "无证据",
    "better": "更好",
    "worse": "更差",
    "under-fitted": "欠拟合",
    "rising": "仍在上升",
    "rising?": "是否上升不详",
    "{count} of {all} seeds lost": "{all} 个种子中失去 {count} 个",
    "loss not finite": "损失不是有限值",
    "epoch {done} of {planned}": "第 {done} 轮，共 {planned} 轮",
    # verdicts in a sentence
    "{arm}: {accuracy} {value} (n = {n}); the others are compared with it.": (
        "{arm}：{accuracy} {value}（n = {n}）；其余各组与它比较。"
    ),
    "{arm}, seed {seed}: at epoch {done} of {planned}; compared with the others when it is finished.": (
        "{arm}，种子 {seed}：已训练 {done}/{planned} 轮；完成后才参与比较。"
    ),
    "{arm}, seed {seed}: stopped at epoch {done} of {planned}, its loss was not finite; not compared.": (
        "{arm}，种子 {seed}：损失不是有限值，在 {done}/{planned} 轮停止；不参与比较。"
    ),
    "{arm}: {accuracy} {value} (n = {n}), compared with nothing: {why}.": (
        "{arm}：{accuracy} {value}（n = {n}），未作比较：{why}。"
    ),
    "no baseline is chosen": "没有选定基线",
    "no run of {baseline} is finished": "{baseline} 还没有完成的训练",
    "{arm}: {points} points over {baseline}, a difference of two means without an interval: {why}.": (
        "{arm}：相对 {baseline} {points} 个百分点，只是两个均值之差，没有置信区间：{why}。"
    ),
    "their seeds are not recorded": "没有记录随机种子",
    "no seed is there in both with all its folds": "两组没有各折齐全的共同种子",
    "no seed was made alike in both": "两组没有在相同条件下训练的共同种子",
    "{arm}: {points} points over {baseline} with seed {seed}, the only pair{images}. This says nothing "
    "about other seeds; train at least {needed} seeds of each.": (
        "{arm}：相对 {baseline} {points} 个百分点，只有种子 {seed} 能够配对{images}。"
        "这不能说明换一个种子会怎样；两组各至少需要训练 {needed} 个种子。"
    ),
    "; {when} {points} on {images} images{groups} ({interval}, paired bootstrap over them{mcnemar})": (
        "；{when}，在 {images} 张图像{groups}上相差 {points} 个百分点（{interval}，对它们作配对自助法{mcnemar}）"
    ),
    "95 % interval {interval}": "95 % 置信区间 {interval}",
    "no interval, as all images differ by the same": "各图像的差异全都相同，没有区间",
    "; {only_arm} are right in {arm} only and {only_baseline} in {baseline} only, McNemar p {p}": (
        "；仅 {arm} 答对 {only_arm} 张，仅 {baseline} 答对 {only_baseline} 张，McNemar 检验 p {p}"
    ),
    "95 % interval {interval}, t over {n} seeds{folds}": "95 % 置信区间 {interval}，{n} 个种子的 t 区间{folds}",
    "no interval from {n} seeds{folds}": "{n} 个种子{folds}，没有区间",
    "no interval, as all {n} seeds{folds} differ by the same": "{n} 个种子{folds}的差异全都相同，没有区间",
    "{arm}: {points} points over {baseline} ({interval}; {wins} of {n} seeds ahead; sign-flip p "
    "{p}{corrected}{standing}): {conclusion}.": (
        "{arm}：相对 {baseline} {points} 个百分点（{interval}；"
        "{n} 个种子中 {wins} 个领先；符号翻转检验 p {p}{corrected}{standing}）：{conclusion}。"
    ),
    ", each the mean of {folds} folds": "，每个种子取 {folds} 折的均值",
    ", after Holm over {family} comparisons {p}": "，经 {family} 项比较的 Holm 校正后为 {p}",
    "better on these images": "在这批图像上更好",
    "worse on these images": "在这批图像上更差",
    "no evidence of a difference{torn}{power}": "没有证据表明存在差异{torn}{power}",
    ", because the interval holds 0, though the test passes": "（检验虽通过，但区间包含 0）",
    "; a true difference of {detectable} points would have been found in about 4 of 5 such nights": (
        "；若真实差异为 {detectable} 个百分点，五次这样的实验中大约有四次能够发现"
    ),
    "only the direction of {n} seeds; even if all agreed, p would be {least}, so train at least {needed} seeds of "
    "each": ("仅仅是 {n} 个种子的倾向；即使它们方向完全一致，p 也只能达到 {least}，两组各至少需要训练 {needed} 个种子"),
    "Over the {images} evaluation images{groups} in place of the seeds it is {points} ({interval}, {when}), so on "
    "other images of the kind there may be no difference.": (
        "若不看种子而看 {images} 张评估图像{groups}，则为 {points}（{interval}，{when}）："
        "换一批同类图像，可能没有差异。"
    ),
    " in {groups} groups": "（共 {groups} 组）",
    "after the last epoch": "最后一轮之后",
    "with the weights that evaluate.py took": "按 evaluate.py 所用的权重",
    "Not paired: seed {seeds}, not made alike: {differences}.": "未配对的种子：{seeds}，训练条件不同：{differences}。",
    "{name} {value} in {arm}, {against} in {baseline}": "{name} 在 {arm} 中为 {value}，在 {baseline} 中为 {against}",
    "Not paired: seed {seeds}, missing in one of the two or in some fold.": (
        "未配对的种子：{seeds}，其中一组没有，或缺少某一折。"
    ),
    "Caution: {states}. Longer training may change the order, so this does not yet compare where they end.": (
        "注意：{states}。延长训练可能改变名次，因此现在还不能比较最终水平。"
    ),
    "{arm} is {state}": "{arm} {state}",
    "still under-fitted (train, clean {accuracy}, below {least})": (
        "仍然欠拟合（训练（干净）{accuracy}，低于 {least}）"
    ),
    "still rising in eval accuracy": "到训练结束时评估准确率仍在上升",
    "Below {least} epochs it cannot be told whether accuracy still rises.": (
        "少于 {least} 轮，无法判断准确率是否仍在上升。"
    ),
    "Whether {arms} still rises cannot be told: the augmentation changes within the last {count} epochs, which moves "
    "accuracy too.": "无法判断 {arms} 是否仍在上升：增强在最后 {count} 轮之内有变化，准确率也随之变动。",
    "{arm} lost {count} of {all} seeds ({seeds}) to a loss that was not finite, so this is about the seeds that "
    "survived.": "{arm} 的 {all} 个种子中有 {count} 个（{seeds}）因损失不是有限值而失去，因此这里只说明剩下的种子。",
}
