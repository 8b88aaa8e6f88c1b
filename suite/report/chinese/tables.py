"""Tables, and what their columns mean, in Chinese."""

# ruff: noqa: RUF001 (Chinese has commas and colons of its own)

from __future__ import annotations

TABLES = {
    # what the columns mean
    "Numbers are means over the epochs named and over the finished seeds, ± standard deviation over the seeds. A run "
    "that is not finished has a line of its own, with its last epochs so far. It is not compared.": (
        "数值是所列各轮、所有已完成种子的均值，± 是种子之间的标准差。未完成的训练单独成行，取目前最后几轮，不参与比较。"
    ),
    "over baseline: percentage points of eval accuracy, paired by seed, with the 95 % interval of the mean over seeds. "
    "p: sign-flip test, adjusted by Holm for all comparisons of the group; declared claims are adjusted among "
    "themselves alone. A difference is claimed when p is below {level} and the interval leaves out 0.": (
        "相对基线：评估准确率之差，单位为百分点，按种子配对，附均值的 95 % 置信区间。"
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
        "欠拟合：训练（干净）不到从瞎猜到 100 % 的 {share}。总猜最大类得到它所占的比例，平衡准确率则为 1 / 类数。"
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
        "对图像：同样权重下的差异（各配对种子的均值）及其对评估图像（有 groups.txt 时对各组图像）的 95 % 区间："
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
    "95 % interval": "95 % 区间",
    "Holm p": "Holm p",
    "seeds ahead": "领先的种子",
    "verdict": "结论",
    "training": "训练情况",
    "loss eval": "评估损失",
    "loss train, clean": "训练（干净）损失",
    "loss train, as seen": "训练（所见）损失",
    "train, clean, %": "训练（干净），%",
    "train, clean, balanced, %": "训练（干净），平衡，%",
    "train, clean, accuracy, %": "训练（干净），准确率，%",
    "eval, balanced, %": "评估，平衡，%",
    "eval, accuracy, %": "评估，准确率，%",
    "train, as seen, %": "训练（所见），%",
    "gap": "差距",
    "best eval": "最佳评估",
    "course": "过程",
    "ECE": "ECE",
    "reaches": "达到",
    "overtakes": "超越",
    "s per epoch": "每轮秒数",
    "over images": "对图像",
}
