"""Recognise the sentences that publishing platforms put around an essay."""

from __future__ import annotations

import re
from dataclasses import replace

from inkcast.essays.essay import Block

_MAX_WORDS = 60

_SENTENCES = re.compile(
    r"""
      \bis\ a\ (?:reader|listener)-supported\ (?:publication|podcast|newsletter)
    | \bto\ (?:receive|get)\ new\ posts\ and\ support\ (?:my|our)\ work\b
    | ^this\ is\ a\ (?:public|free\ preview|free)\ (?:episode|post)\b
    | ^this\ post\ is\ public\ so\ feel\ free\ to\ share
    | ^thank(?:s|\ you)\ (?:so\ much\ )?for\ (?:reading|listening)\b
    | ^get\ full\ access\ to\b
    | ^if\ you(?:[’']d|\ would)\ like\ to\ discuss\ this\ with\ other\ subscribers
    | ^(?:this|the)\ (?:post|episode)\ (?:is|was)\ (?:also\ )?(?:available|published)\ (?:on|at)\ https?:
    """,
    re.IGNORECASE | re.VERBOSE,
)
_BUTTONS = re.compile(
    r"""(?:
      subscribe(?:\ now|\ for\ free)? | upgrade\ to\ paid | share(?:\ this\ (?:post|episode))?
    | leave\ a\ comment | read\ more | continue\ reading | refer\ a\ friend
    | give\ a\ gift\ subscription | listen\ (?:now|to\ this\ episode) | sign\ (?:in|up) | restack
    )[.!:»→]?""",
    re.IGNORECASE | re.VERBOSE,
)
_PAYWALL = re.compile(
    r"(?:this (?:post|episode) is for (?:paid|paying) (?:subscribers|members)"
    r"|keep reading with a 7-day free trial"
    r"|listen to this episode with a 7-day free trial)[.!]?",
    re.IGNORECASE,
)


def is_boilerplate(text: str) -> bool:
    """Whether a paragraph is the platform's and not the author's."""
    if _BUTTONS.fullmatch(text):
        return True
    return len(text.split()) <= _MAX_WORDS and bool(_SENTENCES.search(text))


def mark_boilerplate(block: Block) -> Block:
    """The block, its kind set to boilerplate if that is what its text is."""
    if block.kind in ("paragraph", "heading", "list_item", "quote") and is_boilerplate(block.text):
        return replace(block, kind="boilerplate", level=0, ordinal=0)
    return block


def is_paywall(text: str) -> bool:
    """Whether a paragraph says that the rest is for those who pay."""
    return bool(_PAYWALL.fullmatch(text))
