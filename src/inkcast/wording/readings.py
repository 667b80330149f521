"""The ways in which a written word may be spoken in English: "$2-10T", "GPT 5.5", "i.e.", "OpenAI".

Both sides of a match go through this table, so a transcript may write "25%" or "twenty five percent".
A reading is a tuple of keys (see ``normal``); a word's first reading is its likeliest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice, pairwise, product
from math import prod

from inkcast.wording import normal
from inkcast.wording.numbers import Reading, decade, number, ordinal, pair

_MOST_READINGS = 24
_MOST_CHOICES = 12
_MOST_COMBINATIONS = 2000
_SILENT: Reading = ()


def _said(*readings: str) -> tuple[Reading, ...]:
    return tuple(tuple(reading.split()) for reading in readings)


_ABBREVIATIONS = {
    "i.e.": _said("i e", "that is", "ie"),
    "ie.": _said("i e", "that is", "ie"),
    "e.g.": _said("e g", "for example", "for instance", "eg"),
    "eg.": _said("e g", "for example", "for instance", "eg"),
    "etc.": _said("etc", "et cetera", "etcetera"),
    "etc": _said("etc", "et cetera", "etcetera"),
    "vs.": _said("versus", "vs"),
    "vs": _said("versus", "vs"),
    "v.": _said("versus", "v"),
    "dr.": _said("doctor", "dr"),
    "mr.": _said("mister", "mr"),
    "mrs.": _said("missus", "mrs"),
    "mr": _said("mister", "mr"),
    "mrs": _said("missus", "mrs"),
    "mister": _said("mister"),
    "st.": _said("saint", "street", "st"),
    "prof.": _said("professor", "prof"),
    "approx.": _said("approximately", "approx"),
    "et al.": _said("et al", "and others"),
    "no.": _said("no", "number"),
    "fig.": _said("figure", "fig"),
    "w/": _said("with"),
    "w/o": _said("without"),
    "a.m.": _said("a m", "am"),
    "p.m.": _said("p m", "pm"),
    "ok": _said("okay"),
    "u.s.": _said("u s", "us", "united states"),
    "u.k.": _said("u k", "uk", "united kingdom"),
    "ph.d.": _said("ph d", "p h d", "phd"),
}
_MONTHS = "january february march april june july august october november december"
_ABBREVIATIONS |= {f"{month[:3]}.": _said(month, month[:3]) for month in _MONTHS.split()}
_ABBREVIATIONS |= {"sept.": _said("september", "sept"), "sep.": _said("september", "sep")}

# Between two parts of one word; elsewhere a symbol is either listed in _SYMBOLS or silent.
_JOINTS = {
    "/": (_SILENT, *_said("slash", "or", "and", "per")),
    ".": (_SILENT, *_said("dot", "point")),
    "-": (_SILENT, *_said("to", "dash", "minus")),
    "–": (_SILENT, *_said("to", "dash")),
    ":": (_SILENT, *_said("to")),
    "+": _said("plus", "and"),
    "_": (_SILENT, *_said("underscore")),
}
_SYMBOLS = {
    "&": _said("and"),
    "+": _said("plus", "and"),
    "=": _said("equals", "is"),
    "@": _said("at"),
    "%": _said("percent"),
    "#": (*_said("hashtag", "number", "hash"), _SILENT),
    "×": _said("times", "by", "x"),
    "°": _said("degrees"),
    "~": (*_said("about"), _SILENT),
    "≈": _said("approximately", "about"),
    "→": (_SILENT, *_said("to")),
    "$": (_SILENT, *_said("dollars")),
    "<": (_SILENT, *_said("less than")),
    ">": (_SILENT, *_said("greater than")),
    "§": _said("section"),
}

_BEFORE = {
    "": (_SILENT,),
    "~": (*_said("about", "around", "approximately", "roughly"), _SILENT, *_said("tilde")),
    "≈": (*_said("about", "approximately", "around", "roughly"), _SILENT),
    "<": _said("less than", "under", "below", "fewer than"),
    ">": _said("more than", "over", "greater than", "above"),
    "≤": _said("at most", "less than or equal to", "up to"),
    "≥": _said("at least", "greater than or equal to"),
    "±": _said("plus or minus"),
    "#": (*_said("number", "hashtag"), _SILENT),
    "-": (_SILENT, *_said("minus", "negative")),
    "−": _said("minus", "negative"),
    "+": (*_said("plus"), _SILENT),
    "'": (_SILENT,),
}
_CURRENCIES = {
    "": (_SILENT,),
    "$": (*_said("dollars", "dollar", "bucks"), _SILENT),
    "US$": (*_said("us dollars", "dollars", "dollar"), _SILENT),
    "€": (*_said("euros", "euro"), _SILENT),
    "£": (*_said("pounds", "pound"), _SILENT),
    "¥": (*_said("yen", "yuan"), _SILENT),
    "₹": (*_said("rupees"), _SILENT),
}
_SUFFIXES = {
    "": (_SILENT,),
    "%": (*_said("percent", "per cent"), _SILENT),
    "k": _said("thousand", "k"),
    "K": _said("thousand", "k"),
    "M": _said("million", "m"),
    "m": _said("million", "meters", "m"),
    "mn": _said("million"),
    "B": _said("billion", "b"),
    "b": _said("billion", "b"),
    "bn": _said("billion"),
    "T": _said("trillion", "t"),
    "tn": _said("trillion"),
    "x": _said("x", "times", "fold"),
    "X": _said("x", "times", "fold"),
    "×": _said("x", "times", "fold"),
    "°": _said("degrees"),
    "°C": _said("degrees celsius", "degrees", "degrees c"),
    "°F": _said("degrees fahrenheit", "degrees", "degrees f"),
    "am": _said("a m", "am"),
    "pm": _said("p m", "pm"),
    "km": _said("kilometers", "kilometres", "k m"),
    "kg": _said("kilograms", "kilos", "k g"),
    "ms": _said("milliseconds", "m s"),
    "GB": _said("gigabytes", "g b", "gb"),
    "TB": _said("terabytes", "t b", "tb"),
    "MB": _said("megabytes", "m b", "mb"),
    "GW": _said("gigawatts", "g w"),
    "MW": _said("megawatts", "m w"),
    "s": _said("s", "seconds"),
}
_SIGNS = "$€£¥₹"
_SCALES = _said("thousand", "million", "billion", "trillion")
_DASHES = {"": (_SILENT,), "-": (*_said("to"), _SILENT, *_said("dash")), "–": (*_said("to"), _SILENT)}
_FREQUENCY = (*_said("a", "per"), _SILENT, *_said("every", "an", "slash"))
_TIMES = {"1": "once", "2": "twice", "3": "thrice"}
_MULTIPLIERS = ("x", "X", "×")
_CONTRACTIONS = {
    "'ll": ("will",),
    "'re": ("are",),
    "'ve": ("have",),
    "'m": ("am",),
    "'d": ("would", "had"),
    "'s": ("is", "has", "us"),
    "n't": ("not",),
}
_IRREGULAR_CONTRACTIONS = {
    "can't": _said("can not"),
    "won't": _said("will not"),
    "gonna": _said("going to"),
    "wanna": _said("want to"),
    "gotta": _said("got to"),
}
_NOT_PLAIN = frozenset(_ABBREVIATIONS) | frozenset(_IRREGULAR_CONTRACTIONS)
_ROMAN_NUMERALS = "I II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI"
# A single letter is far more often a letter.
_ROMAN = {numeral: value for value, numeral in enumerate(_ROMAN_NUMERALS.split(), 1) if len(numeral) > 1}

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)*"
_TOKEN = re.compile(
    rf"(?P<clock>\d{{1,2}}):(?P<minutes>[0-5]\d)(?!\d)"
    rf"|(?P<nth>\d+)(?:st|nd|rd|th)(?![^\W_])"
    rf"|(?P<decade>\d+0)'?s(?![^\W_])"
    rf"|(?P<before>(?<![^\W_])[~≈<>≤≥±#+−'-])?(?P<currency>US\$|[$€£¥₹])?(?P<low>{_NUMBER}|(?<!\d)\.\d+)"
    rf"(?:(?P<dash>[-–])[$€£]?(?P<high>{_NUMBER}))?"
    rf"(?:(?P<suffix>°[CF]|[%°]|(?:bn|mn|tn|am|pm|km|kg|ms|GB|TB|MB|GW|MW|[kKmMbBTxX×s])(?![^\W_])))?"
    rf"(?P<plus>\+(?!\w))?(?:/(?P<unit>[a-z]+)(?![\w/]))?"
    rf"|(?P<letters>[^\W\d_]+(?:'[^\W\d_]+)*)"
    rf"|(?P<symbol>[^\w\s'\"]|_)"
)
_CAMEL = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def _combine(*options: Sequence[Reading]) -> list[Reading]:
    """Concatenations of one reading of each; the fewer unlikely choices, the earlier."""
    options = tuple(option[:_MOST_CHOICES] for option in options if option)
    while prod(len(option) for option in options) > _MOST_COMBINATIONS:
        options = tuple(option[: max(1, len(option) - 1)] for option in options)
    ranked = sorted(product(*(range(len(option)) for option in options)), key=sum)
    found = (
        tuple(key for option, rank in zip(options, ranks, strict=True) for key in option[rank])
        for ranks in ranked
    )
    return list(islice(dict.fromkeys(found), _MOST_READINGS))


def _amount(match: re.Match[str]) -> list[Reading]:
    """A number with all that may cling to it: ``~$2-10T``, ``12+``, ``5-6``, ``$5/month``, ``2X``."""
    part = {name: value or "" for name, value in match.groupdict().items()}
    alone = not (part["currency"] or part["suffix"] or part["unit"])
    suffix = _SUFFIXES[part["suffix"]]
    found = _combine(
        _BEFORE[part["before"]],
        number(part["low"], alone),
        _DASHES[part["dash"]],
        number(part["high"], alone) if part["high"] else (),
        suffix,
        _CURRENCIES[part["currency"]],
        _FREQUENCY if part["unit"] else (),
        (normal.keys(part["unit"]),),
    )
    if part["suffix"] in _MULTIPLIERS and part["low"] in _TIMES:
        found.insert(1, (_TIMES[part["low"]],))
    if part["plus"]:
        found = [form for reading in found[:6] for form in _with_plus(reading)]
    return found


def _with_plus(reading: Reading) -> list[Reading]:
    ways = ((), ("plus",)), ((), ("or", "more")), (("more", "than"), ()), (("over",), ()), ((), ())
    return [(*before, *reading, *after) for before, after in ways]


def _clock(match: re.Match[str]) -> Sequence[Reading]:
    hour, minutes = number(match["clock"])[0], int(match["minutes"])
    if minutes == 0:
        return ((*hour, "o", "clock"), hour, (*hour, "oclock"), (*hour, "hundred"))
    return ((*hour, *pair(minutes)), (*hour, *number(match["minutes"])[0]))


def _letters(text: str) -> Sequence[Reading]:
    """A stretch of letters: an acronym may be spelled, CamelCase may be two words, II is two."""
    found = [normal.keys(text), *_long_forms(text.lower())]
    if not text.islower():
        if text.isupper() and 1 < len(text) <= 6 and text.isascii():
            found.append(tuple(text.lower()))
        if text in _ROMAN:
            value = _ROMAN[text]
            found += [number(str(value))[0], ("the", *ordinal(value)), ordinal(value)]
        parts = _CAMEL.findall(text)
        if len(parts) > 1 and "".join(parts) == text:
            found.append(tuple(part.lower() for part in parts))
        # "GPUs", "LLMs"
        if text[-1] == "s" and text[:-1].isupper() and 2 < len(text) <= 6:
            found.append((*text[:-2].lower(), text[-2:].lower()))
    return found


def _long_forms(text: str) -> Iterator[Reading]:
    """``that'll`` → that will."""
    if text in _IRREGULAR_CONTRACTIONS:
        yield from _IRREGULAR_CONTRACTIONS[text]
        return
    for short, longs in _CONTRACTIONS.items():
        if text.endswith(short) and len(text) > len(short):
            yield from ((*normal.keys(text[: -len(short)]), long) for long in longs)


def _ordinals(text: str) -> Sequence[Reading]:
    if len(text) > 15:
        return ((text,),)
    return (ordinal(int(text)), ("the", *ordinal(int(text))))


def _options(match: re.Match[str], text: str) -> Sequence[Reading]:
    if match["low"]:
        return _amount(match)
    if match["letters"]:
        return _letters(match["letters"])
    if match["nth"]:
        return _ordinals(match["nth"])
    if match["decade"]:
        return decade(int(match["decade"])) if len(match["decade"]) < 5 else ((match["decade"],),)
    if match["clock"]:
        return _clock(match)
    symbol, before, after = match["symbol"], text[: match.start()], text[match.end() :]
    if before and after and before[-1].isalnum() and after[0].isalnum() and symbol in _JOINTS:
        return _JOINTS[symbol]
    if symbol in "-–.:/_":
        return (_SILENT,)
    return _SYMBOLS.get(symbol, (_SILENT,))


def _abbreviation(text: str) -> tuple[Reading, ...] | None:
    """Look an abbreviation up, whatever closes the sentence after it: ``etc.).``"""
    core = text.rstrip(").]:\"'”’")
    dotted = f"{core}." if text.startswith(f"{core}.") else core
    return _ABBREVIATIONS.get(text) or _ABBREVIATIONS.get(dotted)


def readings_in_line(words: Sequence[str], language: str = "en") -> list[Sequence[Reading]]:
    """Readings of each word of a text; "$10 trillion" may be read as "ten" "trillion dollars"."""
    found: list[Sequence[Reading]] = [readings(word, language) for word in words]
    for index, (word, following) in enumerate(pairwise(words)):
        unit = next((_CURRENCIES[sign][0] for sign in _SIGNS if sign in word), None)
        scales = found[index + 1]
        if unit and following[:1].isalpha() and scales[0][-1:] in _SCALES:
            found[index + 1] = (*scales, *((*scale, *unit) for scale in scales))
    return found


@lru_cache(maxsize=65536)
def readings(text: str, language: str = "en") -> tuple[Reading, ...]:
    """Ways to say one written word, likeliest first; ``((),)`` when it has nothing to say.

    Args:
        text: a word without white space, punctuation and all.
        language: ISO 639 code; other languages than English get the written form only.

    >>> readings("25%")[0], readings("—")
    (('twenty', 'five', 'percent'), ((),))
    """
    if not language.startswith("en"):
        return (normal.split(text),)
    if text.isascii() and text.isalpha() and text.islower() and text not in _NOT_PLAIN:
        return ((text,),)
    bare = normal.plain(text).strip("\"'()[]{}*“”«»,;!?…")
    known = _abbreviation(bare.lower())
    if known:
        return known
    options = [_options(match, bare) for match in _TOKEN.finditer(bare)]
    return tuple(_combine(*options))
