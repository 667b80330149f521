"""The file that people and programs write: nothing in it is lost, whatever is added or taken away."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inkcast.corrections.correction import KINDS, NEEDS, Anchor, Correction
from inkcast.corrections.corrections_file import (
    change_corrections,
    corrections_digest,
    corrections_key,
    read_corrections,
)
from inkcast.errors import CorrectionsError

TYPO = Correction("wording", Anchor("teh", "as good as its", "data,", 9), "the")
UNREAD = Correction("not read", Anchor("None of this."))
BY_HAND = """\
# Mine.

[[correction]]  # the title
kind = "not read"
words = '''
Small
[[correction]]
labs'''

# Said twice,
# I think.
[[correction]]
kind = "starts here"
words = "labs"   # the second
start = 62.5

[[correction]]
kind = "extra speech"
text = ""
start = "1:02.1"
end = "0:01:03,0"
after = "its"
# That is all.
"""

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=20).map(
    lambda text: " ".join(text.split())
)
moments = st.lists(st.integers(-1, 10**9), max_size=4).map(tuple)


@st.composite
def corrections(draw):
    kind = draw(st.sampled_from(KINDS))
    words = "" if kind == "extra speech" else draw(texts.filter(bool))
    at_word = draw(st.none() | st.integers(0, 10**6))
    anchor = Anchor(words, draw(texts), draw(texts), at_word, draw(texts), draw(moments), draw(moments))
    draws = {"text": texts.filter(bool)}
    values = {field: draw(draws.get(field, st.integers(0, 10**8))) for field in NEEDS[kind]}
    return Correction(kind, anchor, **values)


@given(made=st.lists(corrections(), max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_is_read_again(tmp_path, made):
    path = tmp_path / "a.corrections.toml"
    path.unlink(missing_ok=True)
    assert change_corrections(path, made) == tuple(made) == read_corrections(path)
    tomllib.loads(path.read_text(encoding="utf-8"))
    assert change_corrections(path, remove=made) == ()


def test_what_somebody_wrote_stays_as_it_is(tmp_path):
    path = tmp_path / "a.corrections.toml"
    path.write_text(BY_HAND, encoding="utf-8")
    unread, start, extra = read_corrections(path)
    assert unread == Correction("not read", Anchor("Small [[correction]] labs"))
    assert (start.start_ms, extra.start_ms, extra.end_ms) == (62_500, 62_100, 63_000)
    change_corrections(path, [TYPO])
    assert path.read_text(encoding="utf-8").startswith(BY_HAND)
    assert read_corrections(path) == (unread, start, extra, TYPO)
    change_corrections(path, remove=[TYPO])
    assert path.read_text(encoding="utf-8") == BY_HAND
    change_corrections(path, remove=[start])
    rest = (
        BY_HAND[: BY_HAND.index("# Said twice")] + BY_HAND[BY_HAND.index('[[correction]]\nkind = "extra') :]
    )
    assert path.read_text(encoding="utf-8") == rest


def test_the_last_of_equal_entries_is_undone(tmp_path):
    path = tmp_path / "a.corrections.toml"
    change_corrections(path, [TYPO, UNREAD, TYPO])
    assert change_corrections(path, remove=[TYPO]) == (TYPO, UNREAD)
    assert change_corrections(path, remove=[Correction("right", Anchor("nowhere"))]) == (TYPO, UNREAD)


def test_the_digest_is_of_what_is_said(tmp_path):
    path = tmp_path / "a.corrections.toml"
    assert corrections_key(path) == corrections_digest(()) == ""
    change_corrections(path, [TYPO])
    key = corrections_key(path)
    path.write_text("# later\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert corrections_key(path) == key == corrections_digest([TYPO])
    assert corrections_digest([TYPO, UNREAD]) != key


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[[correction]\n", "not TOML"),
        ("[[corection]]\n", "'corection' is unknown"),
        ("correction = 5\n", "'correction' is unknown"),
        ("correction = [5]\n", "correction 1 is no table"),
        ("[[correction]]\nwords = 'a'\n", "has the kind 'None'; choose from not read, read here"),
        ("[[correction]]\nkind = 'not read'\n", "has no words"),
        ("[[correction]]\nkind = 'not read'\nwords = 5\n", "words = 5, which is no text"),
        (
            "[[correction]]\nkind = 'not read'\nwords = 'a'\nstart = 5\n",
            "'start', which “not read” does not know",
        ),
        ("[[correction]]\nkind = 'starts here'\nwords = 'a'\n", "has no start"),
        ("[[correction]]\nkind = 'starts here'\nwords = 'a'\nstart = '1.2.3'\n", "no time such as"),
        ("[[correction]]\nkind = 'starts here'\nwords = 'a'\nstart = nan\n", "no time such as"),
        ("[[correction]]\nkind = 'starts here'\nwords = 'a'\nstart = true\n", "no time such as"),
        ("[[correction]]\nkind = 'said instead'\nwords = 'a'\ntext = ''\n", "an empty text"),
        ("[[correction]]\nkind = 'not read'\nwords = 'a'\nat_word = -1\n", "at_word = -1"),
        ("[[correction]]\nkind = 'not read'\nwords = '" + "a " * 1_001 + "'\n", "more than 2,000 characters"),
        ("[[correction]]\n" * 10_001, "more than 10,000 corrections"),
        ("[[correction]]\nkind = 'not read'\nwords = 'a'\nbefore_ms = [0.5]\n", "no list of milliseconds"),
    ],
)
def test_what_makes_no_sense_is_said_in_one_line_and_not_touched(text, reason, tmp_path):
    path = tmp_path / "a.corrections.toml"
    path.write_text(text, encoding="utf-8")
    for act in (read_corrections, lambda path: change_corrections(path, [TYPO])):
        with pytest.raises(CorrectionsError) as caught:
            act(path)
        assert str(path) in caught.value.message and reason in caught.value.message
        assert "\n" not in str(caught.value)
    assert path.read_text(encoding="utf-8") == text
    assert corrections_key(path)


def test_what_cannot_be_read(tmp_path):
    path = tmp_path / "a.corrections.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(CorrectionsError, match="not UTF-8"):
        read_corrections(path)
    with pytest.raises(CorrectionsError, match="Cannot read"):
        read_corrections(tmp_path)
    path.write_text("correction = [{kind = 'not read', words = 'a'}]")
    assert len(read_corrections(path)) == 1
    with pytest.raises(CorrectionsError, match="another form"):
        change_corrections(path, [TYPO])


KILLED_WHILE_SAVING = """
import os, sys
from pathlib import Path
from inkcast import files
from tests.corrections.test_corrections_file import TYPO, change_corrections
files.os.fsync = lambda descriptor: os.kill(os.getpid(), 9)
change_corrections(Path(sys.argv[1]), [TYPO])
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_a_run_that_is_killed_while_it_saves_loses_nothing(tmp_path):
    path = tmp_path / "a.corrections.toml"
    change_corrections(path, [UNREAD])
    before = path.read_bytes()
    done = subprocess.run([sys.executable, "-c", KILLED_WHILE_SAVING, path], cwd=Path(__file__).parents[2])
    assert done.returncode == -9
    assert path.read_bytes() == before
    assert change_corrections(path, [TYPO]) == (UNREAD, TYPO)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_the_examples_of_the_documentation_make_sense(tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "corrections.md").read_text(encoding="utf-8")
    path = tmp_path / "a.corrections.toml"
    path.write_text("\n".join(re.findall(r"```toml\n(.*?)```", page, re.DOTALL)), encoding="utf-8")
    assert {correction.kind for correction in read_corrections(path)} == set(KINDS)
