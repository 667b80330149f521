"""A library against its catalogue: every kind of damage is found, and only what it hit is made again."""

import ast
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import filelock
import pytest
from click.testing import CliRunner

from inkcast.cli.app import inkcast
from inkcast.library.store.catalogue import Catalogue
from inkcast.library.store.schema import VERSION
from tests.support.shows import Ears, write_show

LIBRARY = Path("library")
CATALOGUE = LIBRARY / "catalogue.sqlite"
STEM = "2026-05-13 Trains"
FOLDER = LIBRARY / "Slow ways" / STEM
STEP_OF = {
    ".wav": "download",
    ".essay.json": "essay",
    ".transcript.json": "transcribe",
    ".alignment.json": "align",
    ".html": "publish",
    ".vtt": "publish",
    ".srt": "publish",
    ".tsv": "publish",
    ".txt": "publish",
}


@pytest.fixture(scope="module")
def model_library(tmp_path_factory):
    """Two finished episodes, made once."""
    home = tmp_path_factory.mktemp("home")
    write_show(home / "show")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(home)
        use_ears(patched)
        result = run("sync", home / "show" / "feed.xml")
        assert result.exit_code == 0, result.output
    return home


@pytest.fixture(autouse=True)
def show(model_library, tmp_path, monkeypatch):
    """The feed of a library in this folder, a faithful copy."""
    shutil.copytree(model_library / "library", tmp_path / "library")
    monkeypatch.chdir(tmp_path)
    use_ears(monkeypatch)
    return model_library / "show" / "feed.xml"


def use_ears(patched):
    patched.setattr("platformdirs.user_config_path", lambda name: Path("config"))
    patched.setattr("inkcast.cli.libraries.sync.lazy_transcriber", lambda: Ears())


def run(*args):
    arguments = [*map(str, args), "--library", str(LIBRARY)]
    return CliRunner().invoke(inkcast, arguments, prog_name="inkcast")


def check(*args):
    """Exit status and problems."""
    result = run("library", "check", "--json", *args)
    return result.exit_code, json.loads(result.stdout)["problems"]


def steps(guid="trains"):
    with Catalogue(CATALOGUE, in_memory=True) as catalogue:
        return catalogue.steps(catalogue.feeds()[0], guid)


def redone(before, after):
    """Whatever is written again has another date."""
    return {step for step in after if after[step].files != before[step].files}


def contents(folder=LIBRARY):
    """Every file's bytes but the catalogue's."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith("catalogue.")
    }


def snapshot():
    """All that a change would change."""
    return {
        path: (path.stat().st_mtime_ns, path.is_file() and path.read_bytes())
        for path in LIBRARY.rglob("*")
        if path.name != "catalogue.lock"
    }


def with_same_date(path, act):
    date = path.stat().st_mtime_ns
    act(path)
    os.utime(path, ns=(date, date))


def flip(path):
    """One bit in the middle, as a disk loses it."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def halve(path):
    """The first half, as a copy that was interrupted leaves it."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


# --- files ---


def test_a_library_as_sync_leaves_it_has_no_problem():
    result = run("library", "check")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "18 files of 2 episodes checked: 0 problems.\n"
    assert check("--repair") == (0, [])


DAMAGE = {
    "gone": ("missing", lambda path: path.unlink(), False),
    "a flipped bit": ("damaged", lambda path: with_same_date(path, flip), False),
    "cut off": ("damaged", halve, True),
    "empty": ("damaged", lambda path: path.write_bytes(b""), True),
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("suffix", STEP_OF)
def test_each_kind_of_file_is_missed_and_only_its_step_is_done_again(suffix, damage, show):
    kind, act, is_kept = DAMAGE[damage]
    whole, before = contents(), steps()
    path = FOLDER / f"{STEM}{suffix}"
    act(path)
    broken = path.read_bytes() if path.exists() else None

    status, problems = check()
    assert status == 1
    ((found),) = problems
    assert (found["kind"], found["path"], found["step"], found["guid"], found["repair"]) == (
        *(kind, f"Slow ways/{STEM}/{STEM}{suffix}", STEP_OF[suffix], "trains"),
        "",
    )
    status, problems = check("--repair")
    assert status == 0
    assert "The next sync makes it again." in problems[0]["repair"]

    result = run("sync", show, "--json")
    assert result.exit_code == 0
    assert [one["state"] for one in json.loads(result.stdout)["episodes"]] == ["unchanged", "done"]
    assert redone(before, steps()) == {STEP_OF[suffix]}
    assert check() == (0, [])
    after = contents()
    aside = path.with_name(f"{path.stem}.edited{path.suffix}")
    assert after.pop(aside.relative_to(LIBRARY).as_posix(), None) == (broken if is_kept else None)
    assert after == whole


def test_a_problem_is_one_line_that_says_what_was_done():
    (FOLDER / f"{STEM}.srt").unlink()
    halve(FOLDER / f"{STEM}.alignment.json")
    result = run("library", "check", "--repair")
    first, second = result.stdout.splitlines()
    place = Path("Slow ways", STEM, STEM)
    assert first.startswith(
        f"{place}.alignment.json: cannot be read: not a valid alignment (JSONDecodeError: "
    )
    assert first.endswith(
        f". The present file was kept as {STEM}.alignment.edited.json. The next sync makes it again."
    )
    assert second == f"{place}.srt: is missing. The next sync makes it again."
    assert result.stderr == "18 files of 2 episodes checked: 2 problems, 0 left.\n"


def test_what_was_kept_is_kept_once():
    halve(FOLDER / f"{STEM}.srt")
    for _ in range(2):
        check("--repair")
    assert len(list(FOLDER.glob("*.edited*"))) == 1
    (FOLDER / f"{STEM}.srt").write_text("something else")
    check("--repair")
    assert sorted(path.name for path in FOLDER.glob("*.edited*")) == [
        f"{STEM}.edited-2.srt",
        f"{STEM}.edited.srt",
    ]


@pytest.mark.parametrize(
    ("suffix", "old", "new", "expected"),
    [
        (".transcript.json", " weak,", " week,", {"transcribe", "align", "publish"}),
        (".essay.json", "weak", "meek", {"essay", "align", "publish"}),
    ],
)
@pytest.mark.parametrize("mend", [(), ("--repair",)], ids=["sync alone", "repair first"])
def test_a_correction_is_never_taken_for_damage(mend, suffix, old, new, expected, show):
    path = FOLDER / f"{STEM}{suffix}"
    text = path.read_text(encoding="utf-8")
    assert old in text
    corrected = text.replace(old, new)
    path.write_text(corrected, encoding="utf-8")
    before = steps()
    status, (problem,) = check()
    assert (status, problem["kind"]) == (1, "corrected")
    if mend:
        status, (problem,) = check(*mend)
        assert (status, problem["repair"]) == (0, "The correction was recorded.")
        assert check() == (0, [])
    run("sync", show)
    assert path.read_text(encoding="utf-8") == corrected or suffix == ".essay.json"
    if suffix == ".essay.json":
        assert new in path.read_text(encoding="utf-8")
    assert redone(before, steps()) == expected
    assert check() == (0, [])


def test_new_dates_are_no_damage_and_are_hashed_once(show, monkeypatch):
    """As ``cp -r`` leaves a library."""
    for path in LIBRARY.rglob("*"):
        os.utime(path, ns=(10**18, 10**18))
    whole = contents()
    assert check() == (0, [])
    assert run("sync", show).stderr == "0 done, 2 unchanged.\n"
    assert {file.mtime_ns for step in steps().values() for file in step.files} == {10**18}
    assert contents() == whole
    monkeypatch.setattr("inkcast.library.store.record.sha256_of", None)
    assert run("sync", show).stderr == "0 done, 2 unchanged.\n"


def test_a_half_copied_library_is_completed_by_a_sync_and_a_repair(show):
    """A copy that was interrupted: one file cut off, the episode after it not there, the catalogue whole."""
    whole, before = contents(), steps()
    halve(FOLDER / f"{STEM}.wav")
    shutil.rmtree(FOLDER.with_name("2026-05-20 Boats"))
    kinds = [(one["kind"], one["guid"]) for one in check()[1]]
    assert kinds.count(("damaged", "trains")) == 1
    assert kinds.count(("missing", "boats")) == 9
    assert run("sync", show).stderr.endswith("2 done, 0 unchanged.\n")
    assert redone(before, steps()) == {"download"}
    assert contents() == whole
    assert check() == (0, [])


def test_a_recording_that_was_tagged_is_not_fetched_again(show):
    """It is heard again, as it is another one for all that we know."""
    path = FOLDER / f"{STEM}.wav"
    tagged = path.read_bytes() + b"LIST\x04\0\0\0INFO"
    path.write_bytes(tagged)
    assert run("sync", show).exit_code == 0
    assert path.read_bytes() == tagged


# --- what lies about ---


def test_what_killed_runs_left_is_found_and_what_goes_on_is_not(show):
    old = (10**18, 10**18)
    leftovers = [
        FOLDER / ".0123456789ab.part",
        FOLDER / f"{STEM}.wav.part",
        FOLDER / f"{STEM}.wav.part.json",
        FOLDER / f"{STEM}.wav.lock",
        FOLDER / f"{STEM}.partial.jsonl",
        LIBRARY / "catalogue.sqlite.new",
        LIBRARY / ".0123456789ab.part",
    ]
    for path in leftovers:
        path.write_bytes(b"half")
        os.utime(path, ns=old)
    others = LIBRARY / "Slow ways" / "2026-05-20 Boats"
    kept = [
        others / "2026-05-20 Boats.wav.part",
        others / "2026-05-20 Boats.partial.jsonl",
        others / "notes.part",
        others / "Cover.jpg",
        LIBRARY / "README.txt",
    ]
    for path in kept:
        path.write_bytes(b"newer than what it is to become")
    status, problems = check()
    assert status == 1
    assert {(one["kind"], one["path"]) for one in problems} == {
        ("left over", path.relative_to(LIBRARY).as_posix()) for path in leftovers
    }
    assert check("--repair")[0] == 0
    assert not any(path.exists() for path in leftovers)
    assert all(path.exists() for path in kept)
    assert check() == (0, [])


def test_an_episode_that_the_catalogue_does_not_know_is_taken_in(show):
    with sqlite3.connect(CATALOGUE) as db:
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("DELETE FROM episodes WHERE guid = 'trains'")
    db.close()
    before = contents()
    (FOLDER / f"{STEM}.vtt").unlink()  # looked at as well
    status, (problem,) = check()
    assert (status, problem["kind"], problem["path"]) == (1, "unknown", f"Slow ways/{STEM}")
    status, problems = check("--repair")
    assert status == 0
    assert [(one["kind"], one["repair"]) for one in problems] == [
        ("unknown", "It was added to the catalogue."),
        ("missing", "The next sync makes it again."),
    ]
    assert run("sync", show).exit_code == 0
    assert contents() == before


def test_a_whole_feed_is_taken_in(show):
    with sqlite3.connect(CATALOGUE) as db:
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("DELETE FROM feeds")
    db.close()
    assert [one["kind"] for one in check()[1]] == ["unknown", "unknown"]
    assert check("--repair")[0] == 0
    assert run("sync", show).stderr == "0 done, 2 unchanged.\n"


def test_steps_that_only_the_sidecar_knows_are_taken_in(show):
    """As a kill between the two leaves it, or a copy without the write-ahead log."""
    with sqlite3.connect(CATALOGUE) as db:
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("DELETE FROM steps WHERE step IN ('align', 'publish')")
    db.close()
    assert {(one["kind"], one["title"]) for one in check()[1]} == {
        ("unknown", "Trains"),
        ("unknown", "Boats"),
    }
    assert check("--repair")[0] == 0
    assert check() == (0, [])
    assert run("sync", show).stderr == "0 done, 2 unchanged.\n"


@pytest.mark.parametrize("act", ["copy", "move", "foreign", "broken"])
def test_folders_that_cannot_be_taken_in_are_told_and_left(act, show):
    other = FOLDER.with_name("Another name")
    if act == "move":
        FOLDER.rename(other)
    elif act == "foreign":
        other.mkdir()
        (other / "diary.txt").write_text("mine")
    else:
        shutil.copytree(FOLDER, other)
    if act == "broken":
        (other / "episode.json").write_text("{")
    before = contents(other)
    found = [one for one in check()[1] if one["kind"] == "stray"]
    assert [one["path"] for one in found] == ["Slow ways/Another name"]
    if act in ("copy", "move"):
        assert found[0]["problem"] == f"is a copy of {Path('Slow ways', STEM)}, or was moved from there."
    status, problems = check("--repair")
    assert (status, [one["kind"] for one in problems if not one["repair"]]) == (1, ["stray"])
    assert run("sync", show).exit_code == 0
    assert contents(other) == before
    assert [one["kind"] for one in check()[1]] == ["stray"]


@pytest.mark.parametrize("act", ["gone", "broken", "differs", "another's"])
def test_a_sidecar_says_what_the_catalogue_says(act):
    path = FOLDER / "episode.json"
    whole = path.read_bytes()
    if act == "gone":
        path.unlink()
    elif act == "another's":
        shutil.copy(FOLDER.with_name("2026-05-20 Boats") / "episode.json", path)
    else:
        path.write_bytes(whole[:100] if act == "broken" else whole.replace(b'"size": ', b'"size": 1'))
    status, (problem,) = check()
    assert (status, problem["kind"], problem["path"]) == (1, "sidecar", f"Slow ways/{STEM}/episode.json")
    assert check("--repair")[0] == 0
    assert path.read_bytes() == whole
    assert check() == (0, [])


# --- the catalogue itself ---


def lose(path):
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()


def break_index(path):
    """A row that its index does not have: SQLite opens it without complaint."""
    with sqlite3.connect(path) as db:
        root = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'same_audio'").fetchone()[0]
        size = db.execute("PRAGMA page_size").fetchone()[0]
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    data = bytearray(path.read_bytes())
    data[(root - 1) * size + 3 : (root - 1) * size + 5] = b"\0\0"  # number of cells
    path.write_bytes(data)


def execute(sql):
    def act(path):
        with sqlite3.connect(path) as db:
            db.execute(sql)
        db.close()

    return act


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda path: path.write_bytes(b"rubbish" * 2000), "is damaged: file is not a database."),
        (halve, "is damaged: "),
        (break_index, "is damaged: "),
        (
            execute("INSERT INTO files VALUES (99, 'align', 0, 'x', 1, 1, '')"),
            "is damaged: 1 rows refer to missing ones.",
        ),
        (execute("DROP TABLE files"), "is damaged: no such table: files."),
        (execute("UPDATE steps SET finished_at = 'soon'"), "is damaged: Invalid isoformat string: 'soon'."),
        (lose, "is missing, and 2 episodes are there."),
    ],
    ids=["rubbish", "half", "an index", "a stray row", "a table", "a date", "lost"],
)
def test_a_catalogue_that_is_lost_or_damaged_is_rebuilt_and_the_old_one_kept(act, words, show):
    whole = contents()
    act(CATALOGUE)
    broken = CATALOGUE.read_bytes() if CATALOGUE.exists() else None
    status, (problem,) = check()
    assert (status, problem["kind"], problem["path"]) == (1, "catalogue", "catalogue.sqlite")
    assert problem["problem"].startswith(words)
    result = run("library", "check", "--repair")
    assert result.exit_code == 0, result.stderr
    assert "A new one was made from the 2 episodes in the folders." in result.stdout
    aside = LIBRARY / "catalogue.damaged.sqlite"
    assert (aside.read_bytes() if aside.exists() else None) == broken
    assert check() == (0, [])
    assert run("sync", show).stderr == "0 done, 2 unchanged.\n"
    assert contents() == whole


def test_an_empty_catalogue_is_filled_from_the_folders(show):
    lose(CATALOGUE)
    CATALOGUE.touch()
    assert [one["kind"] for one in check()[1]] == ["unknown", "unknown"]
    assert check("--repair")[0] == 0
    assert run("sync", show).stderr == "0 done, 2 unchanged.\n"


def test_a_damaged_catalogue_keeps_its_log_and_an_older_one_its_name():
    for content in (b"first" * 1000, b"second" * 1000):
        lose(CATALOGUE)
        CATALOGUE.write_bytes(content)
        CATALOGUE.with_name("catalogue.sqlite-wal").write_bytes(content[:6])
        assert check("--repair")[0] == 0
    names = ["catalogue.damaged.sqlite", "catalogue.damaged-2.sqlite"]
    assert [(LIBRARY / name).read_bytes()[:6] for name in names] == [b"firstf", b"second"]
    assert [(LIBRARY / f"{name}-wal").read_bytes() for name in names] == [b"firstf", b"second"]


def test_a_newer_library_is_refused_and_untouched():
    with sqlite3.connect(CATALOGUE) as db:
        db.execute(f"PRAGMA user_version = {VERSION + 1}")
    db.close()
    before = snapshot()
    for arguments in (["library", "check"], ["library", "check", "--repair"], ["status"], ["retry"]):
        result = run(*arguments)
        assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
        assert "A newer Inkcast made the library" in result.stderr
    assert snapshot() == before


def test_where_there_is_no_library_none_is_made():
    shutil.rmtree(LIBRARY)
    for arguments in ([], ["--repair"]):
        result = run("library", "check", *arguments)
        assert result.exit_code == 1
        assert "There is no library in library." in result.stderr
        assert not LIBRARY.exists()


# --- locks and disks ---


def test_a_repair_waits_for_no_run_and_a_check_needs_no_lock():
    (FOLDER / f"{STEM}.srt").unlink()
    with filelock.FileLock(LIBRARY / "catalogue.lock"):
        result = run("library", "check", "--repair")
        assert result.exit_code == 1
        assert "Another run is working on the library" in result.stderr
        assert [one["kind"] for one in check()[1]] == ["missing"]
    assert steps()["publish"].key


def test_a_check_changes_nothing():
    (FOLDER / f"{STEM}.srt").unlink()
    halve(FOLDER / f"{STEM}.html")
    (FOLDER / ".0123456789ab.part").touch()
    before = snapshot()
    check()
    assert snapshot() == before


@pytest.fixture
def read_only():
    """A folder with a library that neither we nor root, who becomes nobody, may write."""
    home = Path(tempfile.mkdtemp())  # others may not look into pytest's folders
    try:
        home.chmod(0o755)
        shutil.copytree(LIBRARY, home / "library")
        yield home
    finally:
        for folder in (home, *(path for path in home.rglob("*") if path.is_dir())):
            folder.chmod(0o755)
        shutil.rmtree(home)


def run_as_nobody(home, *commands):
    for path in (home / "library", *(home / "library").rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    home.chmod(0o555)
    code = f"""
import os
from click.testing import CliRunner
from inkcast.cli.libraries import library
from inkcast.cli.libraries import status
from inkcast.cli.app import inkcast
if os.geteuid() == 0:
    os.setegid(65534)
    os.seteuid(65534)
for arguments in {commands!r}:
    result = CliRunner().invoke(inkcast, [*arguments, "--library", "library"], prog_name="inkcast")
    print([result.exit_code, result.stdout, result.stderr])
"""
    env = {**os.environ, "HOME": str(home), "TMPDIR": tempfile.gettempdir()}
    done = subprocess.run([sys.executable, "-c", code], cwd=home, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [ast.literal_eval(line) for line in done.stdout.splitlines()]


needs_permissions = pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")


@needs_permissions
def test_a_library_that_cannot_be_written_can_be_checked(read_only):
    flip(read_only / "library" / FOLDER.relative_to(LIBRARY) / f"{STEM}.srt")
    check_, repair, status = run_as_nobody(
        read_only, ["library", "check"], ["library", "check", "--repair"], ["status"]
    )
    assert check_[0] == 1
    assert check_[1] == f"{Path('Slow ways', STEM, STEM)}.srt: differs from what was written.\n"
    assert repair[:2] == [1, ""]
    assert repair[2].startswith("Error: Cannot write library/catalogue.lock: Permission denied.")
    assert status[0] == 0
    assert status[1].startswith("Slow ways: 2 done, 0 failed, 0 to do")


@needs_permissions
def test_what_is_only_in_the_log_of_a_read_only_catalogue_is_read(read_only):
    """As a kill leaves it: SQLite cannot read it in place."""
    catalogue = read_only / "library" / "catalogue.sqlite"
    db = sqlite3.connect(catalogue)
    db.execute("PRAGMA wal_autocheckpoint = 0")
    db.execute("DELETE FROM steps WHERE step = 'publish' AND episode = 1")
    db.commit()
    killed = {file: file.read_bytes() for file in (catalogue, catalogue.with_name("catalogue.sqlite-wal"))}
    db.close()  # which would put the log into the catalogue
    for file, data in killed.items():
        file.write_bytes(data)
    (status,) = run_as_nobody(read_only, ["status"])
    assert status[1].startswith("Slow ways: 1 done, 0 failed, 1 to do"), status
