"""What a library knows of the people in an episode: other episodes' voices, and what the feed says.

Of other shows nothing: whoever is called "Nathan" there is somebody else.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from inkcast.alignment.name_voices import SAME_VOICE, KnownVoice, NameEvidence, is_role, likeness
from inkcast.feeds.episode import Episode
from inkcast.feeds.people import heard_in, is_person
from inkcast.library.store.show_facts import show_facts, show_folder
from inkcast.publish.episode_files import TRANSCRIPT
from inkcast.shape import MISSHAPEN, checked
from inkcast.speech.transcript import Transcript, Voice

_Embedding = tuple[float, ...]


def name_evidence(folder: Path, episode: Episode) -> NameEvidence:
    """Names that the voices of an episode may have.

    Args:
        folder: the episode's, whose own transcript proves nothing.
        episode: with what its feed says.
    """
    show = show_folder(folder)
    facts = show_facts(show)
    author = (facts.author,) if is_person(facts.author) else ()
    hosts = facts.hosts or author
    voices = known_voices(show, folder, hosts[0] if len(hosts) == 1 else "")
    return NameEvidence(voices=voices, people=heard_in(episode, hosts))


def known_voices(show: Path, besides: Path, host: str) -> tuple[KnownVoice, ...]:
    """Voices that the show's other episodes teach: the host's, who reads some alone, and named ones.

    What was found by sound or by elimination teaches nothing, so that no mistake goes on to other episodes.

    Args:
        show: its folder.
        besides: an episode's folder that does not count.
        host: whose show it is; empty if that is not known, or there are several.
    """
    alone: list[_Embedding] = []
    named: dict[str, list[_Embedding]] = defaultdict(list)
    for path in sorted(show.rglob(f"*{TRANSCRIPT}")):
        if path.parent == besides:
            continue
        voices = _voices_in(path)
        if len(voices) == 1:
            alone.append(voices[0].embedding)
        for voice in voices if len(voices) > 1 else ():
            is_only = sum(other.speaker == voice.speaker for other in voices) == 1
            if voice.known_by in ("stated", "text", "transcript") and is_only and not is_role(voice.speaker):
                named[voice.speaker].append(voice.embedding)
    known = [
        KnownVoice(name, _mean(found), _count(len(found), "conversation")) for name, found in named.items()
    ]
    readers = _most_alike(alone) if host else []
    if readers:
        known.append(
            KnownVoice(host, _mean(readers), f"{_count(len(readers), 'episode')} that it reads alone")
        )
    return tuple(known)


def _voices_in(path: Path) -> tuple[Voice, ...]:
    try:
        known = path.stat()
        return _read(path, known.st_mtime_ns, known.st_size)
    except (OSError, *MISSHAPEN):  # whoever needs that transcript will say so
        return ()


@cache
def _read(path: Path, changed_ns: int, size: int) -> tuple[Voice, ...]:
    """A sync with many conversations reads each transcript once."""
    data = json.loads(path.read_bytes())
    if not data.get("speakers"):
        return ()
    voices = checked(Transcript.from_json({"segments": (), "speakers": data["speakers"]})).voices
    return tuple(voice for voice in voices if voice.embedding)


def _most_alike(voices: Sequence[_Embedding]) -> list[_Embedding]:
    """Those that most others are like: somebody may read an episode in the host's place."""
    groups = [[other for other in voices if likeness(voice, other) >= SAME_VOICE] for voice in voices]
    largest = max(groups, key=len, default=[])
    return largest if 2 * len(largest) > len(voices) else []


def _mean(voices: Sequence[_Embedding]) -> _Embedding:
    sums = [
        sum(values) for values in zip(*(one for one in voices if len(one) == len(voices[0])), strict=True)
    ]
    length = math.hypot(*sums) or 1.0
    return tuple(value / length for value in sums)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number > 1 else ''}"
