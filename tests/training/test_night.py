"""Nights of several runs: what is said of their end, and that they end with whole seeds."""

from __future__ import annotations

import shutil
import sys
from datetime import datetime
from pathlib import Path

import pytest

from suite.errors import RunFailed, UserError
from suite.training import jobs
from suite.training import night as night_module
from suite.training.afterwards import EXIT_CODE, ending_with
from suite.training.forecast import in_parallel, seconds_to_go, standing
from suite.training.lines import time_of_day
from suite.training.night import Night
from tests.fixtures.runs import write_run

EPOCHS = 20
WHOLE = 40.0
"""Seconds of a run by `write_run`: two an epoch."""


def planned(logs: Path, seeds: int) -> dict[Path, int]:
    """Two arms, seed after seed."""
    return {logs / arm / f"seed{seed}": EPOCHS for seed in range(seeds) for arm in ("none", "mixup")}


@pytest.mark.parametrize(("minutes", "begun"), [(0, 1), (2.6, 1), (2.7, 2), (4.1, 3)])
def test_a_night_ends_with_whole_seeds(
    minutes: float, begun: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four seeds of 80 seconds each, in which two arms have 40. The first seed begins in any case."""
    now = [0.0]
    monkeypatch.setattr(night_module, "monotonic", lambda: now[0])
    runs = planned(tmp_path, 4)
    night = Night(runs, 1, minutes)
    admitted = []
    for folder in runs:
        if night.admits(folder):
            admitted.append(folder)
            write_run(folder, seed=int(folder.name[-1]), epochs=EPOCHS)
            now[0] += WHOLE
            night.ends(folder)
    assert admitted == list(runs)[: 2 * begun]
    assert night.left == [f"seed{seed}" for seed in range(begun, 4)]


def test_seeds_that_are_done_already_cost_nothing(tmp_path: Path) -> None:
    """Continued with the same --minutes, the night would otherwise never come to the seeds that are left."""
    runs = planned(tmp_path, 3)
    for folder in [*runs][:4]:
        write_run(folder, seed=int(folder.name[-1]), epochs=EPOCHS)
    night = Night(runs, 1, 2)
    assert all(night.admits(folder) for folder in runs)


def test_the_end_is_foretold_from_the_times_of_the_runs(tmp_path: Path) -> None:
    """Half a run of one arm is left, and a whole one of each: 20 + 40 + 40 seconds."""
    runs = planned(tmp_path, 2)
    first, second, *_ = runs
    assert seconds_to_go([standing(folder, EPOCHS) for folder in runs], 1) is None
    write_run(first, epochs=EPOCHS)
    write_run(second, "mixup", epochs=EPOCHS, done=EPOCHS // 2)
    standings = [standing(folder, EPOCHS) for folder in runs]
    assert seconds_to_go(standings, 1) == WHOLE / 2 + 2 * WHOLE
    assert seconds_to_go(standings, 2) == WHOLE / 2 + WHOLE
    longer = [standing(folder, 2 * EPOCHS) for folder in runs]  # the finished run has its second half to do
    assert seconds_to_go(longer, 1) == WHOLE + 1.5 * WHOLE + 4 * WHOLE
    assert in_parallel([3, 1, 1, 1], 2) == 3


@pytest.mark.parametrize(
    ("hours", "text"), [(9, "06:40"), (30, "Fri 03:40"), (24 * 30, "2026-12-25 21:40")], ids=["night", "days", "month"]
)
def test_a_time_is_told_as_people_tell_it(hours: int, text: str) -> None:
    assert time_of_day(3600 * hours, datetime(2026, 11, 25, 21, 40)) == text


def test_every_start_and_end_tells_how_far_the_night_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first run takes its folder from a run that is there, so that its time is known; the last one fails."""
    runs = dict(list(planned(tmp_path / "logs", 2).items())[:3])
    write_run(tmp_path / "there", epochs=EPOCHS)
    first, second, third = runs
    code = f"import shutil; shutil.copytree({str(tmp_path / 'there')!r}, {str(first)!r})"
    commands = {first: code, second: "pass", third: "raise SystemExit(3)"}
    lines = {folder: [sys.executable, "-c", text] for folder, text in commands.items()}
    assert jobs.run_all(lines, Night(runs, 1)) == 1
    said = capsys.readouterr().out.splitlines()
    assert f"{first} | run 1 of 3" in said
    assert any(line.startswith(f"{first} | done in 0 s; 1 of 3 runs ended, all done about ") for line in said)
    assert any(line.startswith(f"{second} | run 2 of 3, all done about ") for line in said)
    assert f"{third} | failed (exit code 3): ; 3 of 3 runs ended" in said


def test_what_is_left_for_want_of_time_is_no_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--on-finish would take a balanced night for a broken one."""
    runs = planned(tmp_path, 2)
    commands = {folder: [sys.executable, "-c", "pass"] for folder in runs}
    assert jobs.run_all(commands, Night(runs, 1, 0)) == 0
    said = capsys.readouterr().out
    assert said.count("left: its seed would not be done in time") == 2
    assert "left for want of time: seed1; the same command begins them" in said
    assert shutil.disk_usage(tmp_path)  # nothing was written there
    assert not any(tmp_path.iterdir())


# --- --on-finish


def note(place: Path) -> str:
    return f"printf %s ${EXIT_CODE} > '{place}'"


def test_the_command_at_the_end_knows_how_it_ended(tmp_path: Path) -> None:
    """Also after a failure, for a rented machine costs the same then."""
    told = tmp_path / "told"
    assert ending_with(note(told), lambda: 0) == 0 and told.read_text() == "0"
    assert ending_with(note(told), lambda: 1) == 1 and told.read_text() == "1"
    for error, code in ((UserError("x"), "2"), (RunFailed("x"), "1")):

        def fail(error: Exception = error) -> int:
            raise error

        with pytest.raises(type(error)):
            ending_with(note(told), fail)
        assert told.read_text() == code


def test_a_night_that_is_stopped_does_not_end_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C would shut down the machine at which its user is sitting."""
    assert ending_with(note(tmp_path / "told"), lambda: 130) == 130
    assert not (tmp_path / "told").exists()
    assert "not run, for the training was stopped" in capsys.readouterr().out


def test_a_command_at_the_end_that_fails_is_a_sentence(capfd: pytest.CaptureFixture[str]) -> None:
    assert ending_with("exit 7", lambda: 0) == 0
    assert "warning: --on-finish: exit 7: ended with exit code 7" in capfd.readouterr().err
