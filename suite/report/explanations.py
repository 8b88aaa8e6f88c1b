"""What stands below the numbers of a comparison, the same for all."""

from __future__ import annotations

from suite.comparison.course import RISING_ABOVE, trend_window
from suite.comparison.differences import LEVEL
from suite.comparison.rows import FITTED_SHARE
from suite.percent import per_cent
from suite.report.language import Say


def explanations(say: Say) -> list[str]:
    """What the columns of the tables mean, and what the verdicts are about."""
    return [
        say(
            "Numbers are means over the epochs named and over the finished seeds, ± standard deviation over the seeds. "
            "A run that is not finished has a line of its own, with its last epochs so far. It is not compared."
        ),
        say(
            "over baseline: percentage points of eval accuracy, paired by seed, with the 95 % interval of the mean "
            "over seeds. p: sign-flip test, adjusted by Holm for all comparisons of the group; declared claims are "
            "adjusted among themselves alone. A difference is claimed when p is below {level} and the interval leaves "
            "out 0.",
            level=LEVEL,
        ),
        say(
            "Seeds vary the initial weights, the order and the augmentation, not the images. A verdict is about these "
            "training and evaluation images. Folds widen it."
        ),
        say(
            "balanced: the mean of the accuracies within the classes, so that every class counts the same. "
            "train.metric says which accuracy decides; eval, train, clean, gap and best eval are that one."
        ),
        say(
            "best eval: the best single epoch. It is chosen on the evaluation images themselves and therefore a little "
            "too high."
        ),
        say(
            "train, as seen: the training images as the network saw them, augmented or mixed (then weighted by "
            "lambda), another task in every mode. train, clean: without augmentation. gap: train, clean, minus eval, "
            "where both were measured."
        ),
        say(
            "under-fitted: train, clean is below {share} of the way from guessing to 100 %. To guess the largest class "
            "gives its share, or a balanced accuracy of 1 / classes. The network does not know its own training images "
            "yet, so a small gap is no success, and longer training may change its place.",
            share=per_cent(FITTED_SHARE, 0),
        ),
        say(
            "rising: within the last tenth of the epochs, but at least {least}, eval accuracy grows by more than its "
            "noise, and faster than {points} point a tenth. rising?: cannot be told. The run has fewer than twice as "
            "many epochs, or its augmentation changes within them.",
            least=trend_window(1),
            points=f"{100 * RISING_ABOVE:.0f}",
        ),
        say(
            "ECE: expected calibration error, how far the network is surer than right, or less sure. It is measured "
            "after the last epoch or, with --evaluation, with the weights that evaluate.py took."
        ),
        say(
            "over images: the difference with the same weights, mean of the paired seeds, and its 95 % interval over "
            "the evaluation images, or over their groups where the data set has a groups.txt. It tells what other "
            "images of the kind may give, as 'over baseline' tells it of other seeds."
        ),
        say(
            "reaches: the first epoch as high as the baseline in the end. overtakes: the epoch from which an arm that "
            "is better stays above it. Both are read from means over the seeds and over the twentieth of the epochs "
            "before."
        ),
    ]
