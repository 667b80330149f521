import errno
import hashlib
import os

import pytest

from inkcast.errors import StorageError
from inkcast.files import (
    digest,
    link,
    make_folder,
    sha256_of,
    storage_error,
    whole_file,
    write_bytes,
    write_text,
    write_texts,
)


def test_text_is_written_as_utf_8_with_its_own_line_ends(tmp_path):
    path = write_text(tmp_path / "a.txt", "naïve\nline\r\n")
    assert path.read_bytes() == "naïve\nline\r\n".encode()


def test_several_texts_are_written_each_to_its_file(tmp_path):
    texts = {tmp_path / "a.vtt": "naïve\n", tmp_path / "a.srt": "x\udcffy"}
    assert write_texts(texts) == tuple(texts)
    assert [path.read_bytes() for path in texts] == ["naïve\n".encode(), b"x?y"]


def test_of_several_texts_one_that_cannot_be_written_leaves_none(tmp_path):
    old = write_text(tmp_path / "a.vtt", "old")
    with pytest.raises(StorageError, match=r"gone.a\.srt"):
        write_texts({old: "new", tmp_path / "gone" / "a.srt": "new"})
    assert old.read_text() == "old"
    assert list(tmp_path.iterdir()) == [old]


def test_lone_surrogates_of_odd_file_names_do_not_stop_a_write(tmp_path):
    assert write_text(tmp_path / "a.txt", "x\udcffy").read_bytes() == b"x?y"


def test_a_failed_block_leaves_the_old_file_and_nothing_else(tmp_path):
    path = write_text(tmp_path / "a.txt", "old")
    with pytest.raises(ZeroDivisionError), whole_file(path) as part:
        part.write_text("half")
        raise ZeroDivisionError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_half_written_file_is_never_under_its_final_name(tmp_path):
    path = tmp_path / "a.bin"
    with whole_file(path) as part:
        part.write_bytes(b"half")
        assert not path.exists()
        part.write_bytes(b"whole")
    assert path.read_bytes() == b"whole"


def test_the_longest_name_that_the_system_takes_can_be_written(tmp_path):
    path = tmp_path / ("n" * 255)
    assert write_bytes(path, b"x").read_bytes() == b"x"


def test_a_full_disk_is_one_line_with_advice(tmp_path):
    with pytest.raises(StorageError) as caught, whole_file(tmp_path / "a"):
        raise OSError(errno.ENOSPC, "no space")
    assert str(tmp_path / "a") in caught.value.message
    assert caught.value.hint.startswith("The disk is full")


def test_a_disk_that_takes_only_a_part_of_a_file_leaves_none(tmp_path):
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(StorageError, match="too large"):
            write_text(tmp_path / "a", "x" * 1500)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list(tmp_path.iterdir())


def test_an_error_without_a_number_still_has_its_reason(tmp_path):
    assert "odd device" in storage_error(tmp_path, OSError("odd device")).message


def test_a_file_in_the_way_of_a_folder_is_a_storage_error(tmp_path):
    (tmp_path / "a").write_text("")
    for path in (tmp_path / "a", tmp_path / "a" / "b"):
        with pytest.raises(StorageError) as caught:
            make_folder(path)
        assert caught.value.hint


def test_a_folder_that_is_gone_is_a_storage_error(tmp_path):
    with pytest.raises(StorageError):
        write_bytes(tmp_path / "gone" / "a", b"")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_a_storage_error(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(StorageError, match="change its permissions"):
        write_bytes(tmp_path / "a", b"")


def test_sha256_is_that_of_the_bytes(tmp_path):
    data = bytes(range(256)) * 5000
    assert sha256_of(write_bytes(tmp_path / "a", data)) == hashlib.sha256(data).hexdigest()


def test_a_link_is_the_same_file_or_a_copy(tmp_path, monkeypatch):
    source = write_text(tmp_path / "a", "sound")
    link(source, tmp_path / "b")
    assert (tmp_path / "b").samefile(source)

    def refuse(*args):
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    link(source, tmp_path / "c")
    assert (tmp_path / "c").read_text() == "sound" and not (tmp_path / "c").samefile(source)
    with pytest.raises(StorageError, match="No such file"):
        link(tmp_path / "gone", tmp_path / "c")
    assert (tmp_path / "c").read_text() == "sound" and len(list(tmp_path.iterdir())) == 3


def test_a_digest_depends_on_every_part_and_their_order():
    one = digest("a", 1, None)
    assert one == hashlib.sha256(b"a\0001\0None").hexdigest() == digest("a", "1", "None")
    assert len({one, digest("a", None, 1), digest("a1", None), digest("a", "1None")}) == 4
    assert digest("\ud800") == digest("?")


def test_what_a_killed_run_left_is_replaced_by_the_next(tmp_path):
    target = tmp_path / "talk.srt"
    with whole_file(target) as part:
        pass_by = part
        part.write_text("half")
    target.unlink()
    pass_by.write_text("left behind by a kill")
    write_text(target, "whole")
    assert [path.name for path in tmp_path.iterdir()] == ["talk.srt"]
    assert target.read_text() == "whole"


def test_nothing_is_written_through_a_link_that_somebody_has_left(tmp_path):
    with whole_file(tmp_path / "talk.srt") as part:
        part.write_text("")
    theirs = write_text(tmp_path / "theirs", "not ours to write")
    for write in (write_text, lambda path, text: write_texts({path: text})):
        part.symlink_to(theirs)
        write(tmp_path / "talk.srt", "whole")
        assert theirs.read_text() == "not ours to write"
        assert (tmp_path / "talk.srt").read_text() == "whole" and not (tmp_path / "talk.srt").is_symlink()
