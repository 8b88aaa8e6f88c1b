"""Names in pictures, whatever fonts a machine has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from suite import lettering


@pytest.fixture
def latin_only(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine with matplotlib's own font alone, which has no note on its screen yet."""
    monkeypatch.setattr(lettering, "FONTS", ())
    lettering.known_characters.cache_clear()
    lettering._advise.cache_clear()
    yield
    lettering.known_characters.cache_clear()


@pytest.mark.usefixtures("latin_only")
def test_a_name_loses_one_character_and_not_itself() -> None:
    """An emoji made `class 0` of a whole name. A tone of skin, a style or a joined emoji is no character of its own."""
    names = ("🐈 cat", "👍🏽 up", "👩\u200d🚀 astronaut", "cat 🐈\ufe0f", "plain")
    assert lettering.class_labels(names) == ("□ cat", "□ up", "□ astronaut", "cat □", "plain")


@pytest.mark.usefixtures("latin_only")
def test_classes_stay_apart() -> None:
    """Without their emoji, these names would be equal or empty."""
    assert lettering.class_labels(("🐈1", "🐕1", "🦊", "fox")) == ("class 0", "class 1", "class 2", "fox")


@pytest.mark.usefixtures("latin_only")
def test_the_note_names_the_font_that_helps_once(capsys: pytest.CaptureFixture[str]) -> None:
    """A reader who is told to install a Chinese font for an emoji installs it in vain."""
    for text in ("🐈 cat", "🐕 dog", "猫", "ねこ", "고양이", "แมว", "\U00012000"):
        lettering.writable(text)
    notes = capsys.readouterr().out.splitlines()
    fonts = [note.rpartition("install ")[2] for note in notes if "; install" in note]
    assert fonts == ["Noto Emoji or Symbola", "Noto Sans CJK", "Noto Sans Thai"]
    assert len(notes) == 4  # no font is known for cuneiform, and the boxes are explained all the same


def test_a_font_that_was_just_installed_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """matplotlib keeps a list of fonts from its first run: who installed one on our advice saw boxes as before."""
    from matplotlib import font_manager

    file, added = "/fonts/NotoSansCJK-Regular.ttc", list[str]()
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [file])
    monkeypatch.setattr(font_manager.fontManager, "addfont", added.append)
    lettering._font_names.cache_clear()
    lettering.installed_fonts()
    assert added == [file]
    lettering._font_names.cache_clear()
