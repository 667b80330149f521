"""What a cue may be: the limits, the presets of those who publish theirs, and what a character is.

When not all limits can hold, those that are named first do: every word once and in order; no cue
overlaps the next and each lasts; characters a line; lines; longest time; gap; then characters a
second, and last the shortest time. Only the last two ever give way, and only where the speech itself
leaves no time: words cannot be made to last longer, and a cue does not start before or after its
first word to please them.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace

import regex  # type: ignore[import-untyped]

from inkcast.errors import PublishError

_CLUSTER = regex.compile(r"\X")


@dataclass(frozen=True, slots=True)
class CueLimits:
    """Limits of one subtitle format. The defaults are Netflix's for English.

    Source: Netflix Timed Text Style Guide, General Requirements (2 lines, 5/6 s to 7 s, 2 frames
    between cues) and Subtitle Timing Guidelines (no pause of 3 to 11 frames: it is closed); English
    (USA): 42 characters a line, 20 a second for adults. Frames are counted at 24 a second.

    Attributes:
        max_chars: characters in a line, spaces and a speaker's label included (see ``text_width``).
        max_lines: lines in a cue.
        max_cps: characters a second that a reader can follow; a line break counts for nothing.
        min_ms: shortest time that a cue should stay.
        max_ms: longest time that a cue may stay.
        gap_ms: time without a cue between two cues.
        bridge_ms: a pause shorter than this would flicker: the cue before it stays through it.
    """

    max_chars: int = 42
    max_lines: int = 2
    max_cps: float = 20.0
    min_ms: int = 833
    max_ms: int = 7_000
    gap_ms: int = 83
    bridge_ms: int = 500

    def __post_init__(self) -> None:
        least = {"max_chars": 1, "max_lines": 1, "max_ms": 100, "min_ms": 0, "gap_ms": 0, "bridge_ms": 0}
        for name, bound in least.items():
            value = getattr(self, name)
            if value < bound:
                raise PublishError(f"Subtitle limit {name} is {value}.", f"It must be {bound} or more.")
        if self.min_ms > self.max_ms:
            raise PublishError(f"Subtitle limit min_ms is {self.min_ms}.", "It may not be above max_ms.")
        if not self.max_cps > 0:
            raise PublishError(f"Subtitle limit max_cps is {self.max_cps}.", "It must be above 0.")

    def reading_ms(self, n_chars: int) -> int:
        """The time that a reader needs for so many characters, in whole milliseconds."""
        return -int(-1000 * n_chars // self.max_cps)


_NETFLIX = CueLimits()
_BBC = CueLimits(max_chars=37, max_cps=18.0, min_ms=300, gap_ms=0, bridge_ms=1_000)
_PODCAST = replace(_NETFLIX, max_chars=65)

PRESETS: dict[str, dict[str, CueLimits]] = {
    "netflix": {"": _NETFLIX},
    "bbc": {"": _BBC},
    "podcast": {"": _PODCAST, "srt": replace(_PODCAST, max_chars=32)},
    "apple": {"": _PODCAST},
}
"""Limits by preset, then by format; ``""`` is every other format.

- ``netflix``: see ``CueLimits``.
- ``bbc``: Subtitle Guidelines: 37 characters a line (broadcast), 2 lines; 180 words a minute, which at
  five letters and a space is 18 characters a second; 0.3 s a word, so no cue is shorter; cues follow
  each other without a gap, and a pause is shown only if it lasts a second. No longest time is given
  there: Netflix's stands.
- ``podcast``: podcast namespace, ``transcripts.md``: WebVTT 65 characters a line, SubRip 2 lines of
  32. It gives no times: Netflix's stand.
- ``apple``: Apple Podcasts takes WebVTT and SubRip, publishes no figures, and lays the lines out anew:
  long lines, so that words stay together, in both.
"""

DEFAULT_PRESET = "netflix"


def preset_limits(preset: str, format_name: str) -> CueLimits:
    """The limits of ``preset`` for the format ``srt``, ``vtt``, ``ass`` or ``tsv``.

    Raises:
        PublishError: there is no such preset.
    """
    if preset not in PRESETS:
        raise PublishError(f"There is no preset {preset!r}.", f"Choose from {', '.join(PRESETS)}.")
    return PRESETS[preset].get(format_name, PRESETS[preset][""])


def clusters(text: str) -> list[str]:
    """What a reader sees as single characters, each with its accents, joiners and modifiers.

    Source: Unicode Standard Annex 29, extended grapheme clusters.
    """
    return list(text) if text.isascii() else _CLUSTER.findall(text)


def text_width(text: str) -> int:
    """Columns that ``text`` takes: one for a character, two where it is wide, none where invisible.

    A character is a grapheme cluster; wide are those that Unicode Standard Annex 11 calls wide or
    fullwidth: Chinese, Japanese, Korean, most emoji. Half of a Latin limit is thus the usual one for
    these scripts.
    """
    if text.isascii():
        return len(text)
    return sum(map(_cluster_width, clusters(text)))


def _cluster_width(cluster: str) -> int:
    if cluster.isascii():
        return 1
    if any(unicodedata.east_asian_width(char) in "WF" for char in cluster) or "\ufe0f" in cluster:
        return 2
    if "\U0001f1e6" <= cluster[0] <= "\U0001f1ff":  # flags are pairs of letters
        return min(2, len(cluster))
    return int(any(unicodedata.category(char) not in ("Mn", "Me", "Cf", "Cc") for char in cluster))
