"""How English speakers say a written number."""

from __future__ import annotations

from inkcast.wording.verbalizations import Reading

_ONES: Reading = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"))
_IRREGULAR_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
MOST_DIGITS = 15  # beyond, nothing has a name here
_POWERS: tuple[Reading, ...] = ((), ("power", "of"), ("power",))
_LAST_DAY_OF_A_MONTH = 31


def _below_hundred(value: int) -> Reading:
    if value < len(_ONES):
        return (_ONES[value],)
    tens, ones = divmod(value, 10)
    return (_TENS[tens], _ONES[ones]) if ones else (_TENS[tens],)


def cardinal(value: int, with_and: bool = False) -> Reading:
    """``205`` → two hundred five, or two hundred and five. ``value`` is 0 .. 10**15 - 1."""
    if value < 100:
        return _below_hundred(value)
    for scale, name in (*_SCALES, (100, "hundred")):
        if value >= scale:
            count, rest = divmod(value, scale)
            head = (*cardinal(count, with_and), name)
            if not rest:
                return head
            joint = ("and",) if with_and and rest < 100 else ()
            return (*head, *joint, *cardinal(rest, with_and))
    raise AssertionError("unreachable: value >= 100")


def ordinal(value: int) -> Reading:
    """``21`` → twenty first."""
    *head, last = cardinal(value)
    if last in _IRREGULAR_ORDINALS:
        return (*head, _IRREGULAR_ORDINALS[last])
    return (*head, f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")


def digits(text: str, zero: str = "zero") -> Reading:
    """One by one: ``"405"`` → four zero five."""
    return tuple(zero if digit == "0" else _ONES[int(digit)] for digit in text)


def pair(value: int) -> Reading:
    """The second half of a year or clock time: ``5`` → oh five, ``26`` → twenty six."""
    return ("oh", *_below_hundred(value)) if value < 10 else _below_hundred(value)


def year(value: int) -> list[Reading]:
    """Readings of 1100 .. 2099 as a year, likeliest first."""
    century, rest = divmod(value, 100)
    if rest == 0:
        hundreds = (*_below_hundred(century), "hundred")
        return [cardinal(value), hundreds] if century == 20 else [hundreds]
    split = (*_below_hundred(century), *pair(rest))
    if value < 2000:
        return [split]
    count = [cardinal(value), cardinal(value, with_and=True)]
    return [*count, split] if value < 2010 else [split, *count]


def decade(value: int) -> list[Reading]:
    """``1990`` → nineteen nineties, ``90`` → nineties, ``2010`` → twenty tens."""
    *head, last = year(value)[0] if value >= 1100 else cardinal(value)
    return [(*head, f"{last[:-1]}ies" if last.endswith("y") else f"{last}s")]


def whole(value: int) -> list[Reading]:
    """Readings of any count, likeliest first: with "and", "a hundred", "fifteen hundred"."""
    found = [cardinal(value), cardinal(value, with_and=True)]
    if len(found[0]) > 1 and found[0][0] == "one":
        found += [("a", *form[1:]) for form in found]
    if 1100 <= value < 10000 and value % 100 == 0 and value % 1000:
        found.append((*_below_hundred(value // 100), "hundred"))
    return found


def bare(text: str) -> list[Reading]:
    """Readings of digits that stand by themselves: years, days and house numbers are among them."""
    value = int(text)
    found = year(value) if 1100 <= value < 2100 else []
    found += whole(value)
    if 0 < value <= _LAST_DAY_OF_A_MONTH:
        found += [ordinal(value), ("the", *ordinal(value))]
    return found + house(text)


def house(text: str) -> list[Reading]:
    """``405`` as a house or a model has it: four oh five, four zero five."""
    found: list[Reading] = []
    if 3 <= len(text) <= 4 and int(text) % 100 and text[0] != "0":
        found.append((*_below_hundred(int(text[:-2])), *pair(int(text[-2:]))))
    if 2 <= len(text) <= 4:
        found += [digits(text), digits(text, "oh")]
    return found


def fraction(over: int, under: int) -> list[Reading]:
    """``3/4``: three quarters, three fourths, three over four. ``over`` and ``under`` are 1 .. 9999."""
    names = {2: [("half",)], 4: [("quarter",), ("fourth",)]}.get(under, [ordinal(under)])
    if over > 1:
        names = [(*name[:-1], "halves" if name[-1] == "half" else f"{name[-1]}s") for name in names]
    counts: list[Reading] = [cardinal(over)] if over > 1 else [("one",), ("a",), ("an",), ()]
    return [
        *((*count, *name) for name in names for count in counts),
        *((*cardinal(over), word, *cardinal(under)) for word in ("over", "in", "of", "by", "slash")),
        (*cardinal(over), "out", "of", *cardinal(under)),
    ]


def power(exponent: int) -> list[Reading]:
    """What follows the base: squared, to the twenty sixth, to the power of minus three."""
    count = cardinal(abs(exponent))
    if exponent < 0:
        return [("to", "the", *power, sign, *count) for sign in ("minus", "negative") for power in _POWERS]
    found: list[Reading] = [("squared",)] if exponent == 2 else [("cubed",)] if exponent == 3 else []
    nth = ordinal(exponent)
    found += [("to", "the", *nth), ("to", "the", *nth, "power")]
    return [*found, *(("to", "the", *power, *count) for power in _POWERS)]


def decimal(text: str) -> list[Reading]:
    """Readings of ``"4.5"``, ``"0.25"``, ``"3.10"`` or a version like ``"1.2.3"``."""
    integral, *parts = text.split(".")
    head = cardinal(int(integral or 0)) if len(integral) <= MOST_DIGITS else digits(integral)

    def joined(point: Reading, tails: list[Reading]) -> Reading:
        return tuple(key for tail in tails for key in (*point, *tail))

    tails = [digits(part) for part in parts]
    counts = [cardinal(int(part)) if len(part) <= 2 else digits(part) for part in parts]
    found = [(*head, *joined(("point",), tails)), (*head, *joined((), tails))]
    if int(integral or 0) == 0:
        found += [joined(("point",), tails), ("oh", *joined(("point",), tails))]
    found += [(*head, *joined(("point",), counts)), (*head, *joined((), counts))]
    found.append((*head, *joined(("dot",), tails)))
    if "0" in "".join(parts):
        tails = [digits(part, "oh") for part in parts]
        found += [(*head, *joined(("point",), tails)), (*head, *joined((), tails)), joined(("point",), tails)]
    return found


def number(text: str, alone: bool = True) -> list[Reading]:
    """Readings of digits with optional thousands commas and points, likeliest first.

    Args:
        text: ``"40,000"``, ``"5.5"``, ``"2026"``.
        alone: nothing such as a currency sign belongs to it, so that it may be a year or a day.

    >>> number("40,000")[0], number("5.5")[:2]
    (('forty', 'thousand'), [('five', 'point', 'five'), ('five', 'five')])
    """
    plain = text.replace(",", "")
    if "." in plain:
        found = decimal(plain)
    elif len(plain) > MOST_DIGITS or (plain[0] == "0" and plain != "0"):
        found = [digits(plain), digits(plain, "oh")]
    else:
        found = bare(plain) if alone and plain == text else whole(int(plain))
        found += house(plain) if plain == text else []
    return list(dict.fromkeys(found))
