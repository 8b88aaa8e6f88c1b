"""The loop: its loss, its sums, and that stopping and going on leaves no trace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import paddle
import pytest

from augment.batch import Batch
from models.building import build
from models.settings import VGGConfig
from suite.config.schema import Config
from suite.data.batches import batches_of_epoch
from suite.data.loading import Data, load_data
from suite.errors import RunFailed
from suite.training.loop import Training, train_step
from tests.fixtures.images import make_image_set

UNSCALED = paddle.amp.GradScaler(enable=False)
SMALL: dict[str, Any] = {"name": "vgg", "conv_arch": [[1, 8], [1, 16]], "fc": [16]}


def config(root: Path, mode: str = "none", model: dict[str, Any] | None = None, **train: Any) -> Config:
    return Config.model_validate(
        {
            "model": model or SMALL,
            "augment": {"mode": mode},
            "data": {"root": str(root), "image_size": 16},
            "train": {"epochs": 10, "batch_size": 5, "lr": 1e-3, **train},
        }
    )


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_image_set(tmp_path_factory.mktemp("set") / "images")


@pytest.fixture(scope="module")
def data(root: Path) -> Data:
    return load_data(config(root).data)


def trained(settings: Config, data: Data, epochs: int) -> Training:
    training = Training(settings, data)
    for _ in range(epochs):
        training.one_epoch()
    return training


def assert_same(one: Training, other: Training) -> None:
    a, b = one.state(), other.state()
    assert a.arrays.keys() == b.arrays.keys()
    for name in a.arrays:
        assert a.arrays[name].tobytes() == b.arrays[name].tobytes(), name
    for curve, values in a.facts["curves"].items():
        assert np.array_equal(values, b.facts["curves"][curve], equal_nan=True), curve


class Constant(paddle.nn.Layer):
    """Says the same of every image, so that a loss can be computed by hand."""

    def __init__(self, logits: list[float]) -> None:
        super().__init__()
        self.logits = self.create_parameter(
            [len(logits)], default_initializer=paddle.nn.initializer.Assign(np.float32(logits))
        )

    def forward(self, images: Any) -> Any:
        return self.logits.unsqueeze(0).expand([images.shape[0], -1]) + 0 * images.mean(axis=[1, 2, 3]).unsqueeze(1)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_two_term_loss_is_cross_entropy_with_soft_labels_and_hits_are_weighted(smoothing: float) -> None:
    logits = [0.2, -1.0, 2.0]
    model = Constant(logits)
    batch = Batch(
        np.zeros((2, 4, 4, 3), np.uint8), np.array([2, 0]), np.array([1, 2]), np.array([0.3, 0.8], np.float32)
    )
    optimizer = paddle.optimizer.Adam(parameters=model.parameters())
    loss, hits = train_step(model, optimizer, batch, UNSCALED, smoothing=smoothing).numpy()
    log_p = np.array(logits) - np.log(np.exp(logits).sum())
    soft = (1 - smoothing) * np.array([[0, 0.7, 0.3], [0.8, 0, 0.2]]) + smoothing / 3
    assert loss == pytest.approx(-(soft * log_p).sum(), rel=1e-6)
    assert hits == pytest.approx(0.3 + 0.2)  # class 2 is the guess: it weighs 0.3 in the one, 0.2 in the other


def test_lambda_one_is_plain_training() -> None:
    images = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3), np.uint8)
    labels = np.array([0, 1, 2, 0])
    others = np.array([1, 2, 0, 1])
    weights = []
    for label_b in (labels, others):
        paddle.seed(1)
        model = build(VGGConfig.model_validate(SMALL), 16, 3)
        optimizer = paddle.optimizer.Adam(1e-3, parameters=model.parameters())
        train_step(model, optimizer, Batch(images, labels, label_b, np.ones(4, np.float32)), UNSCALED)
        weights.append([parameter.numpy() for parameter in model.parameters()])
    for one, other in zip(*weights, strict=True):
        assert (one == other).all()


def test_sums_are_weighted_by_sample(root: Path, data: Data) -> None:
    """24 images in batches of 5: the last one has 4. With a learning rate of nearly 0 and no dropout, one epoch of
    training measures what the clean pass measures; a mean of batch means would not."""
    training = trained(config(root, model=SMALL | {"dropout": 0.0}, lr=1e-12), data, 1)
    curves = training.curves
    assert curves["lossTrain"][0] == pytest.approx(curves["lossTrainClean"][0], rel=1e-5)
    assert curves["accTrain"][0] == pytest.approx(curves["accTrainClean"][0])


def test_every_epoch_has_batches_of_its_own(root: Path, data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    """The article's order, and with it who is mixed with whom, was the same in all epochs."""
    training = Training(config(root), data)
    asked: list[tuple[int, int, list[int]]] = []
    batch = training.augmenter.batch

    def noted(epoch: int, index: int, samples: np.ndarray) -> Batch:
        asked.append((epoch, index, samples.tolist()))
        return batch(epoch, index, samples)

    monkeypatch.setattr(training.augmenter, "batch", noted)
    training.one_epoch()
    training.one_epoch()
    assert sorted(asked) == [
        (epoch, index, samples.tolist())
        for epoch in range(2)
        for index, samples in enumerate(batches_of_epoch(0, epoch, count=24, batch_size=5))
    ]


def test_every_epoch_has_dropout_of_its_own(root: Path, data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same units dropped in the same steps of all epochs, or as the weights were drawn, or for every seed."""
    seeds: list[int] = []
    monkeypatch.setattr(paddle, "seed", seeds.append)
    for seed in range(2):
        trained(config(root, seed=seed), data, 2)
    assert len(seeds) == len(set(seeds)) == 6  # the weights and two epochs


def test_it_learns(root: Path, data: Data) -> None:
    training = trained(config(root), data, 10)
    assert training.curves["lossTrain"][-1] < 0.7 * training.curves["lossTrain"][0]
    assert training.curves["accTrainClean"][-1] > 0.9
    assert training.curves["accEval"][-1] > 0.9


def test_clean_pass_every_k_epochs_and_after_the_last(root: Path, data: Data) -> None:
    training = trained(config(root, epochs=5, clean_every=3), data, 5)
    measured = ~np.isnan(training.curves["accTrainClean"])
    assert measured.tolist() == [False, False, True, False, True]
    assert (~np.isnan(training.curves["lossTrainClean"]) == measured).all()


def test_balanced_accuracy_is_measured_in_every_epoch(root: Path, data: Data) -> None:
    """Three of the four evaluation images of one class are left out, so that it is not the plain accuracy."""
    kept = np.r_[0, 4:12]
    evaluation = data.eval._replace(
        images=data.eval.images[kept], labels=data.eval.labels[kept], paths=[data.eval.paths[row] for row in kept]
    )
    training = trained(config(root, epochs=2, clean_every=2), data._replace(eval=evaluation), 2)
    guesses, labels = training.eval_logits.argmax(axis=1), evaluation.labels
    expected = np.mean([np.mean(guesses[labels == label] == label) for label in range(3)])
    assert training.curves["balancedEval"][-1] == pytest.approx(expected)
    assert np.isnan(training.curves["balancedTrainClean"]).tolist() == [True, False]


@pytest.mark.parametrize(("metric", "is_best"), [("accuracy", True), ("balanced", False)])
def test_the_metric_decides_which_epoch_is_best(root: Path, data: Data, metric: str, is_best: bool) -> None:
    training = Training(config(root, metric=metric), data)
    training.curves |= {"accEval": [0.5, 0.6], "balancedEval": [0.5, 0.4]}
    assert training.latest_is_best is is_best


def test_a_run_that_an_earlier_version_began_goes_on(root: Path, data: Data) -> None:
    """Its checkpoint lacks a curve that it did not measure: those epochs are NaN, and the night is not lost."""
    checkpoint = trained(config(root), data, 2).state()
    del checkpoint.facts["curves"]["balancedEval"]
    training = Training(config(root), data)
    training.restore(checkpoint)
    training.one_epoch()
    assert np.isnan(training.curves["balancedEval"]).tolist() == [True, True, False]


def test_modes_of_one_seed_begin_with_the_same_weights(root: Path, data: Data) -> None:
    one, other = (Training(config(root, mode, seed=5), data) for mode in ("none", "mixup"))
    assert_same(one, other)
    different = Training(config(root, seed=6), data)
    name = "model/" + next(path for path, _ in one.model.named_parameters())
    assert (one.state().arrays[name] != different.state().arrays[name]).any()


@pytest.mark.parametrize("mode", ["none", "userDef", "samplePairing", "mixup"])
@pytest.mark.parametrize(
    "train",
    [
        {"optimizer": "adam"},
        {"optimizer": "momentum", "decay": "all"},
        {"optimizer": "adamw", "schedule": "cosine", "warmup": 1.5, "lr_body": 0.3},
    ],
    ids=lambda train: train["optimizer"],
)
def test_resumed_training_equals_straight_training(root: Path, data: Data, mode: str, train: dict[str, Any]) -> None:
    """The second network of this process, and its optimiser, have other names inside Paddle than the first."""
    settings = config(root, mode, weight_decay=1e-3, **train)
    straight = trained(settings, data, 6)
    first_half = trained(settings, data, 3)
    kept = first_half.state()
    paddle.rand([7])  # whatever else the process has drawn meanwhile
    second_half = Training(settings, data)
    second_half.restore(kept)
    while second_half.epochs_done < 6:
        second_half.one_epoch()
    assert_same(straight, second_half)


def test_threads_of_the_loader_change_no_bit(root: Path, data: Data) -> None:
    one, many = (
        config(root, "mixup").model_copy(update={"data": config(root).data.model_copy(update={"threads": threads})})
        for threads in (1, 3)
    )
    assert_same(trained(one, data, 3), trained(many, data, 3))


def test_a_loss_that_is_not_finite_stops_and_names_the_batch(root: Path, data: Data) -> None:
    training = trained(config(root), data, 1)
    last = training.model.parameters()[-1]
    last.set_value(paddle.full(last.shape, float("nan")))
    with pytest.raises(
        RunFailed, match=r"not finite in epoch 2, batch 1 of 5; .* images of that batch: \w+/\d+\.png, "
    ):
        training.one_epoch()
    assert training.epochs_done == 1


def test_weights_that_are_not_finite_stop_even_when_the_loss_is(root: Path, data: Data) -> None:
    training = trained(config(root), data, 1)
    first = training.model.parameters()[0]
    first.set_value(paddle.full(first.shape, float("nan")))
    with pytest.raises(RunFailed, match=r"the weights block_1\S* are not finite after epoch 2"):
        training.one_epoch()


def test_weights_of_another_network_are_refused(root: Path, data: Data) -> None:
    kept = Training(config(root), data).state()
    other = Training(config(root, model=SMALL | {"fc": [32]}), data)
    with pytest.raises(ValueError, match="of another network"):
        other.restore(kept)
