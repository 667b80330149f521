"""Single words that the publisher changed after the recording, in the real example."""

import re
from dataclasses import replace
from functools import cache

import pytest

from inkcast.speech.guided.draft import word_key
from tests.support.example import AUDIO, engine, essay, hear

READ = {"paragraph", "list_item", "quote"}
CHANGED = {
    "product": "service",
    "student": "teacher",
    "habits": "secrets",
    "honest": "boring",
    "friend": "brother",
    "better": "worse",
    "publish": "gamble",
}


@cache
def heard_with_changes():
    """The essay with other words in a few places, and what is heard of it."""
    blocks = list(essay().blocks)
    for was, now in CHANGED.items():
        pattern = re.compile(rf"(?<=\s){was}(?=[\s.,:])")
        i = next(i for i, block in enumerate(blocks) if block.kind in READ and pattern.search(block.text))
        blocks[i] = replace(blocks[i], text=pattern.sub(now, blocks[i].text, count=1), marks=())
    changed = replace(essay(), blocks=tuple(blocks))
    transcript = hear(AUDIO, engine(), essay=changed)
    return changed, [word for segment in transcript.segments for word in segment.words]


@pytest.mark.model
@pytest.mark.parametrize(("was", "now"), CHANGED.items())
def test_a_replaced_word_is_heard_as_what_was_said(tiny_en, was, now):
    changed, heard = heard_with_changes()
    places = {i for i, word in enumerate(changed.words()) if word_key(word.text) == now}
    assert len(places) == 1, "the essay was not changed, or the new word stands elsewhere, too"
    assert not places.intersection(word.essay_word for word in heard)
    assert was in {word_key(word.text) for word in heard if word.essay_word is None}


@pytest.mark.model
def test_the_words_around_stay_verified(tiny_en):
    _, heard = heard_with_changes()
    extra = [word_key(word.text) for word in heard if word.essay_word is None]
    # The greeting and the ad-lib are 7 and 9 words long.
    assert len(extra) <= 7 + 9 + len(CHANGED) + 4
