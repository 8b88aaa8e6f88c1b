"""Figures, the page and its notes, in Chinese."""

# ruff: noqa: RUF001 (Chinese has commas and colons of its own)

from __future__ import annotations

PAGE = {
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
    "At most two bands are drawn, here of {arms}.": "色带至多画两组，此处为：{arms}。",
    "Dots: single seeds.": "点：单个种子。",
    "Dots: single seeds. Diamond and bar: mean and 95 % interval. Dark line: no difference.": (
        "点：单个种子；菱形与横条：均值与 95 % 区间；深色竖线：没有差异。"
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
    "points, 95 %: {interval}": "个百分点，95 %：{interval}",
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
    "The same training images in every row, in epoch {epoch} with seed {seed}. Below each: the label that the loss "
    "counts, then the image that was mixed into it and its share.": (
        "各行是同一批训练图像，第 {epoch} 轮，种子 {seed}。每张图下：损失所计的标签，然后是混入的图像及其比例。"
    ),
    "the images themselves": "原图",
    "with {share} of {partner}": "混入 {share} 的 {partner}",
    "Not shown: {why}": "未显示：{why}",
    "Configurations side by side": "配置对照",
    "key": "键",
    "Marked is what differs from {label}.": "标出的是与 {label} 不同之处。",
    "{count} keys that are the same in all": "各组相同的 {count} 个键",
    "Commands": "命令",
    "Notes": "说明",
    "This page was made by": "本页的生成命令",
    # text alternatives and downloads
    "Save as CSV": "存为 CSV",
    "quantity": "量",
    "line": "曲线",
    "value": "数值",
    "Range over the seeds, of two at most:": "种子间的范围（至多两组）：",
    "The numbers of this figure": "此图的数值",
    "points over the baseline": "比基线高出的百分点",
    "{mean} ({low} to {high})": "{mean}（{low} 至 {high}）",
    "eval accuracy, % in epoch": "评估准确率，%，轮次",
    "most frequent mistakes": "最常见的错误",
    "images": "图像数",
    "share of the class": "占该类的比例",
    # notes
    "{title}: to train all arms longer, where the runs are:{commands}": "{title}：要让各组在原处训练更久：{commands}",
    "{title}: to train all arms longer, from the start and in another folder, for what was done so far depends on the "
    "number of epochs, or the code has changed since:{commands}": (
        "{title}：要让各组训练更久，须在另一文件夹从头开始，因为已有的结果取决于总轮数，或者代码已经改变：{commands}"
    ),
    "and {count} more commands like these": "还有 {count} 条类似的命令",
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
