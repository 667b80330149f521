"""The JSON transcript of Podcasting 2.0, for ``podcast:transcript`` with ``type="application/json"``.

Source: https://github.com/Podcastindex-org/podcast-namespace/blob/main/transcripts/transcripts.md#json
"""

from __future__ import annotations

import json

from inkcast.alignment.alignment import Alignment
from inkcast.publish.subtitles.cues import make_cues
from inkcast.publish.subtitles.limits import preset_limits
from inkcast.publish.words import clean_text, spoken_words
from inkcast.timecode import ms_to_seconds


def write_podcast_json(alignment: Alignment) -> str:
    """Phrases with their times in seconds, and who says them where that is known."""
    segments = [
        {
            **({"speaker": speaker} if (speaker := clean_text(cue.speaker)) else {}),
            "startTime": ms_to_seconds(cue.start_ms),
            "endTime": ms_to_seconds(cue.end_ms),
            "body": cue.text,
        }
        for cue in make_cues(spoken_words(alignment), preset_limits("podcast", "vtt"))
    ]
    return json.dumps({"version": "1.0.0", "segments": segments}, ensure_ascii=False, indent=1) + "\n"
