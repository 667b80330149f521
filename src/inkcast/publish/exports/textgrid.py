"""A TextGrid for Praat: sentences and words as tiers of intervals, and a tier for each speaker.

Source: https://www.fon.hum.uva.nl/praat/manual/TextGrid_file_formats.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from inkcast.alignment.alignment import Alignment
from inkcast.publish.sentences import length_ms, spoken_sentences
from inkcast.publish.words import SpokenWord, in_brackets, join_words, spoken_words


@dataclass(frozen=True, slots=True)
class _Interval:
    start_ms: int
    end_ms: int
    text: str


def write_textgrid(alignment: Alignment) -> str:
    """Intervals without gaps over the whole recording, empty where nobody speaks.

    After "sentences" and "words", each speaker has a tier of that name with what they say, as Praat's users
    and the Montreal Forced Aligner have it.

    Words that share an instant share an interval: Praat knows none without length.
    """
    words = spoken_words(alignment)
    end_ms = max(1, length_ms(alignment), *(word.end_ms for word in words[-1:]))
    sentences = list(spoken_sentences(words))
    single = [_Interval(word.start_ms, word.end_ms, word.text) for word in words]
    names = dict.fromkeys(word.speaker for word in words if word.speaker)
    tiers = [
        ("sentences", [_interval(in_brackets(sentence)) for sentence in sentences]),
        ("words", single),
        *((name, _said_by(name, sentences)) for name in names),
    ]
    return (
        'File type = "ooTextFile"\nObject class = "TextGrid"\n\n'
        f"xmin = 0\nxmax = {_seconds(end_ms)}\ntiers? <exists>\nsize = {len(tiers)}\nitem []:\n"
        + "".join(
            _tier(number, name, _whole(intervals, end_ms), end_ms)
            for number, (name, intervals) in enumerate(tiers, start=1)
        )
    )


def _said_by(name: str, sentences: Sequence[Sequence[SpokenWord]]) -> list[_Interval]:
    """Their sentences, and what they throw into those of others, which may be at the same time."""
    own = ([word for word in sentence if word.speaker == name] for sentence in sentences)
    return [_interval(words) for words in own if words]


def _interval(words: Sequence[SpokenWord]) -> _Interval:
    return _Interval(words[0].start_ms, words[-1].end_ms, join_words(words))


def _whole(intervals: Iterable[_Interval], end_ms: int) -> list[_Interval]:
    """Fill the gaps; text that has no length goes to the interval after it, or at last to the one before."""
    whole: list[_Interval] = []
    at_ms, waiting = 0, ""
    for interval in intervals:
        text = f"{waiting} {interval.text}".strip()
        if interval.end_ms <= max(at_ms, interval.start_ms):
            waiting = text
            continue
        if interval.start_ms > at_ms:
            whole.append(_Interval(at_ms, interval.start_ms, ""))
        whole.append(_Interval(max(at_ms, interval.start_ms), interval.end_ms, text))
        at_ms, waiting = interval.end_ms, ""
    if at_ms < end_ms:
        whole.append(_Interval(at_ms, end_ms, ""))
    if waiting:
        whole[-1] = replace(whole[-1], text=f"{whole[-1].text} {waiting}".strip())
    return whole


def _tier(number: int, name: str, intervals: list[_Interval], end_ms: int) -> str:
    head = (
        f'    item [{number}]:\n        class = "IntervalTier"\n        name = {_quoted(name)}\n'
        f"        xmin = 0\n        xmax = {_seconds(end_ms)}\n"
        f"        intervals: size = {len(intervals)}\n"
    )
    return head + "".join(
        f"        intervals [{index}]:\n            xmin = {_seconds(interval.start_ms)}\n"
        f"            xmax = {_seconds(interval.end_ms)}\n            text = {_quoted(interval.text)}\n"
        for index, interval in enumerate(intervals, start=1)
    )


def _quoted(text: str) -> str:
    """Praat's only escape: a quotation mark is written twice."""
    return '"' + text.replace('"', '""') + '"'


def _seconds(ms: int) -> str:
    return f"{ms // 1000}.{ms % 1000:03}"
