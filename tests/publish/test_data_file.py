"""JSON files that people open: a line for each thing, and a digest that tells whether they were changed."""

from __future__ import annotations

import json
import logging

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inkcast.essays.essay import Block, Mark
from inkcast.publish.data_file import is_edited, json_text, write_data
from inkcast.publish.subtitles.formats import write_transcript
from tests.support.alignments import align, essay_of
from tests.support.libraries import hear

ESSAY = essay_of(Block("paragraph", "Everything is “new” here.", (Mark("strong", 0, 10), Mark("code", 3, 5))))
HEARD = hear("Everything is new here")
THINGS = {"essay": ESSAY, "transcript": HEARD, "alignment": align(ESSAY)}


@pytest.mark.parametrize("name", THINGS)
def test_each_block_segment_and_word_has_a_line(name):
    thing = THINGS[name]
    text = json_text(thing)
    data = json.loads(text)
    assert len(data.pop("digest")) == 64
    assert data == json.loads(json.dumps(thing.to_json()))
    lines = [line.strip().rstrip(",") for line in text.splitlines()]
    parts = {"essay": ["blocks"], "transcript": [], "alignment": ["words", "blocks"]}[name]
    for item in (item for part in parts for item in data[part]):
        assert json.dumps(item, ensure_ascii=False) in lines
    if name == "transcript":
        assert all(json.dumps(word) in "\n".join(lines) for word in data["segments"][0]["words"])
        assert sum('"word"' in line for line in lines) == 4


class Thing:
    def __init__(self, fields):
        self.fields = fields

    def to_json(self):
        return self.fields


numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
leaves = st.none() | st.booleans() | numbers | st.text(max_size=5)
names = st.text(max_size=3) | st.just("words")
lists = st.lists(st.dictionaries(names, leaves, max_size=2) | leaves, max_size=2)
objects = st.dictionaries(names, leaves | lists, max_size=3)


@given(fields=st.dictionaries(names, leaves | st.lists(objects | leaves, max_size=3), max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_in_it_can_be_read_and_is_ours(tmp_path, fields):
    path = tmp_path / "a.essay.json"
    path.write_bytes(json_text(Thing(fields)).encode("utf-8", "surrogatepass"))
    data = json.loads(path.read_bytes())
    data.pop("digest")
    assert data == fields
    assert not is_edited(path)


def test_only_a_change_of_content_is_one(tmp_path):
    path = tmp_path / "a.essay.json"
    assert not is_edited(path)
    (path,) = write_data({path: json_text(ESSAY)})
    assert not is_edited(path)
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")), indent=3))
    assert not is_edited(path)
    path.write_text(path.read_text().replace("Everything", "All"))
    assert is_edited(path)
    path.write_text("{")
    assert is_edited(path)
    for unknown in ("{}", '{"segments": []}'):
        path.write_text(unknown)
        assert not is_edited(path) and is_edited(path, if_unknown=True)


def test_a_file_of_another_program_is_kept_like_a_changed_one(tmp_path, caplog):
    path = tmp_path / "a.transcript.json"
    path.write_text('{"segments": []}')
    with caplog.at_level(logging.WARNING):
        write_data({path: json_text(HEARD), path.with_suffix(".txt"): "a"})
        write_data({path: json_text(HEARD)})
    assert [record.message for record in caplog.records] == [
        f"{path} was changed by somebody: what it was is kept as a.transcript.edited.json."
    ]
    assert path.with_name("a.transcript.edited.json").read_text() == '{"segments": []}'
    assert len(list(tmp_path.iterdir())) == 3


def test_what_transcribe_writes_is_kept_in_the_same_way(tmp_path):
    (path,) = write_transcript(HEARD, tmp_path, "a", ("json",))
    mended = path.read_text(encoding="utf-8").replace("new", "knew")
    path.write_text(mended, encoding="utf-8")
    write_transcript(HEARD, tmp_path, "a", ("json",))
    assert not is_edited(path)
    assert path.with_name("a.transcript.edited.json").read_text(encoding="utf-8") == mended
