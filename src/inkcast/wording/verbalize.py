"""The ways in which a written word may be spoken: "$2-10T", "GPT-4o", "10^26", "i.e.", "OpenAI".

A word is cut into parts, each with several readings; a reading is a tuple of keys (see ``normal``).
Both sides of a match go through here, so a transcript may write "25%" or "twenty five percent".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice, pairwise, product
from math import prod

from inkcast.wording import normal, verbalizations
from inkcast.wording.languages import count
from inkcast.wording.numbers import MOST_DIGITS, decade, fraction, number, ordinal, pair, power, year
from inkcast.wording.verbalizations import SILENT, Reading, Readings

# Not measured: chosen by hand.
_MOST_READINGS = 64
_MOST_COMBINATIONS = 1500
_PUNCTUATION = "\"'()[]{}*“”«»„‹›,;!?…،؛؟。、"

_ROMAN_NUMERALS = "I II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI"
# A single letter is far more often a letter.
_ROMAN = {numeral: value for value, numeral in enumerate(_ROMAN_NUMERALS.split(), 1) if len(numeral) > 1}
_TIMES = {"1": "once", "2": "twice", "3": "thrice"}
_MULTIPLIERS = ("x", "X", "×")
_SCALES = {("thousand",), ("million",), ("billion",), ("trillion",)}
_SIGNS = "$€£¥₹"
# Between the ends of a range; "3-405B" of a model's name has none.
_DASHES = verbalizations.said("to, _, dash, or, through, minus")


def _any_of(forms: Mapping[str, Readings]) -> str:
    return "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True) if form)


_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)*"
_UNIT = rf"(?:{_any_of(verbalizations.UNITS)})(?![^\W_])"
_SIGN = _any_of(verbalizations.CURRENCIES)
_TOKEN = re.compile(
    rf"(?P<date>\d{{4}}-\d\d-\d\d|\d{{1,2}}/\d{{1,2}}/\d{{4}}|\d{{1,2}}/\d{{1,2}}/\d\d)(?!\d)"
    rf"|(?P<clock>\d{{1,2}}):(?P<minutes>[0-5]\d)(?::(?P<seconds>[0-5]\d))?(?!\d)(?P<half>(?i:[ap]\.?m\b\.?))?"
    rf"|(?P<nth>\d+)(?:st|nd|rd|th)(?![^\W_])"
    rf"|'?(?P<decade>\d+0)'?s(?![^\W_])"
    rf"|(?<![\d.,/])(?:(?P<whole>\d+)[ -])?(?P<over>\d{{1,4}})[/⁄](?P<under>\d{{1,4}})(?![\d/]|[.,]\d)"
    rf"|(?P<before>(?<![^\W_])(?:{_any_of(verbalizations.PREFIXES)}))?(?P<currency>{_SIGN})?"
    rf"(?P<low>{_NUMBER}|(?<!\d)\.\d+)"
    rf"(?:(?P<unit>{_UNIT})?(?P<dash>[-–—])(?:{_SIGN})?(?P<high>{_NUMBER}))?"
    rf"(?P<suffix>{_UNIT})?(?P<plus>\+(?!\w))?(?:/(?P<per>[a-z]+)(?![\w/]))?"
    rf"|(?<=\S)\[(?P<note>\d{{1,3}})(?:\]|\Z)"
    rf"|\^[({{]?(?P<power>[-−]?\d{{1,3}})[)}}]?"
    rf"|(?P<letters>{normal.LETTERS})"
    rf"|(?P<symbol>§§|[^\w\s'\"]|_)"
)
_CAMEL = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_ADDRESS = re.compile(
    r"(?i:(?:https?://|www\.)\S+|[\w.+-]+@\S+|[\w-]+(?:\.[\w-]+)*"
    r"\.(?:com|org|net|ai|io|co|dev|edu|gov|ly|me|fm|to|app|xyz|gg|sh|tv|blog|substack|uk|de|eu)(?:/\S*)?)\Z"
)
_IN_ADDRESS = verbalizations.JOINTS | {
    ".": verbalizations.said("dot, _, point"),
    "/": verbalizations.said("slash, _, forward slash"),
    "@": verbalizations.said("at"),
    "-": verbalizations.said("_, dash, hyphen"),
}
_SUPERSCRIPT = re.compile(r"(?<=[^\s\W])(⁻?[⁰¹²³⁴-⁹]+)")
_LONE_NOTE = re.compile(r"\[(\d{1,3})\]\W*\Z")
_VULGAR_FRACTION = re.compile(r"(?<=\d)(?=[¼-¾⅐-⅞])")
_UNITS_AS_WORDS = frozenset(unit for unit in verbalizations.UNITS if len(unit) > 1 and unit != "us")
_NOT_PLAIN = frozenset(
    {*verbalizations.ABBREVIATIONS, *verbalizations.IRREGULAR_CONTRACTIONS, *_UNITS_AS_WORDS}
)


def _combine(*options: Sequence[Reading]) -> list[Reading]:
    """Concatenations of one reading of each; the fewer unlikely choices, the earlier."""
    options = tuple(option for option in options if option)
    while prod(len(option) for option in options) > _MOST_COMBINATIONS:
        options = tuple(option[: max(1, len(option) - 1)] for option in options)
    ranked = sorted(product(*(range(len(option)) for option in options)), key=sum)
    found = (
        tuple(key for option, rank in zip(options, ranks, strict=True) for key in option[rank])
        for ranks in ranked
    )
    return list(islice(dict.fromkeys(found), _MOST_READINGS))


def _amount(match: re.Match[str]) -> list[Sequence[Reading]]:
    """A number and all that clings to it, in the order of speech: ``~$2-10T``, ``12+``, ``$5/month``."""
    part = {name: value or "" for name, value in match.groupdict().items()}
    special = [*_twice(part), *_dollars_and_cents(part)]
    if special:
        usual = _combine(*_amount_parts(part))
        return [[usual[0], *special, *usual[1:]]]
    return _amount_parts(part)


def _amount_parts(part: Mapping[str, str]) -> list[Sequence[Reading]]:
    alone = not (part["currency"] or part["suffix"] or part["per"] or part["unit"])
    low: Sequence[Reading] = number(part["low"], alone)
    if part["before"] == "'" and len(part["low"]) == 2 and part["low"].isdigit():
        low = [*low, *year(2000 + int(part["low"])), *year(1900 + int(part["low"]))]
    if part["low"] == "1" and (part["suffix"] or part["unit"]):
        low = [*low, ("a",), ("an",)]
    parts: list[Sequence[Reading]] = [
        verbalizations.OVER if part["plus"] else (),
        verbalizations.PREFIXES[part["before"]],
        low,
        (SILENT, *verbalizations.UNITS[part["unit"]]) if part["unit"] else (),
        _DASHES if part["dash"] else (),
        number(part["high"], alone) if part["high"] else (),
        verbalizations.UNITS.get(part["suffix"], ()),
        verbalizations.CURRENCIES[part["currency"]],
        verbalizations.PLUS if part["plus"] else (),
        verbalizations.FREQUENCY if part["per"] else (),
        (normal.keys(part["per"]), *verbalizations.UNITS.get(part["per"], ())),
    ]
    return [options for options in parts if options and tuple(options) != (SILENT,)]


def _twice(part: Mapping[str, str]) -> Iterator[Reading]:
    if part["suffix"] in _MULTIPLIERS and part["low"] in _TIMES and not part["dash"]:
        yield (_TIMES[part["low"]],)


def _dollars_and_cents(part: Mapping[str, str]) -> Iterator[Reading]:
    """``$7.50``: seven dollars fifty, seven fifty; ``$0.15``: fifteen cents."""
    main, _, cents = part["low"].partition(".")
    if not part["currency"] or part["dash"] or part["suffix"] or len(cents) != 2 or not main.isdigit():
        return
    small = number(str(int(cents)), alone=False)[0]
    if int(main):
        yield (*number(main, alone=False)[0], *small)
        for currency in verbalizations.CURRENCIES[part["currency"]][:2]:
            for joint in ((), ("and",)):
                for end in ((), ("cents",)):
                    yield (*number(main, alone=False)[0], *currency, *joint, *small, *end)
    else:
        yield (*small, "cents")


def _clock(match: re.Match[str]) -> Sequence[Reading]:
    hour, minutes = number(match["clock"])[0], int(match["minutes"])
    half = match["half"]
    ways: list[Reading]
    if minutes == 0:
        ways = [hour] if half else [(*hour, "oclock"), (*hour, "o", "clock"), hour, (*hour, "hundred")]
    else:
        ways = [(*hour, *pair(minutes)), (*hour, *number(str(minutes))[0])]
        quarters = {15: ("quarter", "past"), 30: ("half", "past")}
        if minutes in quarters:
            ways.append((*quarters[minutes], *hour))
    if match["seconds"]:
        ways = [(*way, *pair(int(match["seconds"]))) for way in ways]
    letters = (half or "").lower().replace(".", "")
    return _combine(ways, (tuple(letters), (letters,)) if half else ())


def _day(date: tuple[int, int, int]) -> list[Reading]:
    """Readings of (year, month, day), year 0 for none."""
    year_of, month, day = date
    name, nth = verbalizations.MONTHS[month - 1], ordinal(day)
    years: Sequence[Reading] = year(year_of) if 1100 <= year_of < 2100 else [SILENT]
    days = [(name, *nth), (name, *number(str(day))[0]), (name, "the", *nth)]
    days += [("the", *nth, "of", name), (*nth, "of", name)]
    return [(*way, *rest) for way in days for rest in years]


def _date(text: str) -> Sequence[Reading]:
    """``2026-05-26``, ``5/26/2026`` or ``26/5/26``, in words or number by number."""
    first, second, third = numbers = [int(part) for part in re.split("[-/]", text)]
    if text[4:5] == "-":
        orders = [(first, second, third)]
    else:
        full = third if third > 99 else 2000 + third
        orders = [(full, first, second), (full, second, first)]
    found = [way for date in orders if 1 <= date[1] <= 12 and 1 <= date[2] <= 31 for way in _day(date)]
    plain = [number(str(value))[:2] for value in numbers]
    with_oh = [[pair(value)] if 0 < value < 10 else number(str(value))[:1] for value in numbers]
    return [*found, *_combine(*plain), *_combine(*with_oh)]


def _fraction(match: re.Match[str]) -> Sequence[Reading]:
    """``1/2``, ``2 1/2``, but also ``24/7`` and the day ``5/26``."""
    over, under = int(match["over"]), int(match["under"])
    joint = verbalizations.JOINTS["/"]
    apart = _combine(number(match["over"], False)[:3], joint, number(match["under"], False)[:3])
    if not over or not under:
        return apart
    parts = fraction(over, under)
    if match["whole"]:
        return _combine(number(match["whole"])[:2], verbalizations.said("and, _"), parts)
    days = _day((0, over, under)) if over <= 12 and under <= 31 else []
    is_fraction = over < under <= 10 or match["over"] == "1"
    return [*parts, *apart, *days] if is_fraction else [*apart, *parts, *days]


def _power(text: str, base: str) -> Sequence[Reading]:
    ways = power(int(text.replace("−", "-")))
    # What stands raised behind a word, or now and then a number, is a footnote's.
    if base[-2:].isalpha() and len(base) > 1:
        return [SILENT, *ways]
    return ways if base[-1:].isalpha() else [*ways, SILENT]


def _note(digits: str) -> Sequence[Reading]:
    """The number of a source in brackets, which next to nobody reads."""
    return [SILENT, *number(digits)]


def _letters(text: str) -> Sequence[Reading]:
    """A stretch of letters: an acronym may be spelled, CamelCase may be two words, II is two."""
    if text in verbalizations.LETTERS:
        return verbalizations.LETTERS[text]
    found = [normal.keys(text)]
    if "'" in text:
        long = list(_long_forms(text.lower()))
        # Long first where there is but one: so "it'll" here is "it will" there, and may be cut between.
        found = [*long, *found] if len(long) == 1 else [*found, *long]
    if not text.islower():
        if text in _ROMAN:
            value = _ROMAN[text]
            found += [number(str(value))[0], ("the", *ordinal(value)), ordinal(value)]
        name, owner = (text[:-2], "s") if text.endswith("'s") else (text, "")
        found += ((*way[:-1], way[-1] + owner) for way in _spelled(name))
    return found


def _spelled(name: str) -> Iterator[Reading]:
    """``MoE`` → m o e, ``LLMs`` → l l ms, ``ChatGPT`` → chat gpt, chat g p t."""
    lower = name.lower()
    if name.isascii() and len(name) <= 6 and (len(name) > 1 and sum(map(str.isupper, name)) >= 2):
        yield tuple(lower)
        if lower[-1] == "s" and len(name) > 2:
            yield (*lower[:-2], lower[-2:])
    parts = _CAMEL.findall(name)
    if len(parts) > 1 and "".join(parts) == name:
        yield tuple(part.lower() for part in parts)
        letters = [tuple(part.lower()) if part.isupper() else (part.lower(),) for part in parts]
        yield tuple(key for part in letters for key in part)


def _long_forms(text: str) -> Iterator[Reading]:
    """``that'll`` → that will."""
    if text in verbalizations.IRREGULAR_CONTRACTIONS:
        yield from verbalizations.IRREGULAR_CONTRACTIONS[text]
    elif "'" in text:
        for short, longs in verbalizations.CONTRACTIONS.items():
            if text.endswith(short) and len(text) > len(short):
                yield from ((*normal.keys(text[: -len(short)]), *long) for long in longs)


def _ordinals(text: str) -> Sequence[Reading]:
    if len(text) > MOST_DIGITS:
        return ((text,),)
    return (ordinal(int(text)), ("the", *ordinal(int(text))))


def _decade(text: str) -> Sequence[Reading]:
    if len(text) > 4:
        return ((text,),)
    return [form for reading in decade(int(text)) for form in (reading, ("the", *reading))]


def _symbol(match: re.Match[str], text: str, joints: Mapping[str, Readings]) -> Sequence[Reading]:
    symbol, before, after = match["symbol"], text[: match.start()], text[match.end() :]
    if before and after and before[-1].isalnum() and (after[0].isalnum() or after[0] in _SIGNS):
        found = joints.get(symbol)
        if found:
            return found
    if symbol in "-–—.:_":
        return (SILENT,)
    return verbalizations.SYMBOLS.get(symbol, (SILENT,))


def _token_parts(
    match: re.Match[str], text: str, joints: Mapping[str, Readings]
) -> Sequence[Sequence[Reading]]:
    return _amount(match) if match["low"] else [_options(match, text, joints)]


def _options(match: re.Match[str], text: str, joints: Mapping[str, Readings]) -> Sequence[Reading]:
    if match["letters"]:
        is_between = match["letters"] in "xX" and match.start() and text[match.start() - 1].isdigit()
        return verbalizations.said("x, by, times") if is_between else _letters(match["letters"])
    if match["date"]:
        return _date(match["date"])
    if match["nth"]:
        return _ordinals(match["nth"])
    if match["decade"]:
        return _decade(match["decade"])
    if match["clock"]:
        return _clock(match)
    if match["note"]:
        return _note(match["note"])
    if match["power"]:
        return _power(match["power"], text[: match.start()])
    return _fraction(match) if match["under"] else _symbol(match, text, joints)


def _whole(text: str) -> Readings | None:
    """Look an abbreviation or unit up, whatever closes the sentence after it: ``etc.).``"""
    core = text.rstrip(").]:\"'”’")
    dotted = f"{core}." if text.startswith(f"{core}.") else core
    known = verbalizations.ABBREVIATIONS.get(text.lower()) or verbalizations.ABBREVIATIONS.get(dotted.lower())
    if not known and core in _UNITS_AS_WORDS:
        return (tuple(normal.split(core)), *verbalizations.UNITS[core])
    return known


def _strip(text: str) -> str:
    """Without outer punctuation, but for the apostrophe of '90s."""
    bare = text.strip(_PUNCTUATION)
    return f"'{bare}" if bare[:1].isdigit() and text[: text.find(bare)].endswith("'") else bare


def _in_english(text: str) -> tuple[Readings, ...]:
    if lone := _LONE_NOTE.match(text):
        return (tuple(_note(lone[1])),)
    raised = _SUPERSCRIPT.sub(lambda found: "^" + normal.lowered(found[1]), _VULGAR_FRACTION.sub(" ", text))
    bare = _strip(normal.plain(raised))
    known = _whole(bare)
    if known:
        return (known,)
    joints = verbalizations.JOINTS
    if _ADDRESS.match(bare):
        joints = _IN_ADDRESS
        bare = re.sub(r"\A(?i:https?)://", "", bare)
    return tuple(
        tuple(dict.fromkeys(options))
        for match in _TOKEN.finditer(bare)
        for options in _token_parts(match, bare, joints)
    )


@lru_cache(maxsize=65536)
def parts(text: str, language: str = "en") -> tuple[Readings, ...]:
    """The parts of a written word, each with its readings, likeliest first; none if nothing is said.

    Args:
        text: a word without white space, punctuation and all.
        language: ISO 639 code. Languages other than English get the written form, and numbers in
            words where ``languages`` knows them.
    """
    if not language.startswith("en"):
        return _in_other(text, language)
    if text.isascii() and text.isalpha() and text.islower() and text not in _NOT_PLAIN:
        return (((text,),),)
    return _in_english(text)


def _in_other(text: str, language: str) -> tuple[Readings, ...]:
    found: list[Readings] = []
    for part in normal.pieces(text):
        written = normal.keys(part)
        found.append((*count(part, language), written) if part[0].isdigit() else (written,))
    return tuple(found)


def first_reading(text: str, language: str = "en") -> Reading:
    """The likeliest way to say a word.

    >>> first_reading("25%"), first_reading("—")
    (('twenty', 'five', 'percent'), ())
    """
    return tuple(key for part in parts(text, language) for key in part[0])


def parts_in_line(
    words: Sequence[str], language: str = "en", extra: Mapping[str, Sequence[str]] | None = None
) -> list[tuple[Readings, ...]]:
    """The parts of each word of a text; "$10 trillion" may be read as "ten" "trillion dollars".

    Args:
        words: as written.
        language: ISO 639 code.
        extra: further spoken forms of written words, compared without case and outer punctuation.
    """
    found = [parts(word, language) for word in words]
    if language.startswith("en"):
        _add_currencies(words, found)
    if extra:
        own = {_bare(written): _own_readings(spoken, language) for written, spoken in extra.items()}
        for index, word in enumerate(words):
            more = own.get(_bare(word))
            if more:
                found[index] = ((*more, *_combine(*found[index])),)
    return found


def _add_currencies(words: Sequence[str], found: list[tuple[Readings, ...]]) -> None:
    for index, (word, following) in enumerate(pairwise(words)):
        if following[:1].isalpha() and (signs := [sign for sign in _SIGNS if sign in word]):
            scales = found[index + 1][0] if len(found[index + 1]) == 1 else ()
            if any(scale in _SCALES for scale in scales):
                unit = verbalizations.CURRENCIES[signs[0]][0]
                found[index + 1] = ((*scales, *((*scale, *unit) for scale in scales)),)


def _bare(text: str) -> str:
    return normal.plain(text).strip(_PUNCTUATION + ".:").casefold()


def _own_readings(spoken: Sequence[str], language: str) -> list[Reading]:
    return [tuple(key for word in form.split() for key in first_reading(word, language)) for form in spoken]
