"""Names for the voices of a recording, by the best evidence that there is; none is guessed without saying so.

What a person states comes first, then the labels of the published text, then voices that are known from
other recordings, and last the only person who is left for the only voice that is left.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import mul

from inkcast.alignment.alignment import Alignment
from inkcast.alignment.heard_words import hear
from inkcast.alignment.said_by import has_speakers, said_by
from inkcast.essays.essay import Essay
from inkcast.speech.transcript import KnownBy, Transcript, Voice

DOUBT = "Speakers: "
"""What each doubt about them begins with."""

SAME_VOICE = 0.7
"""Embeddings that are at least so alike are of one voice: docs/speakers.md."""

# Of a voice's labelled words, those under one label.
_LEAST_SHARE = 0.6
_FEWEST_WORDS = 5
# Of a full name's words, those that the voice of its short form says: people have few microphones.
_SHARED = 0.2
# Of the words of a text's only label, those that one voice says.
_LEAST_OF_ONE_LABEL = 0.9
# A label with fewer words may have been laughed, or said by two at once.
_FEWEST_OF_LABEL = 20
# Cramér's V: 0 where labels and voices have nothing to do with each other, 1 where each tells the other. On
# conversations of people with edited texts (docs/speakers.md), it is 0.92 and more with the right voices,
# 0.78 with one word of twenty given to another voice, 0.51 to 0.68 with every fifth, and 0 to 0.18 by chance.
_LEAST_ASSOCIATION = 0.5
_GENERIC = re.compile(r"(?:speaker|spk|spkr|voice|sprecher)?[ _-]?(?:\d+|[a-z])?|unknown|unk", re.IGNORECASE)
_ROLE = re.compile(
    r"(?:co-?)?hosts?|guests?|interviewer|interviewee|moderator|narrator|caller|audience|question|answer|"
    r"(?:host|guest|caller) \d+|everyone|both|all",
    re.IGNORECASE,
)
_JOINT = frozenset({"and", "&", "+", "/", "und", "et", "y", "e"})
_DIRECTIONS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
_NUMBER = re.compile(r"(?:speaker|voice)? ?(\d+)")


@dataclass(frozen=True, slots=True)
class KnownVoice:
    """A voice of other recordings: whose it is, an embedding of length 1, and where it is known from."""

    name: str
    embedding: tuple[float, ...]
    known_from: str


@dataclass(frozen=True, slots=True)
class NameEvidence:
    """What is known of a recording's people beside its transcript and its text.

    Attributes:
        stated: names by what they stand for: a label of the text ("A", "Host") or a voice ("Speaker 1", "1").
        voices: of other recordings of the same show.
        people: who may speak, as the feed says.
    """

    stated: Mapping[str, str] = field(default_factory=dict)
    voices: tuple[KnownVoice, ...] = ()
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NamedVoice:
    """A voice of the transcript, and how its name is known.

    Attributes:
        speaker: what its words are labelled with now.
        label: its number: "Speaker 1" is the one that is heard first.
        name: empty if nothing is known.
        known_by, evidence: see ``Voice``.
    """

    speaker: str
    label: str
    name: str = ""
    known_by: KnownBy = ""
    evidence: str = ""

    @property
    def shown(self) -> str:
        """What its words are to be labelled with; nothing for the only voice if it has no name."""
        return self.name or (self.label if self.speaker else "")


@dataclass(frozen=True, slots=True)
class Names:
    """What ``name_voices`` found.

    Attributes:
        voices: in the order of their numbers.
        labels: what the labels of the text become, where they change.
        doubts: one sentence each, for a person to look at.
        unused: what was stated of labels and voices that are not there.
    """

    voices: tuple[NamedVoice, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()


def name_voices(
    transcript: Transcript,
    essay: Essay | None = None,
    alignment: Alignment | None = None,
    evidence: NameEvidence = NameEvidence(),
) -> Names:
    """Find who the voices of a transcript are.

    A name that the transcript has by now stays where there is nothing better.

    Args:
        transcript: its words are labelled with voices, by diarisation or by whoever wrote it.
        essay: the published text; its labels are matched to the voices that say their words.
        alignment: of both; None if there is none that can be trusted.
        evidence: what else is known.
    """
    voices = voices_of(transcript)
    named = [_as_it_is(voice, f"Speaker {number}", essay) for number, voice in enumerate(voices, 1)]
    spoken = _spoken_labels(transcript, essay, alignment) if essay and alignment and voices else Counter()
    short = _same_people(spoken)
    table: Counter[tuple[str, str]] = Counter()
    for (label, speaker), words in spoken.items():
        table[short.get(label, label), speaker] += words
    by_label, doubts = _by_text(table, [voice.speaker for voice in named])
    named = [_labelled(voice, by_label, table) for voice in named]
    asked = {_key(what): clean_name(name) for what, name in evidence.stated.items() if clean_name(name)}
    written = (
        {block.speaker: short.get(block.speaker, block.speaker) for block in essay.blocks} if essay else {}
    )
    named = [_stated(voice, asked, _keys_of(voice, by_label, written)) for voice in named]
    labels = _stated_labels(written, asked, {by_label.get(voice.speaker, ""): voice for voice in named})
    named, swapped = _by_sound(named, voices, evidence.voices)
    named = _by_elimination(named, evidence.people)
    unused = _unused(evidence.stated, named, by_label, written)
    # Each statement is about who stood there before: two that swap names do not swap them back.
    named = [
        voice if voice.known_by == "stated" else _stated(voice, asked, [_key(voice.name)]) for voice in named
    ]
    return Names(tuple(named), labels, tuple(DOUBT + doubt for doubt in (*doubts, *swapped)), unused)


def voices_of(transcript: Transcript) -> tuple[Voice, ...]:
    """Its voices, one for each label; those of a transcript that lists none are its labels."""
    listed: dict[str, Voice] = {}
    for voice in transcript.voices:
        listed.setdefault(voice.speaker, voice)
    if listed or not has_speakers(transcript):
        return tuple(listed.values())
    lengths: Counter[str] = Counter()
    for word in hear(transcript):
        lengths[word.speaker] += word.end_ms - word.start_ms
    return tuple(Voice(speaker, ms) for speaker, ms in lengths.items() if speaker)


def is_name(speaker: str) -> bool:
    """Whether a label is more than a number or a letter."""
    return not _GENERIC.fullmatch(speaker)


def is_role(speaker: str) -> bool:
    """Whether a label says what somebody does, or nothing, and may be somebody else in the next episode."""
    return bool(_ROLE.fullmatch(speaker.rstrip(".:"))) or not is_name(speaker)


def is_short_for(one: str, other: str) -> bool:
    """Whether one name is the other, shorter or in capitals: "Nathan", "NL", "NATHAN LAMBERT"."""
    few, many = _words(one), _words(other)
    if "," in other or not _JOINT.isdisjoint(many):  # two people speak at once
        return False
    if few == many:
        return one != other and one.isupper()
    initials = "".join(word[0] for word in many)
    return set(few) < set(many) or (len(many) > 1 and "".join(few) == initials)


def _words(name: str) -> list[str]:
    return name.replace(".", " ").casefold().split()


def _as_it_is(voice: Voice, label: str, essay: Essay | None) -> NamedVoice:
    if voice.known_by == "text" and essay:  # perhaps another text: this one says what it says
        return NamedVoice(voice.speaker, label)
    if voice.known_by:
        return NamedVoice(voice.speaker, label, voice.speaker, voice.known_by, voice.evidence)
    if is_name(voice.speaker):
        return NamedVoice(voice.speaker, label, voice.speaker, "transcript", "the transcript names it so")
    return NamedVoice(voice.speaker, label)


# --- the labels of the text ---


def _spoken_labels(transcript: Transcript, essay: Essay, alignment: Alignment) -> Counter[tuple[str, str]]:
    """How many words stand under each label of the text and are said by each voice."""
    timed = [
        (essay.blocks[word.block].speaker, (word.start_ms, word.end_ms))
        for word in alignment.words
        if word.start_ms is not None and word.end_ms is not None and essay.blocks[word.block].speaker
    ]
    speakers = said_by(transcript, [span for _, span in timed])
    return Counter((label, speaker) for (label, _), speaker in zip(timed, speakers, strict=True))


def _same_people(spoken: Mapping[tuple[str, str], int]) -> dict[str, str]:
    """Labels that are short for another one, and whose voice says words of both."""
    words = Counter[str]()
    most: dict[str, tuple[int, str]] = {}
    for (label, speaker), number in spoken.items():
        words[label] += number
        most[label] = max(most.get(label, (0, "")), (number, speaker))
    longer = {
        label: [
            other
            for other in words
            if is_short_for(label, other) and spoken.get((other, speaker), 0) >= _SHARED * words[other]
        ]
        for label, (_, speaker) in most.items()
    }
    full = {label: max(names, key=len) for label, names in longer.items() if names}
    return {label: name for label, name in full.items() if name not in full}


def _by_text(
    table: Mapping[tuple[str, str], int], speakers: Sequence[str]
) -> tuple[dict[str, str], list[str]]:
    """The label of each voice that has one, and what speaks against the labels."""
    of_label: Counter[str] = Counter()
    of_voice: dict[str, Counter[str]] = {}
    for (label, speaker), words in table.items():
        of_label[label] += words
        of_voice.setdefault(speaker, Counter())[label] += words
    if not of_label:
        return {}, []
    if len(of_label) > 1 and len(speakers) == 1:
        return {}, [f"the text names {len(of_label)} speakers, but only one voice was heard."]
    if len(of_label) == 1 and len(speakers) > 1:
        return _by_one_label(table, speakers)
    if len(of_label) > 1 and _association(table) < _LEAST_ASSOCIATION:
        right = sum(max(counts.values()) for counts in of_voice.values())
        return {}, [
            "the text's labels and the voices contradict each other: at best "
            f"{right / sum(of_label.values()):.0%} of the words agree. The labels stand."
        ]
    found = {}
    for speaker, counts in of_voice.items():
        label, words = counts.most_common(1)[0]
        if speaker in speakers and words >= max(_FEWEST_WORDS, _LEAST_SHARE * sum(counts.values())):
            found[speaker] = label
    without = [
        label
        for label, words in of_label.items()
        if words >= _FEWEST_OF_LABEL and label not in found.values()
    ]
    return found, [f"no voice of their own was heard for {', '.join(without)}."] if without else []


def _by_one_label(
    table: Mapping[tuple[str, str], int], speakers: Sequence[str]
) -> tuple[dict[str, str], list[str]]:
    """The voice whose words the only label is about, as where a person has corrected a paragraph's."""
    (label, speaker), words = max(table.items(), key=lambda item: item[1])
    if speaker in speakers and words >= max(_FEWEST_WORDS, _LEAST_OF_ONE_LABEL * sum(table.values())):
        return {speaker: label}, []
    return {}, [f"the text has one label, {label}, for {len(speakers)} voices. It stands."]


def _association(table: Mapping[tuple[str, str], int]) -> float:
    """Cramér's V of a table of at least two labels (H. Cramér, Mathematical Methods of Statistics, 1946)."""
    rows: Counter[str] = Counter()
    columns: Counter[str] = Counter()
    for (label, speaker), words in table.items():
        rows[label] += words
        columns[speaker] += words
    squares = sum(words**2 / (rows[label] * columns[speaker]) for (label, speaker), words in table.items())
    return math.sqrt(max(0.0, squares - 1) / max(1, min(len(rows), len(columns)) - 1))


def _labelled(
    voice: NamedVoice, by_label: Mapping[str, str], table: Mapping[tuple[str, str], int]
) -> NamedVoice:
    label = by_label.get(voice.speaker)
    if label is None or voice.known_by == "stated":
        return voice
    words = sum(number for (_, speaker), number in table.items() if speaker == voice.speaker)
    evidence = f"{table[label, voice.speaker] / words:.0%} of its words are labelled so in the text"
    if list(by_label.values()).count(label) > 1:
        evidence += ", and so are another voice's: two microphones, or two people under one label"
    return replace(voice, name=label, known_by="text", evidence=evidence)


# --- what a person states ---


def _keys_of(voice: NamedVoice, by_label: Mapping[str, str], written: Mapping[str, str]) -> list[str]:
    """What a person may call a voice: by its number, its name, or a label of its words.

    A text may have "Speaker 1" as a label; then that is meant.
    """
    own = by_label.get(voice.speaker)
    labels = [label for label, name in written.items() if own and name == own]
    numbers = {_key(voice.label)} - set(map(_key, written))
    names = [_key(name) for name in (voice.name, *labels, voice.speaker) if name]
    return [*numbers, *(name for name in names if not _NUMBER.fullmatch(name))]


def _stated(voice: NamedVoice, asked: Mapping[str, str], keys: Sequence[str]) -> NamedVoice:
    name = next((asked[key] for key in keys if key in asked), None)
    return replace(voice, name=name, known_by="stated", evidence="somebody said so") if name else voice


def _stated_labels(
    written: Mapping[str, str], asked: Mapping[str, str], voices: Mapping[str, NamedVoice]
) -> dict[str, str]:
    """The labels that change: those of which something is stated, or of whose voice, and short ones."""
    labels = {}
    for label, name in written.items():
        voice = voices.get(name)
        if voice and voice.known_by == "stated":
            name = voice.name
        else:
            name = asked.get(_key(label), asked.get(_key(name), name))
        if label and name != label:
            labels[label] = name
    return labels


def _unused(
    stated: Mapping[str, str],
    named: Sequence[NamedVoice],
    by_label: Mapping[str, str],
    written: Mapping[str, str],
) -> tuple[str, ...]:
    known = {key for voice in named for key in _keys_of(voice, by_label, written)}
    known |= {_key(name) for pair in written.items() for name in pair}
    known |= {_key(voice.name) for voice in named if voice.name}
    return tuple(what for what, name in stated.items() if not {_key(what), _key(clean_name(name))} & known)


def clean_name(name: str) -> str:
    """A name as one line, without controls and signs that turn text around."""
    shown = "".join(
        " " if unicodedata.category(sign) in ("Cc", "Cs") else sign
        for sign in name
        if unicodedata.bidirectional(sign) not in _DIRECTIONS
    )
    return " ".join(shown.split())


def _key(what: str) -> str:
    """What a person means: "1" and "Speaker 1" are the first voice."""
    text = " ".join(what.casefold().split()).rstrip(".:")
    number = _NUMBER.fullmatch(text)
    return f"speaker {int(number[1])}" if number else text


# --- other recordings, and the feed ---


def _by_sound(
    named: Sequence[NamedVoice], voices: Sequence[Voice], known: Sequence[KnownVoice]
) -> tuple[list[NamedVoice], list[str]]:
    """Names of voices that sound like one of another recording, the most alike first."""
    pairs = sorted(
        (
            (likeness(voice.embedding, other.embedding), at, other)
            for at, voice in enumerate(voices)
            for other in known
        ),
        key=lambda pair: -pair[0],
    )
    result, doubts = list(named), []
    for alike, at, other in pairs:
        if alike < SAME_VOICE or len(named) < 2:
            break
        voice, taken = result[at], _taken(result, other.name)
        if not voice.name and taken is None:
            evidence = f"it sounds like {other.name} ({alike:.2f}), known from {other.known_from}"
            result[at] = replace(voice, name=other.name, known_by="voice", evidence=evidence)
        elif voice.known_by == "text" and taken is not None and taken.speaker != voice.speaker:
            is_best = max(each for each, one, _ in pairs if one == at) == alike
            if is_best and taken.known_by == "text" and taken.name != voice.name:
                doubts.append(
                    f"what the text gives to {voice.name} sounds like {other.name}: "
                    "are its labels in the right order?"
                )
    return result, doubts


def likeness(one: Sequence[float], other: Sequence[float]) -> float:
    """How alike two voices are, at most 1; 0 for embeddings of different models."""
    return sum(map(mul, one, other)) if len(one) == len(other) else 0.0


def _by_elimination(named: Sequence[NamedVoice], people: Sequence[str]) -> list[NamedVoice]:
    """The only person who is left is the only voice that is left."""
    left = [
        person for person in dict.fromkeys(map(clean_name, people)) if person and not _taken(named, person)
    ]
    nameless = [voice for voice in named if not voice.name]
    has_role = any(is_role(voice.name) for voice in named if voice.name)  # who is the person that is left
    if len(left) != 1 or len(nameless) != 1 or len(named) < 2 or has_role:
        return list(named)
    evidence = "by elimination: of those whom the feed names, nobody else is left"
    new = replace(nameless[0], name=left[0], known_by="elimination", evidence=evidence)
    return [new if voice is nameless[0] else voice for voice in named]


def _taken(named: Sequence[NamedVoice], name: str) -> NamedVoice | None:
    """The voice that has this name already, in some form."""
    for voice in named:
        same = _words(voice.name) == _words(name)
        if voice.name and (same or is_short_for(voice.name, name) or is_short_for(name, voice.name)):
            return voice
    return None
