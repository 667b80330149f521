"""Does this engine hear anything at all? Broken GPU set-ups answer with silence or noise, not errors.

See whisper-ctranslate2 issues 26, 40 and 125: empty output without any error message.
"""

from __future__ import annotations

from importlib.resources import as_file, files

from inkcast.audio.decode import read_samples
from inkcast.audio.stream import SampleStream
from inkcast.errors import ModelError
from inkcast.speech.decoding.free_decode import decode_windows
from inkcast.speech.decoding.window import PADDING_MS, open_windows
from inkcast.speech.engines.engine import Engine
from inkcast.speech.guided.draft import word_key

SPOKEN = "The quick brown fox jumps over the lazy dog."
_ENOUGH = 5


def self_test(engine: Engine) -> None:
    """Decode a few seconds of known speech.

    Raises:
        ModelError: the words do not come out; the message says what was heard instead.
    """
    with as_file(files("inkcast.speech") / "selftest.flac") as path:
        stream = SampleStream([read_samples(path)])
    tokenizer = engine.tokenizer("en")
    name, device = engine.info.name, engine.info.device
    try:
        window = open_windows(engine, [(stream, 0, stream.end_ms(30_000))], PADDING_MS)
        heard = decode_windows(engine, tokenizer, window, insist=False)[0].words
    except RuntimeError as error:
        raise ModelError(
            f"The model {name} does not run on {device}: {error}.",
            "The GPU's driver and the CUDA or cuDNN libraries may be incompatible. Use --device cpu.",
        ) from error
    found = {word_key(word.text) for word in heard} & {word_key(word) for word in SPOKEN.split()}
    if len(found) < _ENOUGH:
        text = "".join(word.text for word in heard).strip()
        raise ModelError(
            f"The model {name} on {device} hears {text[:80]!r} where a test recording says {SPOKEN!r}.",
            "The GPU's driver and the CUDA or cuDNN libraries may be incompatible. Use --device cpu.",
        )
