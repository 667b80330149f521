"""Numbers in words, in languages other than English: CLDR's spellout rules, all genders and cases."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from inkcast.wording import normal
from inkcast.wording.verbalizations import Reading

if TYPE_CHECKING:  # English does without.
    from unicode_rbnf import FormatPurpose, RbnfEngine

# Behind the point of these a comma separates; "1.000" is a thousand, or one point zero in Mexico.
_GROUPED = re.compile(r"\d{1,3}(?:[.,'’]\d{3})+\Z")
_DECIMAL = re.compile(r"(\d+)[.,](\d+)\Z")
# Digits, points and commas; not measured: chosen by hand.
_MOST_SIGNS = 12


@lru_cache(maxsize=16)
def _engine(language: str) -> RbnfEngine | None:
    from unicode_rbnf import RbnfEngine

    code = re.split("[-_]", language)[0].lower()
    known = RbnfEngine.get_supported_languages()
    return RbnfEngine.for_language(code) if code in known else None


def count(text: str, language: str) -> tuple[Reading, ...]:
    """Spoken forms of digits: as a count, a year and an ordinal; none where no rules are known.

    Args:
        text: digits, with points or commas between them.
        language: ISO 639 code or BCP 47 tag.
    """
    from unicode_rbnf import FormatPurpose

    engine = _engine(language)
    text = normal.plain(text)
    digits = re.sub(r"\D", "", text) if _GROUPED.match(text) else text
    decimal = _DECIMAL.match(text)
    if engine is None or len(text) > _MOST_SIGNS:
        return ()
    found: list[str] = []
    if digits.isdigit():
        found += _spell(engine, digits, FormatPurpose.CARDINAL)
        if len(digits) == 4 and digits == text:
            found += _spell(engine, digits, FormatPurpose.YEAR)
        if len(digits) <= 2:
            found += _spell(engine, digits, FormatPurpose.ORDINAL)
    if decimal:
        found += _spell(engine, f"{decimal[1]}.{decimal[2]}", FormatPurpose.CARDINAL)
    return tuple(dict.fromkeys(keys for form in found if (keys := normal.split(form))))


def _spell(engine: RbnfEngine, text: str, purpose: FormatPurpose) -> list[str]:
    try:
        result = engine.format_number(text, purpose)
    except ValueError:  # This language has no rules for that purpose.
        return []
    return list(result.text_by_ruleset.values())
