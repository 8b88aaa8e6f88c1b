"""Both lists of a run as arrays: everything is read, checked and decoded once, before epoch 0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from suite.config.schema import DataConfig
from suite.data.cache import open_cache
from suite.data.decoding import ImageSet, decode
from suite.data.depth import refuse_unknown_white
from suite.data.groups import groups_of
from suite.data.lists import Lists, check_lists, find_root, image_folder
from suite.errors import UserError, shortened
from suite.files import fingerprint


class Data(NamedTuple):
    """What a run trains and evaluates on."""

    train: ImageSet
    eval: ImageSet
    class_names: list[str]
    listing: str  # a line `side path label digest` for every image that is used
    pool: str  # sixteen digits, the same for all folds and all `images_per_class` of one set of labelled images
    split: str  # sixteen digits, the same for all `images_per_class` of one pair of lists, but not for other folds

    @property
    def fingerprint(self) -> str:
        """Sixteen digits that change with the lists, the labels and the bytes of the images."""
        return fingerprint(self.listing.encode())


def load_data(config: DataConfig) -> Data:
    """Read, check and decode the training and the evaluation list.

    Raises:
        UserError: with a line for every problem in the lists, or every image that cannot be read.
    """
    lists = check_lists(config)
    cache = open_cache(config.cache, find_root(config.root), config.image_size, config.white)
    both = {lists.train_file: lists.train, lists.eval_file: lists.eval}
    (train_set, train_digests), (eval_set, eval_digests) = decode(both, config, cache)
    eval_set = eval_set._replace(groups=groups_of(lists.eval_file, eval_set.paths))
    folders = {list_file: image_folder(config, list_file) for list_file in both}
    files = [folders[list_file] / sample.path for list_file, samples in both.items() for sample in samples]
    refuse_unknown_white(files, config.white)
    _refuse_copies(lists, train_digests, eval_digests)
    listing = "".join(
        f"{side} {sample.path} {sample.label} {digest}\n"
        for side, samples, digests in (("train", lists.train, train_digests), ("eval", lists.eval, eval_digests))
        for sample, digest in zip(samples, digests, strict=True)
    )
    return Data(train_set, eval_set, lists.class_names, listing, lists.pool, lists.split)


def _refuse_copies(lists: Lists, train_digests: Sequence[str], eval_digests: Sequence[str]) -> None:
    """No evaluation image may be a byte-identical copy of a training image: accuracy on it would mean nothing."""
    trained = dict(zip(train_digests, lists.train, strict=True))
    problems = [
        f"{lists.eval_file}:{sample.line}: {sample.path} is a copy of {trained[digest].path} "
        f"({lists.train_file.name}, line {trained[digest].line}); prepare_data.py keeps copies on one side"
        for sample, digest in zip(lists.eval, eval_digests, strict=True)
        if digest in trained
    ]
    if problems:
        raise UserError(shortened(problems))
