"""Recognise the sentences that publishing platforms put around an essay."""

from __future__ import annotations

import re
from dataclasses import replace

from inkcast.essays.essay import Block

_MAX_WORDS = 60
_MAX_CHARACTERS = 600

# At its start, which is quickly seen, or anywhere in it.
_OPENINGS = re.compile(
    r"""(?:
      this\ is\ a\ (?:public|free\ preview|free)\ (?:of\ a\ paid\ )?(?:episode|post)\b
    | this\ post\ is\ public\ so\ feel\ free\ to\ share
    | thank(?:s|\ you)\ (?:so\ much\ )?for\ (?:reading|listening)\b
    | get\ full\ access\ to\b
    | if\ you(?:[’']d|\ would)\ like\ to\ discuss\ this\ with\ other\ subscribers
    | (?:this|the)\ (?:post|episode)\ (?:is|was)\ (?:also\ )?(?:available|published)\ (?:on|at)\ https?:
    | (?:upgrade\ to\ paid|become\ a\ (?:paid|free)\ (?:subscriber|member))\b
    | you\ just\ read\ issue\ \#\d+\ of\b
    | don[’']t\ miss\ what[’']s\ next\.\ subscribe\ to\b
    | (?:did|if)\ (?:someone|a\ friend)\ forward(?:ed)?\ (?:you\ )?this\b
    | (?:learn\ more\ about\ your\ ad\ choices|hosted\ on\ acast|advertising\ inquiries)\b
    | privacy\ &\ opt-out\b
    | (?:support\ the\ show|support\ this\ podcast|send\ us\ a\ (?:text|message|voice\ message))\b
    | (?:sponsored\ by|brought\ to\ you\ by|today[’']s\ sponsor)\b
    | this\ (?:episode|show|podcast)\ is\ (?:sponsored|supported|brought\ to\ you)\ by\b
    | for\ (?:more\ information|information\ regarding\ your\ data\ privacy).{0,40}\bvisit\b
    | (?:subscribe|sign\ up)\ (?:now\ |today\ |here\ )?(?:to|for|and)\ (?:our|my|the|get|receive|never)\b
    | subscribe\ (?:now\ )?to\ .{1,60}\b(?:newsletter|edition|channel|podcast)\b
    | get\ (?:the\ latest|our|more)\ .{0,60}\b(?:inbox|updates|newsletter|announcements|stories)\b
    | follow\ .{1,60}\ on\ (?:twitter|x|facebook|instagram|mastodon|bluesky|threads|linkedin|medium|tiktok)\b
    | for\ the\ latest\b.{0,60}\b(?:download|subscribe|follow|visit)\b
    | if\ you\ (?:enjoyed|liked)\ (?:reading\ )?this\b.{0,60}\b(?:article|post|essay|piece)
    | (?:have\ a\ (?:news\ )?tip|got\ a\ tip)\?
    | (?:copyright\ )?(?:©|\(c\)\ \d{4}\b) | copyright\ \d{4}\b
    | all\ rights\ reserved\b
    | use\ (?:the\ )?(?:up/down|left/right)\ arrow\ keys\b
    | press\ (?:play|space)\ to\ (?:listen|play)\b
    | see\ (?:omnystudio\.com|acast\.com|pcm\.adswizz\.com)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_PHRASES = re.compile(
    r"""
      \bis\ a\ (?:reader|listener)-supported\ (?:publication|podcast|newsletter)
    | \bto\ (?:receive|get)\ new\ posts\ and\ support\ (?:my|our)\ work\b
    | \buse\ (?:the\ )?(?:promo\ |discount\ )?code\ (?-i:[A-Z0-9]{3,})\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_BUTTONS = re.compile(
    r"""(?:
      subscribe(?:\ now|\ for\ free)? | upgrade\ to\ paid | share(?:\ this\ (?:post|episode))?
    | leave\ a\ comment | read\ more | continue\ reading | refer\ a\ friend
    | \d{1,3}[\s-]min(?:ute)?s?[\s-](?:read|listen) | (?:est(?:imated|\.)?\ )?reading\ time:?\ .{1,20}
    | (?:you\ have\ )?\d{1,2}\ (?:of\ \d{1,2}\ )?(?:free\ )?(?:member-only\ )?(?:articles?|stories|story)
        \ (?:left|remaining)(?:\ this\ month)?
    | (?:member|members|subscriber|subscribers)[\s-]only(?:\ (?:story|post|content))? | poll | loading
    | give\ a\ gift\ subscription | listen\ (?:now|to\ this\ episode) | sign\ (?:in|up) | restack
    | show\ (?:more|less) | (?:play|download)\ episode | add\ to\ queue | copy\ link
    | start\ writing(?:\ today)? | join\ free | advertisement
    )[.!:»→]?""",
    re.IGNORECASE | re.VERBOSE,
)
# What credits a picture in a line below it. People who quote put the sign at the end.
_CREDIT = re.compile(
    r"©|\bGetty Images\b|^(?:Photo|Image|Foto|Picture|Illustration)(?:graph| credit)?s?(?: by|:)\s"
)
_MAX_CREDIT_WORDS = 25
# What points to another story, if most of it is a link.
_POINTER = re.compile(
    r"""(?:
      (?:also\ )?read(?:\ (?:more|also|next|this|on))? | see(?:\ also|\ more)? | previously | watch | listen
    | related(?:\ (?:story|stories|article|articles|post|posts|reading|coverage|video))?
    | more(?:\ (?:on|from|about)\b.{0,60})? | (?:recommended|further)(?:\ reading)? | don[’']t\ miss
    | you\ (?:may|might)\ also\ (?:like|enjoy)
    )\s?[:»→>|…]""",
    re.IGNORECASE | re.VERBOSE,
)
_PAYWALL = re.compile(
    r"""(?:
      this\ (?:post|episode)\ is\ for\ (?:(?:paid|paying)\ )?(?:subscribers|members)(?:\ only)?
    | keep\ reading\ with\ a\ 7-day\ free\ trial
    | listen\ to\ this\ episode\ with\ a\ 7-day\ free\ trial
    | subscribe\ to\ .{1,80}\ to\ (?:keep|continue)\ (?:reading|listening)
        (?:\ this\ (?:post|episode)\b.{0,80})?
    | subscribe\ to\ .{1,80}\ to\ unlock\ (?:the\ rest|this\ post)\b.{0,80}
    | (?:continue|keep)\ reading\ this\ post\ for\ free\b.{0,120}
    | (?:upgrade|subscribe|sign\ up|log\ in)\ to\ (?:keep|continue)\ reading
    | create\ an\ account\ to\ read\ the\ full\ story
    | the\ author\ made\ this\ story\ available\ to\ \w{1,20}\ members\ only
    | become\ a\ pa(?:id|ying)\ subscriber\ (?:of\ .{1,80}\ )?to\ get\ access\ to
        \ (?:this|the\ rest\ of)\b.{0,120}
    | this\ content\ is\ for\ (?:paid\ )?(?:members|subscribers)\ only
    )[.!]?""",
    re.IGNORECASE | re.VERBOSE,
)
_CUT_OFF = re.compile(
    r"(?:…|\.\.\.|\[\s*(?:…|\.\.\.)\s*\])\s*(?:(?:show|read|see)\s+more|more)?\s*$|\b(?:show|read)\s+more\s*$",
    re.IGNORECASE,
)


def is_boilerplate(text: str) -> bool:
    """Whether a paragraph is the platform's and not the author's."""
    if len(text) > _MAX_CHARACTERS:
        return False
    if _BUTTONS.fullmatch(text):
        return True
    return len(text.split()) <= _MAX_WORDS and bool(_OPENINGS.match(text) or _PHRASES.search(text))


def is_credit(text: str) -> bool:
    """Whether a short line says whose a picture is."""
    return len(text.split()) <= _MAX_CREDIT_WORDS and bool(_CREDIT.search(text[:_MAX_CHARACTERS]))


def mark_boilerplate(block: Block) -> Block:
    """The block, its kind set to boilerplate if that is what its text is."""
    is_text = block.kind in ("paragraph", "heading", "list_item", "quote")
    if is_text and (is_boilerplate(block.text) or _is_pointer(block)):
        return replace(block, kind="boilerplate", level=0, ordinal=0)
    if block.kind == "paragraph" and is_credit(block.text):
        return replace(block, kind="caption")
    return block


def is_linked(block: Block) -> bool:
    """Whether most of a block leads elsewhere."""
    links = (mark for mark in block.marks if mark.kind == "link" and not mark.target.startswith("#"))
    linked = sum(mark.end - mark.start for mark in links)
    return 2 * linked > len(block.text)


def _is_pointer(block: Block) -> bool:
    return len(block.text) <= _MAX_CHARACTERS and bool(_POINTER.match(block.text)) and is_linked(block)


def is_paywall(text: str) -> bool:
    """Whether a paragraph says that the rest is for those who pay."""
    return len(text) <= _MAX_CHARACTERS and bool(_PAYWALL.fullmatch(text))


def is_cut_off(text: str) -> bool:
    """Whether a text ends like a teaser: in dots, or in "Show more"."""
    return bool(_CUT_OFF.search(text[-40:]))
