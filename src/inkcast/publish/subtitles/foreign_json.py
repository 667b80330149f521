"""Other programs' JSON transcripts, brought into Whisper's shape.

Known: Podcasting 2.0, whisper.cpp (with and without tokens), WhisperX (words without times), OpenAI's
"verbose_json" (words beside the segments), and lists of words like Deepgram's and AssemblyAI's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

_PAUSE_S = 1.0
"""Words of a list without segments that are farther apart belong to two."""
_MOST_WORDS = 60
_SENTENCE_ENDS = (".", "?", "!", "…", "。", "？", "！")


def as_whisper(data: dict[str, Any]) -> dict[str, Any]:
    """The same transcript with ``segments`` of ``start``, ``end``, ``text`` and ``words``, times in seconds.

    Raises:
        ValueError: there is nothing with times in it; the message says what there is.
        KeyError, TypeError, AttributeError, IndexError: it is damaged.
    """
    if "transcription" in data:
        segments = [_of_whisper_cpp(item) for item in data["transcription"]]
        return {"language": (data.get("result") or {}).get("language"), "segments": segments}
    if "results" in data:
        channel = data["results"]["channels"][0]
        found = {"language": channel.get("detected_language"), "words": channel["alternatives"][0]["words"]}
        return _of_words(found, (data.get("metadata") or {}).get("duration"), 1)
    if "segments" in data:
        return _of_segments(data)
    if data.get("words"):
        # AssemblyAI counts in milliseconds, whole ones.
        unit = 1000 if all(type(word.get("end")) is int for word in data["words"]) else 1
        return _of_words(data, data.get("audio_duration"), unit)
    keys = ", ".join(sorted(map(str, data))[:8]) or "nothing"
    raise ValueError(f"no segments and no words with times; it has {keys}")


def _of_segments(data: dict[str, Any]) -> dict[str, Any]:
    segments = data["segments"]
    if any("startTime" in item for item in segments):
        segments = [
            {
                "start": item["startTime"],
                "end": item.get("endTime", item["startTime"]),
                "text": " " + item["body"].strip(),
                "speaker": item.get("speaker"),
            }
            for item in segments
        ]
    segments = [{**item, "speaker": _name(item.get("speaker"))} for item in segments]
    words = data.get("words") or ()
    if words and not any(item.get("words") for item in segments):
        return _of_words(data, data.get("duration"), 1)
    return {**data, "segments": [_complete(item) for item in segments]}


def _complete(segment: dict[str, Any]) -> dict[str, Any]:
    words = [
        {**word, "speaker": _name(word.get("speaker"))}
        for word in segment.get("words") or ()
        if word.get("word", "").strip()
    ]
    if not words:
        return segment
    if not any(word["word"][:1].isspace() for word in words) and " " in segment["text"].strip():
        words = [{**word, "word": f" {word['word']}"} for word in words]
    return {**segment, "words": list(_with_times(words, segment["start"], segment["end"]))}


def _with_times(words: Sequence[dict[str, Any]], start: float, end: float) -> Iterator[dict[str, Any]]:
    """Words without times share, by their length, what is left between those beside them."""
    known = [index for index, word in enumerate(words) if _is_timed(word)]
    for one, other in pairwise([-1, *known, len(words)]):
        first = words[one]["end"] if one >= 0 else start
        last = words[other]["start"] if other < len(words) else end
        between = words[one + 1 : other]
        total = sum(len(word["word"]) for word in between)
        at = first
        for word in between:
            until = at + max(0.0, last - first) * len(word["word"]) / total
            # Nobody was sure of it.
            yield {"probability": 0.5, **word, "start": at, "end": until}
            at = until
        if other < len(words):
            yield words[other]


def _is_timed(word: dict[str, Any]) -> bool:
    return word.get("start") is not None and word.get("end") is not None


def _of_whisper_cpp(item: dict[str, Any]) -> dict[str, Any]:
    words: list[dict[str, Any]] = []
    for token in item.get("tokens") or ():
        text, offsets = token["text"], token.get("offsets")
        if not text or text.startswith("[_") or not offsets:
            continue
        if words and not text.startswith(" "):
            words[-1] |= {"word": words[-1]["word"] + text, "end": offsets["to"] / 1000}
        else:
            times = {"start": offsets["from"] / 1000, "end": offsets["to"] / 1000}
            words.append({"word": text, **times, "probability": token.get("p", 1.0)})
    times = {"start": item["offsets"]["from"] / 1000, "end": item["offsets"]["to"] / 1000}
    return {**times, "text": item["text"], "words": words}


def _of_words(data: dict[str, Any], duration: float | None, unit: int) -> dict[str, Any]:
    words = [
        {
            "word": " " + (word.get("punctuated_word") or word.get("word") or word["text"]).strip(),
            "start": word["start"] / unit,
            "end": word["end"] / unit,
            "probability": word.get("confidence", 1.0),
            "speaker": _name(word.get("speaker")),
        }
        for word in data["words"]
        if _is_timed(word)
    ]
    language = data.get("language") or data.get("language_code")
    return {"language": language, "duration": duration, "segments": [_joined(run) for run in _runs(words)]}


def _runs(words: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Sentences, as far as the words show them."""
    run: list[dict[str, Any]] = []
    for word in words:
        if run and (
            word["speaker"] != run[-1]["speaker"]
            or word["start"] - run[-1]["end"] > _PAUSE_S
            or run[-1]["word"].endswith(_SENTENCE_ENDS)
            or len(run) == _MOST_WORDS
        ):
            yield run
            run = []
        run.append(word)
    if run:
        yield run


def _joined(words: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "start": words[0]["start"],
        "end": words[-1]["end"],
        "text": "".join(word["word"] for word in words),
        "words": list(words),
        "speaker": words[0]["speaker"],
    }


def _name(speaker: Any) -> str:
    """A speaker by name; numbers and letters tell no more than that it is another one."""
    if isinstance(speaker, str) and len(speaker) != 1:
        return speaker
    is_number = isinstance(speaker, int) and not isinstance(speaker, bool)
    return f"Speaker {speaker}" if is_number or isinstance(speaker, str) else ""
