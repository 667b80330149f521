"""Which language is spoken: several windows vote, since an intro may speak another or none."""

from __future__ import annotations

from collections import Counter

from inkcast.audio.stream import SampleStream
from inkcast.speech.decoding.window import open_window
from inkcast.speech.engines.engine import Engine

# docs/models.md: tells as well as 20 s and silence up to half a minute, in a sixth of the time.
_WINDOW_MS = 10_000
# Not measured: chosen by hand.
_STEP_MS = 30_000
_MOST_VOTES = 4
_SURE_PROBABILITY = 0.9


def detect_language(engine: Engine, stream: SampleStream) -> str:
    """Language (ISO code) of the first two minutes; "en" where nobody speaks."""
    votes: Counter[str] = Counter()
    heard = 0
    for index in range(_MOST_VOTES):
        start = index * _STEP_MS
        end = stream.end_ms(start + _WINDOW_MS)
        if end <= start:
            break
        window = open_window(engine, stream, start, end)
        if not window.mask.any():
            continue
        votes.update(engine.detect_language([window.features])[0])
        heard += 1
        # One sure window may be the intro; two that agree are enough.
        if heard > 1 and votes.most_common(1)[0][1] / heard > _SURE_PROBABILITY:
            break
    return votes.most_common(1)[0][0] if votes else "en"
