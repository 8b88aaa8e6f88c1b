"""What changes around a run: a second process, settings, lists, images, versions."""

from __future__ import annotations

import platform
import re
import shutil

from suite import machine
from suite.errors import RunTaken
from suite.runs.facts import read_facts
from tests.fixtures.facts import change_facts
from tests.reliability.bench import EPOCHS, HALF, Bench, Run


def train_twice_at_once(bench: Bench, mode: str) -> None:
    """Start a run that is being trained already, then kill the first process, whose lock stays behind."""
    run = Run(bench, mode)
    first = run.start(fault="hang 3")
    first.wait_for(f"epoch  3/{EPOCHS}")
    said = run.refuses(code=RunTaken.exit_code)
    who = f"pid {first.process.pid} on {platform.node()} since 20"
    assert f"error: {run.folder}: another process is at work here: {who}" in said
    assert "error: " in run.refuses("--fresh", code=RunTaken.exit_code)
    first.process.kill()
    assert first.end() == 137
    assert who in (run.folder / "run.lock").read_text()
    run.loses_nothing()


def change_the_world(bench: Bench, mode: str) -> None:
    """Change configuration, lists, images, Paddle and threads under a run that was killed half-way."""
    images = bench.new_path()
    shutil.copytree(bench.images, images)
    run = Run(bench, mode, f"data.root={images}")
    assert run.start(fault=f"kill named last.npz {HALF}").end() == 137

    said = run.refuses("train.batch_size=5", "augment.strength=mild")
    assert f"error: {run.folder}: train.batch_size was 4 when this run began and is 5 now" in said
    assert f"error: {run.folder}: augment.strength was 'article' when this run began and is 'mild' now" in said
    train_list = images / "Train.txt"
    text = train_list.read_text()
    first, *others = text.splitlines(keepends=True)
    train_list.write_text("".join(others))
    assert f"error: {run.folder}: no longer there: train {first.strip()} " in run.refuses()
    train_list.write_text("".join([*others, first]))
    assert f"error: {run.folder}: the order of the lists is another" in run.refuses()
    train_list.write_text(text)

    image = images / first.split()[0]
    content = image.read_bytes()
    image.write_bytes(content + b"\n")  # the same pixels, but who is to know
    said = run.refuses()
    for what in ("no longer there", "new"):
        assert re.search(rf"^error: {run.folder}: {what}: train {first.strip()} [0-9a-f]{{64}}$", said, re.M)
    assert "start over with --fresh, or keep both with --name NEW_NAME" in said
    image.write_bytes(content)

    facts = read_facts(run.folder)
    assert facts is not None
    session = facts.sessions[-1].model_dump(mode="json")
    session["versions"]["paddle"] = "2.0.0"
    session["threads"]["paddle"] = 4
    change_facts(run.folder, sessions=[session])
    said = run.loses_nothing()
    now = machine.versions("cpu")["paddle"]
    assert f"warning: paddle 2.0.0, then {now}: plot_curves.py leaves out a run with epochs of both" in said
    assert "warning: Paddle threads was 4 and is 1 now: this run cannot be repeated bit for bit" in said
    facts = read_facts(run.folder)
    assert facts is not None
    assert [session.versions["paddle"] for session in facts.sessions] == ["2.0.0", now]
    assert [session.after_epoch for session in facts.sessions] == [0, HALF]
