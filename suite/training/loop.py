"""The training loop. It knows no mode: every mode hands it a `Batch`.

Import this only after `backend.start_paddle`: it imports Paddle.
"""

from __future__ import annotations

import math
import time
from functools import partial

import numpy as np
import paddle
import paddle.nn.functional as F  # noqa: N812 (Paddle's own habit)
from tqdm import tqdm

from augment.batch import Augmenter, Batch
from augment.process import prepare_process
from models import predicting
from models.building import build, parameter_count
from models.freezing import Route, freeze, set_training, shortcut
from models.settings import Normalisation
from models.statistics import recalibrate
from models.weights import model_state, restore_training, training_state
from suite.config.schema import Config
from suite.data.batches import batches_of_epoch, prefetch
from suite.data.loading import Data
from suite.errors import NotFinite
from suite.randomness import Purpose, generator
from suite.runs.checkpoints import Checkpoint
from suite.runs.continuing import identity
from suite.runs.curves import CURVES, EVAL, measured
from suite.stopping import stop_here
from suite.training.clock import Clock
from suite.training.optimizer import build_optimizer, learning_rate
from suite.weights.fitting import put_into
from suite.weights.reading import Weights

STEPS_BETWEEN_CHECKS = {"cpu": 1, "gpu": 50}
"""Looking at a loss waits for the device to compute it, which costs nothing on a CPU and much on a GPU."""


class Training:
    """A network, its optimiser, and the curves so far."""

    def __init__(self, config: Config, data: Data, weights: Weights | None = None) -> None:
        """Build everything as it is before the first epoch; `weights` are those that `model.weights` names.

        Raises:
            UserError: when the weights are of another network.
        """
        seed_paddle(config.train.seed, Purpose.WEIGHTS)
        self.config, self.data, self.weights_name = config, data, weights.name if weights else None
        self.model = build(config.model, config.data.image_size, len(data.class_names))
        if weights:
            put_into(self.model, config.model, weights)
        freeze(self.model, config.model.freeze)
        self.optimizer = build_optimizer(config.train, self.model)
        self.scaler = paddle.amp.GradScaler(enable=config.train.amp == "fp16")
        self.clock = Clock()
        prepare_process()
        self.clean = whole = Route(self.model, data.train.images, data.eval.images)
        if config.model.freeze == "body":
            self.clean = shortcut(self.model, data.train.images, data.eval.images, config.model.normalise)
        self.trained = self.clean if config.augment.changes_nothing else whole
        train = config.train
        self.augmenter = Augmenter(config.augment, train.seed, train.epochs, self.trained.train, data.train.labels)
        self.curves: dict[str, list[float]] = {name: [] for name in CURVES}
        self.seconds: list[float] = []  # of each epoch
        self.eval_logits = np.empty((0, 0), np.float32)  # of the latest epoch

    @property
    def epochs_done(self) -> int:
        """The number of whole epochs so far, which is also the next epoch, counted from 0."""
        return len(self.seconds)

    @property
    def latest_is_best(self) -> bool:
        """Whether the latest epoch has a higher evaluation accuracy, in terms of `train.metric`, than all before it."""
        *before, latest = self.curves[EVAL[self.config.train.metric]]
        return all(latest > value for value in before)

    def one_epoch(self) -> None:
        """Train on every image once, measure, and note the results.

        Raises:
            NotFinite: when a loss is not finite.
        """
        began = time.perf_counter()
        epoch, train, how = self.epochs_done, self.config.train, self.config.model.normalise
        now = dict.fromkeys(CURVES, math.nan)  # what is not measured in this epoch
        now["lossTrain"], now["accTrain"] = self._pass_over_batches(epoch)
        with self.clock.measure("evaluation"):
            self._stop_unless_weights_are_finite(epoch)
            if train.recalibrate:
                recalibrate(self.model, self.data.train.images, train.batch_size, how)
            self.eval_logits = predicting.predict(self.clean.network, self.clean.eval, how)
            now |= measured("Eval", self.eval_logits, self.data.eval.labels)
            if epoch + 1 == train.epochs or (epoch + 1) % train.clean_every == 0:
                logits = predicting.predict(self.clean.network, self.clean.train, how)
                now |= measured("TrainClean", logits, self.data.train.labels)

        for name, value in now.items():
            self.curves[name].append(value)
        self.seconds.append(time.perf_counter() - began)

    def _pass_over_batches(self, epoch: int) -> tuple[float, float]:
        """One epoch of steps: mean loss and lambda-weighted accuracy over the images as they were trained on."""
        train, settings, labels = self.config.train, self.config.data, self.data.train.labels
        seed_paddle(train.seed, Purpose.DROPOUT, epoch)
        balance, least = labels if self.config.augment.balance else None, self.config.model.least_batch
        batches = batches_of_epoch(train.seed, epoch, len(labels), train.batch_size, balance, least)
        make = partial(self._make_batch, epoch, batches)
        check_every = STEPS_BETWEEN_CHECKS[self.device.partition(":")[0]]
        sums = np.zeros(2)
        unread: list[paddle.Tensor] = []
        set_training(self.model, self.config.model.freeze)
        made = prefetch(make, len(batches), settings.threads, settings.patience)
        coming = self.clock.waits("input", made)
        for index, batch in enumerate(tqdm(coming, f"epoch {epoch + 1}", len(batches), leave=False, disable=None)):
            stop_here()
            with self.clock.measure("step"):
                self.optimizer.set_lr(learning_rate(train, epoch, index, len(batches)))
                unread.append(self._step(batch))
                if len(unread) == check_every or index + 1 == len(batches):
                    values = paddle.stack(unread).numpy().astype(np.float64)
                    first = index + 1 - len(unread)
                    self._stop_unless_finite(values, epoch, first, batches)
                    sums += values.sum(axis=0)
                    unread.clear()
        loss, hits = sums / len(labels)
        return float(loss), float(hits)

    def _step(self, batch: Batch) -> paddle.Tensor:
        train, how = self.config.train, self.config.model.normalise
        network = self.trained.network
        return train_step(network, self.optimizer, batch, self.scaler, train.amp, train.label_smoothing, how)

    def _make_batch(self, epoch: int, batches: list[np.ndarray], index: int) -> Batch:
        return self.augmenter.batch(epoch, index, batches[index])

    def _stop_unless_finite(self, values: np.ndarray, epoch: int, first: int, batches: list[np.ndarray]) -> None:
        bad = np.flatnonzero(~np.isfinite(values[:, 0]))
        if len(bad):
            index = first + int(bad[0])
            images = ", ".join(self.data.train.paths[sample] for sample in batches[index])
            raise NotFinite(
                f"the loss is not finite in epoch {epoch + 1}, batch {index + 1} of {len(batches)}; "
                f"{_what_now(epoch)}. The images of that batch: {images}"
            )

    def _stop_unless_weights_are_finite(self, epoch: int) -> None:
        """A ReLU turns what is not a number into 0, so the loss of a broken network may look sound."""
        for path, parameter in self.model.named_parameters():
            if not bool(paddle.isfinite(parameter).all()):
                raise NotFinite(f"the weights {path} are not finite after epoch {epoch + 1}; {_what_now(epoch)}")

    @property
    def parameter_count(self) -> int:
        """How many numbers are trained."""
        return parameter_count(self.model)

    @property
    def device(self) -> str:
        """What computes: cpu, or gpu:0."""
        return str(paddle.get_device())

    def weights(self) -> Checkpoint:
        """The network alone, as evaluation needs it."""
        facts = {"model": self.config.model.model_dump(mode="json"), "epochs_done": self.epochs_done}
        return Checkpoint(model_state(self.model), facts)

    def state(self) -> Checkpoint:
        """Everything that a new process needs to go on exactly here."""
        arrays = training_state(self.model, self.optimizer)
        facts = {
            "config": identity(self.config, self.config.train.lr, self.weights_name),
            "model": self.config.model.model_dump(mode="json"),
            "fingerprint": self.data.fingerprint,
            "epochs_done": self.epochs_done,
            "curves": self.curves,
            "seconds": self.seconds,
            "scaler": {name: np.asarray(value).tolist() for name, value in self.scaler.state_dict().items()},
        }
        return Checkpoint(arrays, facts)

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go back to where `state` was taken."""
        restore_training(self.model, self.optimizer, checkpoint.arrays)
        facts = checkpoint.facts
        self.scaler.load_state_dict({name: np.asarray(value) for name, value in facts["scaler"].items()})
        self.seconds = facts["seconds"]
        unmeasured = [math.nan] * self.epochs_done  # by the earlier version that began the run
        self.curves = {name: facts["curves"].get(name, unmeasured.copy()) for name in CURVES}


def _what_now(epoch: int) -> str:
    """What is left, and what helps, after something was not finite in `epoch` (from 0)."""
    left = "the checkpoint of the epoch before is kept, and " if epoch else ""
    return f"{left}a lower train.lr usually helps"


def train_step(
    model: paddle.nn.Layer,
    optimizer: paddle.optimizer.Optimizer,
    batch: Batch,
    scaler: paddle.amp.GradScaler,
    amp: str = "none",
    smoothing: float = 0.0,
    how: Normalisation = "suite",
) -> paddle.Tensor:
    """One step down the gradient; returns [sum of losses, sum of hits] over the batch, still on the device.

    `amp` is none, or on a GPU bf16 or fp16; `scaler` keeps the gradients of fp16 from vanishing. `smoothing` is the
    share of the label that all classes get alike.
    """
    images = predicting.entered(batch.images, how)
    label_a, label_b, lam = (paddle.to_tensor(array) for array in batch[1:])
    with paddle.amp.auto_cast(enable=amp != "none", dtype="bfloat16" if amp == "bf16" else "float16"):
        logits = model(images)
    logits = logits.astype("float32")
    losses = lam * F.cross_entropy(logits, label_a, reduction="none")
    losses += (1 - lam) * F.cross_entropy(logits, label_b, reduction="none")
    if smoothing:
        losses = (1 - smoothing) * losses - smoothing * F.log_softmax(logits).mean(axis=1)
    scaler.scale(losses.mean()).backward()
    scaler.step(optimizer)
    scaler.update()
    optimizer.clear_grad()
    guess = logits.argmax(axis=1)
    hits = lam * (guess == label_a).astype("float32") + (1 - lam) * (guess == label_b).astype("float32")
    return paddle.stack([losses.detach().sum(), hits.sum()])


def seed_paddle(seed: int, purpose: Purpose, epoch: int = 0) -> None:
    """Give Paddle the seed of an address. Its generator is never saved: every epoch begins with a seed of its own."""
    paddle.seed(int(generator(seed, purpose, epoch).integers(2**31)))
