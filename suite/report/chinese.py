"""Every English text of the report and its pictures in Chinese, with the same `{names}`."""

# ruff: noqa: RUF001 (Chinese has commas and colons of its own)

from __future__ import annotations

CHINESE = {
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
    "{arm}: {accuracy} {value} % (n = {n}); the others are compared with it.": (
        "{arm}：{accuracy} {value}%（n = {n}）；其余各组与它比较。"
    ),
    "{arm}, seed {seed}: at epoch {done} of {planned}; compared with the others when it is finished.": (
        "{arm}，种子 {seed}：已训练 {done}/{planned} 轮；完成后才参与比较。"
    ),
    "{arm}, seed {seed}: stopped at epoch {done} of {planned}, its loss was not finite; not compared.": (
        "{arm}，种子 {seed}：损失不是有限值，在 {done}/{planned} 轮停止；不参与比较。"
    ),
    "{arm}: {accuracy} {value} % (n = {n}), compared with nothing: {why}.": (
        "{arm}：{accuracy} {value}%（n = {n}），未作比较：{why}。"
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
    "95 % interval {interval}": "95% 置信区间 {interval}",
    "no interval, as all images differ by the same": "各图像的差异全都相同，没有区间",
    "; {only_arm} are right in {arm} only and {only_baseline} in {baseline} only, McNemar p {p}": (
        "；仅 {arm} 答对 {only_arm} 张，仅 {baseline} 答对 {only_baseline} 张，McNemar 检验 p {p}"
    ),
    "95 % interval {interval}, t over {n} seeds{folds}": "95% 置信区间 {interval}，{n} 个种子的 t 区间{folds}",
    "no interval from {n} seeds{folds}": "{n} 个种子{folds}，没有区间",
    "no interval, as all {n} seeds{folds} differ by the same": "{n} 个种子{folds}的差异全都相同，没有区间",
    "{arm}: {points} points over {baseline} ({interval}; {wins} of {n} seeds ahead; sign-flip p {p}{holm}{standing}): "
    "{conclusion}.": (
        "{arm}：相对 {baseline} {points} 个百分点（{interval}；"
        "{n} 个种子中 {wins} 个领先；符号翻转检验 p {p}{holm}{standing}）：{conclusion}。"
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
    "still under-fitted (train, clean {accuracy} %, below {least} %)": (
        "仍然欠拟合（训练（干净）{accuracy}%，低于 {least}%）"
    ),
    "still rising in eval accuracy": "到训练结束时评估准确率仍在上升",
    "Below {least} epochs it cannot be told whether accuracy still rises.": (
        "少于 {least} 轮，无法判断准确率是否仍在上升。"
    ),
    "Whether {arms} still rises cannot be told: the augmentation changes within the last {count} epochs, which moves "
    "accuracy too.": "无法判断 {arms} 是否仍在上升：增强在最后 {count} 轮之内有变化，准确率也随之变动。",
    "{arm} lost {count} of {all} seeds ({seeds}) to a loss that was not finite, so this is about the seeds that "
    "survived.": "{arm} 的 {all} 个种子中有 {count} 个（{seeds}）因损失不是有限值而失去，因此这里只说明剩下的种子。",
    # what the columns mean
    "Numbers are means over the epochs named and over the finished seeds, ± standard deviation over the seeds. A run "
    "that is not finished has a line of its own, with its last epochs so far. It is not compared.": (
        "数值是所列各轮、所有已完成种子的均值，± 是种子之间的标准差。未完成的训练单独成行，取目前最后几轮，不参与比较。"
    ),
    "over baseline: percentage points of eval accuracy, paired by seed, with the 95 % interval of the mean over seeds. "
    "p: sign-flip test, adjusted by Holm for all comparisons of the group; declared claims are adjusted among "
    "themselves alone. A difference is claimed when p is below {level} and the interval leaves out 0.": (
        "相对基线：评估准确率之差，单位为百分点，按种子配对，附均值的 95% 置信区间。"
        "p：符号翻转检验，按同一表中的全部比较作 Holm 校正，事先声明的主张只在它们之间校正；"
        "只有 p 小于 {level} 且区间不含 0，才称为有差异。"
    ),
    "Seeds vary the initial weights, the order and the augmentation, not the images. A verdict is about these training "
    "and evaluation images. Folds widen it.": (
        "种子改变的是初始权重、顺序和增强，而不是图像：结论只针对这批训练图像和评估图像；用多折可以放宽这一限制。"
    ),
    "balanced: the mean of the accuracies within the classes, so that every class counts the same. train.metric says "
    "which accuracy decides; eval, train, clean, gap and best eval are that one.": (
        "平衡：各类准确率的均值，每一类的权重相同。由 train.metric 决定以哪种准确率为准；"
        "评估、训练（干净）、差距和最佳评估都是那一种。"
    ),
    "best eval: the best single epoch. It is chosen on the evaluation images themselves and therefore a little too "
    "high.": "最佳评估：单轮最高值。它正是在评估图像上挑出来的，因此略微偏高。",
    "train, as seen: the training images as the network saw them, augmented or mixed (then weighted by lambda), "
    "another task in every mode. train, clean: without augmentation. gap: train, clean, minus eval, where both were "
    "measured.": (
        "训练（所见）：网络实际看到的训练图像，经过增强或混合（按 lambda 加权），各模式的任务不同。"
        "训练（干净）：不作增强。差距：训练（干净）减去评估，取两者都有的轮次。"
    ),
    "under-fitted: train, clean is below {share} of the way from guessing to 100 %. To guess the largest class gives "
    "its share, or a balanced accuracy of 1 / classes. The network does not know its own training images yet, so a "
    "small gap is no success, and longer training may change its place.": (
        "欠拟合：训练（干净）不到从瞎猜到 100% 的 {share}。总猜最大类得到它所占的比例，平衡准确率则为 1 / 类数。"
        "网络还没有学会自己的训练图像，差距小不算成功，延长训练可能改变名次。"
    ),
    "rising: within the last tenth of the epochs, but at least {least}, eval accuracy grows by more than its noise, "
    "and faster than {points} point a tenth. rising?: cannot be told. The run has fewer than twice as many epochs, or "
    "its augmentation changes within them.": (
        "仍在上升：在最后十分之一的轮次（至少 {least} 轮）中，评估准确率的增长超过噪声，"
        "且每十分之一超过 {points} 个百分点。是否上升不详：总轮数不到它的两倍，或增强在其中有变化，无法判断。"
    ),
    "ECE: expected calibration error, how far the network is surer than right, or less sure. It is measured after the "
    "last epoch or, with --evaluation, with the weights that evaluate.py took.": (
        "ECE：期望校准误差，网络的把握与实际正确率相差多少；用最后一轮之后的权重，"
        "若给出 --evaluation，则用 evaluate.py 所用的权重。"
    ),
    "over images: the difference with the same weights, mean of the paired seeds, and its 95 % interval over the "
    "evaluation images, or over their groups where the data set has a groups.txt. It tells what other images of the "
    "kind may give, as 'over baseline' tells it of other seeds.": (
        "对图像：同样权重下的差异（各配对种子的均值）及其对评估图像（有 groups.txt 时对各组图像）的 95% 区间："
        "换一批同类图像可能怎样；"
        "“相对基线”一栏说的则是换一批种子可能怎样。"
    ),
    "reaches: the first epoch as high as the baseline in the end. overtakes: the epoch from which an arm that is "
    "better stays above it. Both are read from means over the seeds and over the twentieth of the epochs before.": (
        "达到、超越：首次达到基线最终水平的轮次，以及结论为更好的一组从此一直高于基线的轮次；"
        "曲线取各种子的均值，并对此前二十分之一的轮次作平均。"
    ),
    # tables
    "Comparison of runs": "训练结果比较",
    "accuracy, %": "准确率，%",
    "seeds": "种子数",
    "eval": "评估",
    "eval, balanced": "评估，平衡",
    "over baseline": "相对基线",
    "95 % interval": "95% 区间",
    "Holm p": "Holm p",
    "seeds ahead": "领先的种子",
    "verdict": "结论",
    "training": "训练情况",
    "loss eval": "评估损失",
    "loss train, clean": "训练（干净）损失",
    "loss train, as seen": "训练（所见）损失",
    "% train, clean": "训练（干净），%",
    "% train, clean, balanced": "训练（干净），平衡，%",
    "% train, clean, accuracy": "训练（干净），准确率，%",
    "% eval, balanced": "评估，平衡，%",
    "% eval, accuracy": "评估，准确率，%",
    "% train, as seen": "训练（所见），%",
    "gap": "差距",
    "best eval": "最佳评估",
    "course": "过程",
    "ECE": "ECE",
    "reaches": "达到",
    "overtakes": "超越",
    "s per epoch": "每轮秒数",
    "over images": "对图像",
    # figures and pictures
    "Loss": "损失",
    "Accuracy": "准确率",
    "Gap": "差距",
    "loss (cross-entropy)": "损失（交叉熵）",
    "gap, percentage points": "差距，百分点",
    "Evaluation images, never augmented: what counts": "从不增强的评估图像：以此为准",
    "Training images without augmentation": "不作增强的训练图像",
    "Training images as seen: another task in every mode": "所见的训练图像：各模式的任务不同",
    "Training images without augmentation minus evaluation images: the overfitting": (
        "不作增强的训练图像减去评估图像：即过拟合"
    ),
    "Values above {high} are cut off; the highest is {highest}.": "高于 {high} 的值未画出，最高为 {highest}。",
    "epoch (the first is 1)": "轮次（从 1 起）",
    "1 seed": "1 个种子",
    "{count} seeds": "{count} 个种子",
    "{count} unfinished, thin up to ○": "{count} 个未完成，细线至 ○",
    "eval accuracy, %": "评估准确率，%",
    "balanced eval accuracy, %": "平衡评估准确率，%",
    "balanced accuracy, %": "平衡准确率，%",
    "eval loss": "评估损失",
    "gap: train, clean, minus eval, points": "差距：训练（干净）减评估，百分点",
    "accuracy of train, as seen, %": "训练（所见）的准确率，%",
    "Line: mean over the seeds. Band: from the lowest to the highest seed.": (
        "线：各种子的均值；色带：最低到最高的种子。"
    ),
    "Dots: single seeds.": "点：单个种子。",
    "Dots: single seeds. Diamond and bar: mean and 95 % interval. Dark line: no difference.": (
        "点：单个种子；菱形与横条：均值与 95% 区间；深色竖线：没有差异。"
    ),
    "Differences from {label}": "与 {label} 的差异",
    "percentage points over the baseline": "比基线高出的百分点",
    "percentage points over the baseline: worse left of 0, better right of 0": (
        "比基线高出的百分点：0 左侧更差，0 右侧更好"
    ),
    "Accuracy against images per class": "准确率与每类训练图像数",
    "training images per class": "每类训练图像数",
    "Numbers of images in logarithms, all of them one step further.": "图像数为对数刻度，“全部”再往右一格。",
    "all": "全部",
    "seed": "种子",
    "mean": "均值",
    "epoch": "轮次",
    "all epochs": "全部轮次",
    "last {count} epochs": "最后 {count} 轮",
    "means": "仅均值",
    "all seeds": "全部种子",
    "taken for": "被认作",
    "what it was taken for": "被认作",
    "what it is": "实际类别",
    # the page
    "Which augmentation helps on these images?": "哪种数据增强对这些图像有效？",
    "{count} runs": "{count} 次训练",
    "made {time}": "生成于 {time}",
    "reloads itself every {seconds} s": "每 {seconds} 秒自动刷新",
    "points": "个百分点",
    "points, 95 %: {interval}": "个百分点，95%：{interval}",
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
    "key": "键",
    "Marked is what differs from {label}.": "标出的是与 {label} 不同之处。",
    "{count} keys that are the same in all": "各组相同的 {count} 个键",
    "Commands": "命令",
    "Notes": "说明",
    "This page was made by": "本页的生成命令",
    # notes
    "left out: {reason}": "未采用：{reason}",
    "left aside by --arms: {title}: {arms}; p values are not adjusted for them": (
        "因 --arms 未比较：{title}：{arms}；p 值未按它们校正"
    ),
    "no baseline: {title}: several runs or none go by that name; choose one of the table with --baseline": (
        "没有基线：{title}：叫这个名称的不止一组，或一组也没有；请用 --baseline 从表中选一组"
    ),
    "not drawn: {title}: no run has come to epoch {epoch}": "未画图：{title}：没有训练达到第 {epoch} 轮",
    "no differences drawn: {title}: no arm has a seed that makes a pair with the baseline": (
        "未画差异图：{title}：没有一组与基线有可以配对的种子"
    ),
    "The pictures are in English: no installed font can write Chinese; install Noto Sans CJK.": (
        "图片仍为英文：没有安装能显示中文的字体；请安装 Noto Sans CJK。"
    ),
}
