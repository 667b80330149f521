"""Language tags as HTML, EPUB and feeds take them."""

from __future__ import annotations

import re

_TAG = re.compile(
    r"[A-Za-z]{2,3}(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*"
)
_PRIMARY = re.compile(r"[A-Za-z]{2,3}(?![A-Za-z0-9])")


def language_tag(language: str, unknown: str = "") -> str:
    """A tag that every reader of BCP 47 takes (RFC 5646), of what a page or model calls its language.

    Some write ``en_US`` or ``en-US.UTF-8``; where the whole is no tag, its language alone may be one.

    Args:
        language: anything.
        unknown: given back where there is no language in it.
    """
    tag = language.strip().replace("_", "-")
    if _TAG.fullmatch(tag):
        return tag
    primary = _PRIMARY.match(tag)
    return primary[0] if primary else unknown
