"""Which runs are compared with which, and what their arms are called."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from suite.comparison.groups import baseline_arm, grouped, kept_apart, sweeps
from suite.comparison.predictions import judged_by
from suite.comparison.reading import find_runs
from suite.report.language import ENGLISH
from suite.report.sentences import about
from tests.fixtures.facts import change_facts
from tests.fixtures.runs import only_group, write_article_files, write_evaluation, write_run


def test_runs_of_another_setting_are_another_group(tmp_path: Path) -> None:
    """Comparing across data, size, network or length would credit their effect to the augmentation."""
    write_run(tmp_path / "a" / "seed0")
    write_run(tmp_path / "b" / "seed0", fingerprint="77aa")
    write_run(tmp_path / "c" / "seed0", data={"image_size": 48})
    write_run(tmp_path / "d" / "seed0", data={"images_per_class": 10})
    write_run(tmp_path / "e" / "seed0", model={"width": 0.5})
    write_run(tmp_path / "f" / "seed0", epochs=30)
    write_run(tmp_path / "g" / "seed0", train={"lr": 0.001})
    groups = grouped(find_runs(tmp_path)[0])
    assert len(groups) == len({group.title for group in groups}) == len({group.slug for group in groups}) == 7


def test_the_nearest_group_is_named_with_the_keys_that_differ(tmp_path: Path) -> None:
    """Somebody wonders why two seeds are missing: the answer is the one key, not a list of every other experiment."""
    write_run(tmp_path / "a" / "seed0")
    write_run(tmp_path / "b" / "seed0", epochs=30, data={"image_size": 48}, train={"lr": 0.001})
    write_run(tmp_path / "c" / "seed0", epochs=30, data={"image_size": 48})
    write_run(tmp_path / "d" / "seed0", model={"name": "vgg", "conv_arch": [[1, 8]]})  # plain to see
    write_article_files(tmp_path / "article", "noAug")
    lines = kept_apart(grouped(find_runs(tmp_path)[0]))
    reasons = sorted(line.partition(": they differ in ")[2] for line in lines)
    assert reasons == ["data.image_size, train.epochs, train.lr", "train.lr"]


def test_seed_machine_and_paths_do_not_separate_runs(tmp_path: Path) -> None:
    """The same experiment on another computer, whose images lie elsewhere."""
    write_run(tmp_path / "a" / "seed0", seed=0)
    write_run(
        tmp_path / "a" / "seed1",
        seed=1,
        data={"root": "/elsewhere", "threads": 4},
        train={"device": "cpu", "threads": 2, "clean_every": 5, "amp": "bf16"},
        machine={"device": "gpu:0", "versions": {"paddle": "2.6.2"}, "threads": {"paddle": 2, "loader": 1}},
    )
    (arm,) = only_group(tmp_path).arms
    assert [run.seed for run in arm.runs] == [0, 1]


def test_folds_are_one_group(tmp_path: Path) -> None:
    """Each fold has a fingerprint of its own; taken for another data set, none would be compared with another."""
    for fold in ("f1", "f2", "f3"):
        write_run(tmp_path / f"none-{fold}" / "seed0", fingerprint=fold, pool="all")
        write_run(tmp_path / f"mixup-{fold}" / "seed0", "mixup", fingerprint=fold, pool="all")
    runs, notes = find_runs(tmp_path)
    (group,) = grouped(runs)
    assert notes == [] and group.folds == 3 and "first of 3 folds" in about(group, ENGLISH)
    assert [(arm.label, [run.fold for run in arm.runs]) for arm in group.arms] == [
        ("none", ["f1", "f2", "f3"]),
        ("mixup", ["f1", "f2", "f3"]),
    ]


def test_a_replaced_picture_is_no_fold(tmp_path: Path) -> None:
    """Lists alike, one picture repaired between two nights: the runs saw other images, and are no folds of one set."""
    for mode in ("none", "mixup"):
        for seed, pictures in enumerate(("before", "after")):
            write_run(tmp_path / mode / f"seed{seed}", mode, seed, fingerprint=pictures, pool="p", split="one")
    groups = grouped(find_runs(tmp_path)[0])
    assert [(group.folds, len(group.arms)) for group in groups] == [(1, 2), (1, 2)]
    (line,) = kept_apart(groups)
    assert line.endswith("they differ in data.pictures") and "(pictures " in line


def test_folds_with_lists_of_their_own_stay_one_group(tmp_path: Path) -> None:
    """As train.py writes them today: in every fold another split, and other pictures on either side."""
    for fold in ("f1", "f2"):
        write_run(tmp_path / f"mixup_0.2-{fold}" / "seed0", "mixup", fingerprint=f"{fold}x", pool="p", split=fold)
        folder = tmp_path / f"mixup_0.4-{fold}" / "seed0"
        write_run(folder, "mixup", fingerprint=f"{fold}x", pool="p", split=fold, augment={"alpha": 0.4})
    group = only_group(tmp_path)
    assert group.folds == 2
    assert [arm.label for arm in group.arms] == [
        "mixup_0.2",
        "mixup_0.4",
    ]  # an arm is not called after one of its folds


def test_splits_that_overlap_are_no_folds(tmp_path: Path) -> None:
    """Two random splits evaluate some images twice: counted as folds, these would count as independent."""
    for mode in ("none", "mixup"):
        for split, images in (("one", "abcd"), ("other", "defg")):
            write_run(tmp_path / f"{mode}-{split}" / "seed0", mode, fingerprint=split, pool="p", evaluated_on=images)
    groups = grouped(find_runs(tmp_path)[0])
    assert [(group.folds, len(group.arms)) for group in groups] == [(1, 2), (1, 2)]
    (line,) = kept_apart(groups)
    assert line.endswith("they differ in data.split")


def test_a_split_of_its_own_leaves_the_folds_of_its_images_together(tmp_path: Path) -> None:
    """The folds must not fall apart because of an earlier run on a split of the same images."""
    for place, (split, images) in enumerate((("plain", "abc"), ("f1", "ad"), ("f2", "be"), ("f3", "cf"))):
        for mode in ("none", "mixup"):
            folder = tmp_path / f"{place}-{mode}" / "seed0"
            write_run(folder, mode, fingerprint=split, pool="p", evaluated_on=images)
    groups = grouped(find_runs(tmp_path)[0])
    folds = sorted(sorted({run.fold for arm in group.arms for run in arm.runs}) for group in groups)
    assert folds == [["f1", "f2", "f3"], ["plain"]]


def test_a_fold_whose_images_are_unknown_is_left_out(tmp_path: Path) -> None:
    """One sound data.txt tells for all runs on the same lists; without any, nothing tells whether it is a fold."""
    for fold in ("f1", "f2"):
        for seed in (0, 1):
            write_run(tmp_path / fold / f"seed{seed}", seed=seed, fingerprint=fold, pool="p")
    (tmp_path / "f1" / "seed0" / "data.txt").unlink()
    runs, notes = find_runs(tmp_path)
    assert (len(runs), notes) == (4, [])
    (tmp_path / "f1" / "seed1" / "data.txt").write_text("eval another.png 0 f9\n")
    runs, notes = find_runs(tmp_path)
    assert {run.fold for run in runs} == {"f2"} and len(notes) == 2
    assert notes[0].startswith(f"{tmp_path}/f1/seed0: data.txt is gone or damaged, so nothing tells whether ")


def test_keys_without_effect_do_not_make_arms(tmp_path: Path) -> None:
    """`none` with strength mild would be a second arm, and enlarge the family that Holm corrects for."""
    write_run(tmp_path / "none" / "seed0", "none", 0)
    write_run(tmp_path / "none_mild" / "seed1", "none", 1, augment={"strength": "mild", "alpha": 0.2})
    write_run(tmp_path / "mixup" / "seed0", "mixup", 0)
    write_run(tmp_path / "mixup_sample" / "seed0", "mixup", 0, augment={"lam": "sample"})
    assert [len(arm.runs) for arm in only_group(tmp_path).arms] == [2, 1, 1]


def test_two_sets_with_the_same_file_names_are_not_folds(tmp_path: Path) -> None:
    """photos/cat/1.jpg and photos_cropped/cat/1.jpg: paths and labels, and so the pool, are the same."""
    for name in ("photos", "photos_cropped"):
        change_facts(write_run(tmp_path / name / "seed0", fingerprint=name, pool="all"), data={"name": name})
    assert len(grouped(find_runs(tmp_path)[0])) == 2


def test_sweeps_join_groups_that_differ_in_images_per_class(tmp_path: Path) -> None:
    """By number, with all of them last; another pool, epochs or a lone group is no step of it."""
    for count in (10, 5, None):
        write_run(tmp_path / f"{count}" / "seed0", fingerprint=f"{count}", pool="p", data={"images_per_class": count})
    write_run(tmp_path / "other_pool" / "seed0", pool="q", data={"images_per_class": 25})
    write_run(tmp_path / "longer" / "seed0", pool="p", epochs=30, data={"images_per_class": 25})
    groups = grouped(find_runs(tmp_path)[0])
    (sweep,) = sweeps(groups)
    assert [count for count, _ in sweep.steps] == [5, 10, None]
    assert [dict(group.setting)["data.images_per_class"] for _, group in sweep.steps] == [5, 10, None]
    assert sweep.places == pytest.approx([math.log(5), math.log(10), math.log(20)])
    assert sweep.title == "googlenet on emoji16, 32 px, 20 epochs"
    assert any("images_per_class all" in group.title for group in groups)
    assert sweep.slug not in {group.slug for group in groups}


def test_titles_and_folder_names(tmp_path: Path) -> None:
    """Readable while unique; groups that would share a name say in what they differ, and get folders of their own."""
    write_run(tmp_path / "a" / "seed0")
    assert only_group(tmp_path).title == "googlenet on emoji16, 32 px, 20 epochs"
    assert only_group(tmp_path).slug == "googlenet-emoji16-32px-20ep"
    write_run(tmp_path / "b" / "seed0", model={"width": 0.5})
    groups = grouped(find_runs(tmp_path)[0])
    assert {group.title.removeprefix("googlenet on emoji16, 32 px, 20 epochs ") for group in groups} == {
        "(width 1.0)",
        "(width 0.5)",
    }
    assert all(group.slug.startswith("googlenet-emoji16-32px-20ep-") for group in groups)


def test_arms_are_named_after_what_tells_them_apart(tmp_path: Path) -> None:
    """Two mixup arms called `mixup` could not be told apart, and one arm must not take the other's seeds."""
    write_run(tmp_path / "x" / "vgg_mixup" / "seed0", "mixup", 0)
    write_run(tmp_path / "x" / "vgg_mixup" / "seed1", "mixup", 1)
    write_run(tmp_path / "x" / "vgg_mixup02" / "seed0", "mixup", 0, augment={"alpha": 0.2})
    write_run(tmp_path / "x" / "vgg_none" / "seed0", "none", 0)
    arms = only_group(tmp_path).arms
    assert [(arm.label, len(arm.runs)) for arm in arms] == [("none", 1), ("vgg_mixup", 2), ("vgg_mixup02", 1)]


def test_arms_of_one_mode_may_have_its_name_for_one_of_them(tmp_path: Path) -> None:
    """As in configs/studies/mixing.yaml: the article's SamplePairing, and pairing without operations."""
    write_run(tmp_path / "samplePairing" / "seed0", "samplePairing")
    write_run(tmp_path / "pairing_alone" / "seed0", "samplePairing", augment={"operations": "none"})
    group = only_group(tmp_path)
    assert [arm.label for arm in group.arms] == ["pairing_alone", "samplePairing"]
    assert baseline_arm(group, "samplePairing") is group.arms[1]


def test_a_folder_that_is_called_like_a_mode_does_not_take_its_name(tmp_path: Path) -> None:
    """Folders called none and userDef that hold mixup: two arms called none, and mixup as the default baseline."""
    write_run(tmp_path / "vgg_none" / "seed0", "none")
    write_run(tmp_path / "none" / "seed0", "mixup")
    write_run(tmp_path / "userDef" / "seed0", "mixup", augment={"alpha": 0.2})
    group = only_group(tmp_path)
    assert [arm.label for arm in group.arms] == ["none", str(tmp_path / "none"), str(tmp_path / "userDef")]
    baseline = baseline_arm(group, "none")
    assert baseline is not None and baseline.mode == "none" and baseline_arm(group, "userDef") is None


def test_an_arm_of_a_sweep_is_not_called_after_one_of_its_steps(tmp_path: Path) -> None:
    for count in (10, 40):
        for alpha in (0.2, 0.4):
            folder = tmp_path / f"mixup_{alpha}-images_per_class_{count}" / "seed0"
            write_run(folder, "mixup", pool="p", augment={"alpha": alpha}, data={"images_per_class": count})
    groups = grouped(find_runs(tmp_path)[0])
    (sweep,) = sweeps(groups)
    assert [arm.label for arm in sweep.arms] == ["mixup_0.2", "mixup_0.4"]
    assert kept_apart(groups) == []  # the steps of a sweep stand in its picture


def test_one_config_folder_may_hold_two_arms(tmp_path: Path) -> None:
    """`--set augment.alpha=0.2 --seed 1` lands beside a seed 0 of alpha 1.5: these are not two seeds of one arm."""
    write_run(tmp_path / "vgg_mixup" / "seed0", "mixup", 0)
    write_run(tmp_path / "vgg_mixup" / "seed1", "mixup", 1, augment={"alpha": 0.2})
    first, second = only_group(tmp_path).arms
    assert first.label.endswith("seed0") and second.label.endswith("seed1")


def test_baseline_by_mode_or_label(tmp_path: Path) -> None:
    """A mode that two arms share names neither of them."""
    write_run(tmp_path / "weak" / "seed0", "mixup", augment={"alpha": 0.2})
    write_run(tmp_path / "strong" / "seed0", "mixup")
    write_run(tmp_path / "plain" / "seed0", "none")
    group = only_group(tmp_path)
    assert baseline_arm(group, "mixup") is None
    weak, plain = baseline_arm(group, "weak"), baseline_arm(group, "none")
    assert weak is not None and weak.mode == "mixup"
    assert plain is not None and plain.label == "none"


def test_runs_judged_on_other_images_are_another_group(tmp_path: Path) -> None:
    """A list that was changed between two evaluations would credit its effect to the augmentation."""
    logits = np.eye(16)[[0, 1, 0, 0, 2, 0]]
    for seed, digests in enumerate(("abcdef", "abcdef", "abcdeg")):
        write_evaluation(write_run(tmp_path / f"seed{seed}", seed=seed), logits, digests)
    judged, notes = judged_by(find_runs(tmp_path)[0], "evaluation-Test-last")
    groups = grouped(judged)
    assert notes == [] and [len(group.arms[0].runs) for group in groups] == [2, 1]
    assert len({group.title for group in groups}) == 2 and groups[0].images == (640, 6, 16)
    assert len(kept_apart(groups)) == 1 and "evaluation.images" in kept_apart(groups)[0]


def test_article_files_of_another_length_are_another_group(tmp_path: Path) -> None:
    """The last ten of 100 epochs say nothing against the last ten of 500."""
    write_article_files(tmp_path, "noAug", epochs=100)
    write_article_files(tmp_path, "mixupAug", epochs=500)
    assert len(grouped(find_runs(tmp_path)[0])) == 2
