"""What it costs a reader when a line or a cue ends between two words.

Netflix and the BBC agree: end after punctuation, else before a conjunction or a preposition; never
separate an article, a possessive, an auxiliary, a negation or a subject pronoun from what it belongs
to, nor the parts of a name or a number. Words alone tell most of this in English, whose little words
are few; in other languages punctuation, names, numbers and pauses remain.

Source: Netflix Timed Text Style Guide, General Requirements, "Line Treatment"; BBC Subtitle
Guidelines 3.4 and 3.9.
"""

from __future__ import annotations

import re

from inkcast.essays.punctuation import ends_clause
from inkcast.publish.subtitles.word_split import OPENING
from inkcast.publish.words import SpokenWord, ends_sentence

# Not measured: chosen by hand. All but the pause are prices, of which only how they compare counts.
PAUSE_MS = 350
"""A pause that a listener notices."""

CUT = 100.0
"""Inside a word, a name or a number: only where nothing else can be done."""

CLINGING = 5.0
"""Between words of which the first makes no sense without the second."""

ANYWHERE = 2.5
_AFTER_CLAUSE = 0.7

_CLAUSE_START = re.compile(r"[(\[“«„]")
_CLOSING = re.compile(r"[,.;:!?)\]}’”»…、。，．；：！？）」』】〉》〕］｝]")
_DASHES = "-–—"
_OPENER = re.compile(
    "and|but|or|nor|so|yet|because|although|though|while|whereas|if|unless|until|when|where|which|who|"
    "that|than|as|to|of|in|on|at|by|for|from|with|without|into|about|between|through|after|before|over|"
    "under|across|against|among|during|toward|towards|via|like|instead|rather|including",
    re.IGNORECASE,
)
_CLINGER = re.compile(
    "an?|the|this|that|these|those|my|your|his|her|its|our|their|no|each|every|some|any|all|both|"
    "of|in|on|at|by|for|from|with|without|into|about|between|through|over|under|than|as|to|like|via|"
    "and|or|but|nor|if|when|while|because|though|although|which|who|whose|what|how|why|where|so|since|"
    "is|are|was|were|be|been|being|am|has|have|had|do|does|did|will|would|can|could|may|might|must|"
    "shall|should|cannot|not|never|i|he|she|we|they|"
    "just|very|more|most|less|too|quite|such|even|only|much|many|other|another|several|as|"
    r"\w+n[’']t|(?:i|you|he|she|it|we|they|that|there|who|what)[’'](?:s|ll|re|ve|d|m)|\w+s?[’']s?|"
    r"(?:vs|e\.g|i\.e)\.",
    re.IGNORECASE,
)
_OBJECT = re.compile("you|it|one|there|here", re.IGNORECASE)
_MODIFIER = re.compile(r"\w{2,}(?:ly|al|ive|ous|ful|ic|able|ible|less|ary)", re.IGNORECASE)
_SCALE = re.compile(
    r"(?:hundred|thousand|million|billion|trillion|percent|per\s?cent|%|‰|°\w?|times|[kmg]?b|am|pm|a\.m\.|p\.m\.)"
    r"\W*",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    "no|nos|number|figure|fig|chapter|ch|part|page|pages|p|pp|section|table|version|level|step|day|round|"
    "volume|vol|episode|phase|tier",
    re.IGNORECASE,
)
_DAY = re.compile(r"\d{1,2}(?:st|nd|rd|th)?,?")
_YEAR = re.compile(r"(?:1\d|20)\d\d\W*")
_BEFORE_NAME = re.compile(r"(?:[^\W\d_]\.)+|(?:Mr|Mrs|Ms|Dr|Prof|St|Gen|Sen|Rep|Gov)\.")
_NO_NAME = re.compile(
    "but|if|when|while|as|since|though|although|however|yet|so|because|then|now|here|there|what|how|why|"
    "where|who|which|and|or|in|on|at|by|for|from|with|of|to|i|you|he|she|it|we|they|this|that|these|those|"
    "is|are|was|were|do|does|did|can|will|my|your|our|their|not|no|also|after|before|given|"
    "a|an|the",
    re.IGNORECASE,
)


def break_price(word: SpokenWord, following: SpokenWord) -> float:
    """The price of ending a line or a cue after ``word``; nothing after a sentence, ``CUT`` inside a name."""
    if following.glued:
        return _price_inside(word, following)
    if ends_sentence(word, following):
        return 0.0
    left, right = word.text, following.text
    pause_ms = following.start_ms - word.end_ms
    relief = 1.0 if pause_ms >= PAUSE_MS else 0.0
    if not right.strip(_DASHES) or right.lower().startswith("etc"):
        return CLINGING
    if _is_one_name_or_number(left, right):
        return CUT
    if ends_clause(left):
        return _AFTER_CLAUSE - 0.3 * relief
    if _CLAUSE_START.match(right):
        return 1.0 - 0.3 * relief
    return _price_of_syntax(left, right) - relief


def _price_inside(word: SpokenWord, following: SpokenWord) -> float:
    """Between characters of a script without spaces, or where a word too long for a line was cut."""
    if word.text.endswith("--"):
        return _AFTER_CLAUSE
    if following.text[0].isascii() and word.text[-1].isascii():
        return CUT
    if word.text[-1] in OPENING or _CLOSING.match(following.text):
        return CUT
    if ends_sentence(word, following):
        return 0.0
    if ends_clause(word.text):
        return _AFTER_CLAUSE
    # A recogniser's own words are better places than the middle of one.
    return ANYWHERE if following.timed else ANYWHERE + 1.0


def _is_one_name_or_number(left: str, right: str) -> bool:
    if _DAY.fullmatch(left) and _YEAR.fullmatch(right):
        return True
    if _ends_in_digit(left) and (_SCALE.fullmatch(right) or right[0].isdigit()):
        return True
    if _NUMBERED.fullmatch(left.rstrip(".")) and right[0].isdigit():
        return True
    if not (_is_big(right) or right[0].isdigit()) or _NO_NAME.fullmatch(left):
        return False
    return bool(_BEFORE_NAME.fullmatch(left)) or (left[-1].isalnum() and _is_big(left))


def _ends_in_digit(text: str) -> bool:
    return text[-1].isdigit() or (len(text) > 1 and text[-1] in "+%KMBTkx" and text[-2].isdigit())


def _is_big(text: str) -> bool:
    """Whether it could be part of a name: a capital at the start or, as in iPhone, inside."""
    core = text.lstrip("“\"'‘(«$€£~")
    return bool(core) and (core[0].isupper() or core[0].isdigit() or any(c.isupper() for c in core[1:3]))


def _price_of_syntax(left: str, right: str) -> float:
    opens = _OPENER.fullmatch(right) is not None
    if _CLINGER.fullmatch(left):
        return CLINGING
    if _OBJECT.fullmatch(left):
        return 1.6 if opens else CLINGING - 1.0
    if left[-1].isdigit() and not opens:
        return CLINGING - 1.0
    if opens:
        return 1.6
    return ANYWHERE + (1.0 if _MODIFIER.fullmatch(left) else 0.0)
