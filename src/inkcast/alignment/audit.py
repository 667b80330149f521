"""Whether an alignment can be trusted: every second of speech accounted for, no impossible times.

An audit fails closed: a result that nobody should publish does not pass, and says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from inkcast.alignment.alignment import AlignedWord, Audit, Extra
from inkcast.alignment.heard_words import HeardWord
from inkcast.audio.spans import Span, joined, total_ms, without
from inkcast.essays.essay import SELDOM_READ, Essay
from inkcast.speech.transcript import NO_SPEECH, Gap
from inkcast.timecode import clock
from inkcast.wording.longest_ms import longest_ms

# Chosen by hand; all recordings of docs/accuracy.md pass.
# Chance agreements between an essay and somebody else's recording stay below a tenth; a reading
# explains nearly all of the text, or (an excerpt, a long text's last part) nearly all of the speech.
_LEAST_COMMON_SHARE = 0.25
# Below this the text explains so little of the recording that it may be an excerpt of the essay.
_LEAST_VERIFIED_SHARE = 0.5
_LEAST_COVERED_SHARE = 0.5
# Speech is edited before it is published: docs/speakers.md. What is expected of an interview, and below which
# the text is of another conversation, or retells this one.
_LEAST_VERIFIED_OF_INTERVIEW = 0.7
_LEAST_COVERED_OF_INTERVIEW = 0.85
_LEAST_COMMON_OF_INTERVIEW = 0.5
# Words begin and end about a tenth of a second beside their sound, and readers breathe: docs/guided.md.
_BORDER_MS = 400
# Speech without words that is worth a sentence, and that is too much.
_NOTABLE_LOSS_MS = 2_000
_NOTABLE_GAP_MS = 1_000
_MOST_LOST_SHARE = 0.1
# The longest words of read speech last about 1.5 s; with a pause in them, a few seconds.
_LONGEST_WORD_MS = 5_000
_LONGEST_USABLE_WORD_MS = 20_000
# People read 2 to 4 words a second; auctioneers 6.
_MOST_WORDS_PER_SECOND = 7.0
_LEAST_WORDS_PER_SECOND = 0.7
_FEWEST_TIMED_WORDS = 8
_VERY_SHORT_MS = 30
_MOST_VERY_SHORT_SHARE = 0.1
_LONGEST_PILE_WORDS = 8
# Two voices at once may give a few words out of order, no more.
_MOST_BACKWARDS_SHARE = 0.1
# Pauses up to this long between words belong to speech.
_PAUSE_IN_SPEECH_MS = 500


def audit(
    essay: Essay,
    words: Sequence[AlignedWord],
    extra: Sequence[Extra],
    heard: Sequence[HeardWord],
    failed: Sequence[Gap] = (),
    speech: Sequence[Span] = (),
) -> Audit:
    """Check an alignment.

    Args:
        essay: the published text.
        words: its words, with times.
        extra: speech that the text does not contain.
        heard: the transcript's words.
        failed: audio that could not be transcribed.
        speech: (start_ms, end_ms) of the audio's speech, in order; without it, the heard words' own times.
    """
    if not speech:
        speech = joined(((word.start_ms, word.end_ms) for word in heard), _PAUSE_IN_SPEECH_MS)
    speech = without(speech, _of(failed, music=True))
    speech_ms = total_ms(speech)
    lost = [
        (start, end) for start, end in without(speech, _explained(words, heard)) if end - start > _BORDER_MS
    ]
    accounted_ms = speech_ms - total_ms(lost)
    coverage = coverage_of(essay, words)
    unexplained = sum(len(item.text.split()) for item in extra)
    verified = max(0.0, 1 - unexplained / max(1, len(heard)))
    wrong_text, thin = (_wrong_interview, _much_edited) if essay.is_interview else (_wrong_essay, _thin_match)
    wrong = list(wrong_text(coverage, verified))
    # Next to "wrong essay", that much is missing is no news.
    doubtful = [] if wrong else [*thin(coverage, verified), *_unaccounted(speech_ms, lost, failed)]
    fatal = [*wrong, *_backwards(heard), *_bad_times(words), *_too_much_lost(speech_ms, lost)]
    return Audit(
        speech_ms=speech_ms,
        accounted_ms=accounted_ms,
        coverage=round(coverage, 4),
        verified_share=round(verified, 4),
        passed=not fatal,
        problems=(*fatal, *doubtful, *_long_words(words)),
    )


def _spans(words: Iterable[AlignedWord]) -> list[Span]:
    return sorted(
        (word.start_ms, word.end_ms)
        for word in words
        if word.start_ms is not None and word.end_ms is not None
    )


def _explained(words: Sequence[AlignedWord], heard: Sequence[HeardWord]) -> list[Span]:
    """Where words are: the essay's, and all that was heard. A word that lasts and lasts hides others."""
    timed = [(word.text, word.start_ms, word.end_ms) for word in words]
    timed += [(word.text, word.start_ms, word.end_ms) for word in heard]
    return [
        (start, min(end, start + longest_ms(text)))
        for text, start, end in timed
        if start is not None and end is not None
    ]


def _of(failed: Sequence[Gap], *, music: bool) -> list[Span]:
    return [(gap.start_ms, gap.end_ms) for gap in failed if (gap.reason == NO_SPEECH) == music]


def coverage_of(essay: Essay, words: Sequence[AlignedWord]) -> float:
    """Share of the words that are spoken; blocks that are seldom read count only where they were.

    In an interview those are what stands before the first label, and headings, too.
    """
    total, spoken = [0] * len(essay.blocks), [0] * len(essay.blocks)
    is_interview = essay.is_interview
    for word in words:
        total[word.block] += 1
        spoken[word.block] += word.status != "unspoken"
    counted = [
        index
        for index, block in enumerate(essay.blocks)
        if 2 * spoken[index] > total[index]
        or (block.kind not in SELDOM_READ and (block.speaker or not is_interview))
    ]
    return sum(spoken[index] for index in counted) / max(1, sum(total[index] for index in counted))


def _wrong_essay(coverage: float, verified: float) -> Iterator[str]:
    if max(coverage, verified) < _LEAST_COMMON_SHARE:
        yield (
            f"This essay belongs to another recording: {coverage:.0%} of its words were heard, "
            f"and {verified:.0%} of what was said is in it."
        )


def _thin_match(coverage: float, verified: float) -> Iterator[str]:
    if verified < _LEAST_VERIFIED_SHARE:
        yield (
            f"Only {verified:.0%} of what was said is in the essay: it may be an excerpt, "
            "or the recording contains more than a reading."
        )
    if coverage < _LEAST_COVERED_SHARE:
        yield f"Only {coverage:.0%} of the essay's words were heard: the recording may contain a part of it."


def _wrong_interview(coverage: float, verified: float) -> Iterator[str]:
    if max(coverage, verified) < _LEAST_COMMON_OF_INTERVIEW:
        yield (
            f"This text is of another conversation, or retells it: {coverage:.0%} of its words were heard, "
            f"and {verified:.0%} of what was said is in it. An interview that was edited as usual has "
            f"{_LEAST_COVERED_OF_INTERVIEW:.0%} and {_LEAST_VERIFIED_OF_INTERVIEW:.0%} at least."
        )


def _much_edited(coverage: float, verified: float) -> Iterator[str]:
    if verified < _LEAST_VERIFIED_OF_INTERVIEW:
        yield (
            f"Only {verified:.0%} of what was said is in the text, where an edited interview has "
            f"{_LEAST_VERIFIED_OF_INTERVIEW:.0%} at least: it may be an excerpt, or edited heavily."
        )
    if coverage < _LEAST_COVERED_OF_INTERVIEW:
        yield (
            f"Only {coverage:.0%} of the text's words were heard, where of an edited interview "
            f"{_LEAST_COVERED_OF_INTERVIEW:.0%} are at least: the recording may contain a part of it, "
            "or it was edited heavily."
        )


def _unaccounted(speech_ms: int, lost: Sequence[Span], failed: Sequence[Gap]) -> Iterator[str]:
    lost_ms = total_ms(lost)
    if _NOTABLE_LOSS_MS < lost_ms <= _MOST_LOST_SHARE * speech_ms:
        yield _lost(lost, speech_ms)
    gaps = _of(failed, music=False)
    if total_ms(gaps) >= _NOTABLE_GAP_MS:
        first = clock(gaps[0][0])
        yield f"{clock(total_ms(gaps))} of the audio could not be transcribed, the first at {first}."


def _too_much_lost(speech_ms: int, lost: Sequence[Span]) -> Iterator[str]:
    if total_ms(lost) > max(_NOTABLE_LOSS_MS, _MOST_LOST_SHARE * speech_ms):
        yield _lost(lost, speech_ms)


def _lost(lost: Sequence[Span], speech_ms: int) -> str:
    longest = max(lost, key=lambda span: span[1] - span[0])
    return (
        f"{clock(total_ms(lost))} of {clock(speech_ms)} of speech are unaccounted for, "
        f"the longest stretch at {clock(longest[0])}."
    )


def _backwards(heard: Sequence[HeardWord]) -> Iterator[str]:
    back = [right.start_ms for left, right in pairwise(heard) if right.start_ms < left.start_ms]
    if len(back) > _MOST_BACKWARDS_SHARE * len(heard):
        yield (
            f"The transcript's times go backwards at {len(back)} of {len(heard)} words, "
            f"the first at {clock(back[0])}."
        )


def _bad_times(words: Sequence[AlignedWord]) -> Iterator[str]:
    spans = _spans(words)
    lengths = [end - start for start, end in spans]
    if not spans:
        return
    short = sum(length < _VERY_SHORT_MS for length in lengths)
    pile = _longest_pile(lengths)
    if short > _MOST_VERY_SHORT_SHARE * len(spans) and pile >= _LONGEST_PILE_WORDS:
        yield f"{short} of {len(spans)} words are shorter than {_VERY_SHORT_MS} ms, {pile} of them in a row."
    longest = max(range(len(spans)), key=lengths.__getitem__)
    if lengths[longest] > _LONGEST_USABLE_WORD_MS:
        yield f"One word lasts {lengths[longest] / 1000:.0f} seconds, at {clock(spans[longest][0])}."
    rate = 1000 * len(spans) / max(1, total_ms(joined(spans, _PAUSE_IN_SPEECH_MS)))
    if len(spans) >= _FEWEST_TIMED_WORDS and not _LEAST_WORDS_PER_SECOND <= rate <= _MOST_WORDS_PER_SECOND:
        yield f"The essay's words run at {rate:.1f} a second: nobody reads at that speed."


def _longest_pile(lengths: Iterable[int]) -> int:
    longest = current = 0
    for length in lengths:
        current = current + 1 if length < _VERY_SHORT_MS else 0
        longest = max(longest, current)
    return longest


def _long_words(words: Sequence[AlignedWord]) -> Iterator[str]:
    long = [start for start, end in _spans(words) if end - start > _LONGEST_WORD_MS]
    if long:
        yield (
            f"{len(long)} words last longer than {_LONGEST_WORD_MS // 1000} seconds, "
            f"the first at {clock(long[0])}."
        )
