"""Whisper's tokens, the same ranks for every engine, without loading torch.

A converted model's own ``tokenizer.json`` is not used: some do not merge (" the" becomes two tokens that
Whisper was never trained on), and the model then calls plain words impossible.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from inkcast.errors import ModelError, SettingsError

# 51,864 tokens are the English-only vocabulary; 51,865 and 51,866 the multilingual ones with 99 and
# 100 languages (openai/whisper, model.py and the large-v3 model card).
_ENGLISH_VOCABULARY = 51_864
# openai/whisper, tokenizer.py, ``split_to_word_tokens``.
_UNSPACED_LANGUAGES = frozenset({"zh", "ja", "th", "lo", "my", "yue"})


class Tokenizer:
    """Text to tokens and back, and the special tokens that steer Whisper."""

    def __init__(self, n_vocab: int, language: str) -> None:
        self.multilingual = n_vocab > _ENGLISH_VOCABULARY
        self.language = language if self.multilingual else "en"
        module = _tokenizer_module()
        n_languages = n_vocab - 51_765 - int(self.multilingual)
        self._tokenizer: Any = module.get_tokenizer(
            self.multilingual,
            num_languages=n_languages,
            language=self.language if self.multilingual else None,
            task="transcribe" if self.multilingual else None,
        )
        self.start: tuple[int, ...] = tuple(self._tokenizer.sot_sequence)
        self.spaced = self.language not in _UNSPACED_LANGUAGES
        self.end_of_text: int = self._tokenizer.eot
        self.no_timestamps: int = self._tokenizer.no_timestamps
        self.start_of_previous: int = self._tokenizer.sot_prev

    def encode(self, text: str) -> list[int]:
        """Tokens of plain text; a word in the middle of a sentence needs its leading space."""
        tokens: list[int] = self._tokenizer.encoding.encode_ordinary(text)
        return tokens

    def decode(self, tokens: list[int] | tuple[int, ...]) -> str:
        """Text of tokens; special tokens and timestamps are left out."""
        text: str = self._tokenizer.decode([token for token in tokens if token < self.end_of_text])
        return text

    def split_words(self, tokens: list[int]) -> tuple[list[str], list[list[int]]]:
        """Text tokens to words (with leading space, punctuation attached) and the tokens of each."""
        words, word_tokens = self._tokenizer.split_to_word_tokens(tokens)
        return words, word_tokens


@cache
def language_codes() -> dict[str, str]:
    """ISO code to English name of every language that Whisper knows."""
    return dict(_tokenizer_module().LANGUAGES)


def language_code(language: str) -> str:
    """ISO code of a language given by code or English name.

    Raises:
        SettingsError: Whisper does not know it.
    """
    code = language.strip().lower()
    code = {name: key for key, name in language_codes().items()}.get(code, code)
    if code not in language_codes():
        raise SettingsError(
            f"Whisper does not know the language {language!r}.", "Use a code such as en, de or es."
        )
    return code


@cache
def _tokenizer_module() -> ModuleType:
    """openai-whisper's tokenizer, loaded by its path: ``import whisper`` takes torch with it."""
    name = "whisper.tokenizer"
    if name in sys.modules:
        return sys.modules[name]
    package = find_spec("whisper")
    if package is None or not package.submodule_search_locations:
        raise ModelError("The package openai-whisper is missing.", "Run: pip install openai-whisper")
    path = Path(package.submodule_search_locations[0]) / "tokenizer.py"
    spec = spec_from_file_location("inkcast_whisper_tokenizer", path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    # dataclasses look their module up by name while the class is being made.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
