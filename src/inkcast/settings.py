"""Settings: flags, then ``INKCAST_*`` variables, then ``inkcast.toml``, then the defaults here.

The command line resolves that order; this module says which settings there are and reads the file.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import platformdirs

from inkcast.errors import SettingsError, redact
from inkcast.options import AlignOptions, Speakers, TranscribeOptions, is_speakers

FILE_NAME = "inkcast.toml"

MAX_SIZE = 4_000_000_000
_SIZE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,6})?)\s*([kmgt]i?)?b?", re.IGNORECASE)
_DEVICE = re.compile(r"auto|cpu|mps|cuda(:\d+)?")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the steps of an episode have in common. Each field is a key of ``inkcast.toml``.

    Attributes:
        model: ``auto``, a catalogue name (``tiny.en``), a folder of CTranslate2 weights or a ``.pt`` file.
        engine: what runs the weights; ``auto`` takes the one that the weights were made for.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:N`` or ``mps``.
        language: a code such as ``en``; None lets the model tell.
        allow_private: also fetch from addresses of the local network.
        readings: spoken forms of written words, beside those that are known: ``[readings]`` with
            lines such as ``"MoE" = ["mixture of experts"]``.
        speaker_names: who speaks, by a label of the text or the number of a voice: ``[speaker_names]`` with
            lines such as ``"NL" = "Nathan Lambert"``.
        max_size: bytes that a download may have; in the file also as text, such as ``"500 MB"``.
        prompt: what the model should take as said before, wherever it hears freely.
        vocabulary: names and spellings that it should know there.
        beam_size: how wide free transcription searches.
        second_looks: whether doubtful words of an essay are heard once more, freely.
        refine: whether words are moved to where their sound is.
        speakers: how many speak; ``auto`` finds out, ``off`` does not ask.

    The file may also have a table ``[auth]``: a line for each host that wants a password or token, such as
    ``"feeds.example.com" = "user:password"``. It is no field, so that no record of settings holds it. And
    it may have tables ``[feeds."<address or title>"]``: see ``FeedSettings``. ``library`` and ``base_url``
    say where the library is and where its site will be, for the commands that ask for them.
    """

    model: str = "auto"
    engine: str = "auto"
    device: str = "auto"
    language: str | None = None
    allow_private: bool = False
    readings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    speaker_names: Mapping[str, str] = field(default_factory=dict)
    max_size: int = MAX_SIZE
    prompt: str = ""
    vocabulary: Sequence[str] = ()
    beam_size: int = 5
    second_looks: bool = True
    refine: bool = True
    speakers: Speakers = "auto"

    def transcribe_options(self) -> TranscribeOptions:
        """What of it is about transcription. Raises SettingsError."""
        return TranscribeOptions(
            self.language,
            self.prompt,
            tuple(self.vocabulary),
            speaker_names=self.speaker_names,
            beam_size=self.beam_size,
            second_looks=self.second_looks,
            speakers=self.speakers,
        )

    def align_options(self) -> AlignOptions:
        """What of it is about alignment."""
        return AlignOptions(self.readings, self.refine, speaker_names=self.speaker_names)


@dataclass(frozen=True, slots=True)
class FeedSettings:
    """What one feed wants otherwise: a table ``[feeds."<address or title>"]`` of ``inkcast.toml``.

    Attributes:
        model, language: as in ``Settings``; empty takes that of all feeds.
        essay: ``content``, ``link``, or the address or path of a page or file that holds the texts of
            the feed's episodes; empty finds out by itself.
        boilerplate: phrases; a paragraph that holds one is not part of what is read aloud.
        readings, speaker_names: as in ``Settings``, beside those of all feeds.
        name: template of the episodes' folders, as ``inkcast download --name`` takes it.
        vocabulary: names and spellings that the model should know.
        prompt: what the model should take as said before.
        use_published: take the publisher's transcript instead of our own where its times fit.
        speakers: as in ``Settings``; None takes that of all feeds.
    """

    model: str = ""
    language: str = ""
    essay: str = ""
    boilerplate: Sequence[str] = ()
    readings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    speaker_names: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    vocabulary: Sequence[str] = ()
    prompt: str = ""
    use_published: bool = False
    speakers: Speakers | None = None

    @property
    def names_a_text(self) -> bool:
        """Whether ``essay`` is an address or path."""
        return self.essay not in ("", "content", "link")

    def over(self, settings: Settings) -> Settings:
        """The settings of all feeds, with what this one wants otherwise."""
        if self == NO_FEED_SETTINGS:
            return settings
        return replace(
            settings,
            model=self.model or settings.model,
            language=self.language or settings.language,
            readings={**settings.readings, **self.readings},
            speaker_names={**settings.speaker_names, **self.speaker_names},
            prompt=self.prompt or settings.prompt,
            vocabulary=(*self.vocabulary, *settings.vocabulary),
            speakers=settings.speakers if self.speakers is None else self.speakers,
        )


NO_FEED_SETTINGS = FeedSettings()


def settings_of_feed(table: Mapping[str, Mapping[str, Any]], *names: str) -> FeedSettings:
    """What ``[feeds]`` says of a feed, known by any of ``names``: its addresses, its title."""
    found = next((table[name] for name in names if name in table), {})
    return FeedSettings(**found)


def is_device(text: str) -> bool:
    """Tell whether ``text`` names a kind of device that an engine could be asked for."""
    return _DEVICE.fullmatch(text) is not None


def parse_size(text: str) -> int:
    """Bytes from ``4000000``, ``500 MB``, ``1.5GiB``. Raises ValueError."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a size such as 500 MB or 2GiB")
    unit = (match[2] or "").lower()
    factor = (1024 if unit.endswith("i") else 1000) ** " kmgt".index(unit[:1] or " ")
    size = int(float(match[1]) * factor)
    if size == 0:
        raise ValueError("no file would be small enough")
    return size


def _is_size(value: object) -> bool:
    try:
        return not isinstance(value, bool) and isinstance(value, int | str) and parse_size(str(value)) > 0
    except ValueError:
        return False


def _is_reading(item: tuple[str, Any]) -> bool:
    written, spoken = item
    return (
        len(written.split()) == 1
        and isinstance(spoken, list)
        and len(spoken) > 0
        and all(isinstance(form, str) and form.strip() for form in spoken)
    )


def _is_names(value: object) -> bool:
    return isinstance(value, dict) and all(
        what.strip() and isinstance(name, str) and name.strip() for what, name in value.items()
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_switch(value: object) -> bool:
    return isinstance(value, bool)


Check = tuple[Callable[[Any], bool], str]

_CHECKS: dict[str, Check] = {
    "model": (lambda value: isinstance(value, str) and value != "", "a model's name or path"),
    "engine": (_is_text, "the name of an engine"),
    "device": (
        lambda value: isinstance(value, str) and is_device(value),
        "auto, cpu, cuda, cuda:N or mps",
    ),
    "language": (lambda value: isinstance(value, str) and value != "", 'a language code such as "en"'),
    "allow_private": (_is_switch, "true or false"),
    "readings": (
        lambda value: isinstance(value, dict) and all(map(_is_reading, value.items())),
        'a table: each line a written word without spaces = ["a spoken form", ...]',
    ),
    "speaker_names": (_is_names, 'a table: each line a label or number = "Name"'),
    "max_size": (_is_size, 'a number of bytes, or text such as "500 MB"'),
    "prompt": (_is_text, "text"),
    "vocabulary": (_is_texts, 'a list of names: ["..."]'),
    "beam_size": (lambda value: type(value) is int and value > 0, "a whole number from 1 on"),
    "second_looks": (_is_switch, "true or false"),
    "refine": (_is_switch, "true or false"),
    "speakers": (is_speakers, '"auto", "off" or a number from 1 on'),
    "library": (_is_text, "the path of a folder"),
    "base_url": (_is_text, 'an address such as "https://example.com/listen/"'),
    "auth": (
        lambda value: isinstance(value, dict) and all(isinstance(entry, str) for entry in value.values()),
        'a table: each line "host" = "user:password" or "Bearer TOKEN"',
    ),
    "feeds": (
        lambda value: isinstance(value, dict) and all(isinstance(entry, dict) for entry in value.values()),
        'tables: [feeds."<address or title>"] with lines such as language = "en"',
    ),
}
_FEED_CHECKS: dict[str, Check] = {
    "model": _CHECKS["model"],
    "language": _CHECKS["language"],
    "readings": _CHECKS["readings"],
    "speaker_names": _CHECKS["speaker_names"],
    "essay": (_is_text, '"content", "link", or the address or path of a page with the texts'),
    "boilerplate": (_is_texts, 'a list of phrases: ["..."]'),
    "name": (_is_text, 'a template such as "{date} {title}"'),
    "vocabulary": _CHECKS["vocabulary"],
    "prompt": _CHECKS["prompt"],
    "use_published": (_is_switch, "true or false"),
    "speakers": _CHECKS["speakers"],
}


def find_settings_file(folder: Path) -> Path | None:
    """``inkcast.toml`` in ``folder``, else in the user's configuration folder, else None."""
    places = (folder, platformdirs.user_config_path("inkcast"))
    return next((place / FILE_NAME for place in places if (place / FILE_NAME).is_file()), None)


def read_settings(path: Path) -> dict[str, Any]:
    """Read a settings file: only the keys that it sets.

    Raises:
        SettingsError: the file cannot be read, is no TOML, or holds a key or value that is not valid.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SettingsError(f"Cannot read {path}: {error.strerror or error}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML: {error}.", "Correct or remove the file.") from error
    for key, value in data.items():
        _check(str(path), key, value, _CHECKS)
    for name, table in data.get("feeds", {}).items():
        for key, value in table.items():
            _check(f'{path}: [feeds."{redact(name)}"]', key, value, _FEED_CHECKS)
    return data


def _check(place: str, key: str, value: object, checks: Mapping[str, Check]) -> None:
    if key not in checks:
        known = list(checks)
        near = difflib.get_close_matches(key, known)
        hint = f"Did you mean {' or '.join(near)}?" if near else f"Known settings: {', '.join(known)}."
        raise SettingsError(f"{place}: unknown setting '{key}'.", hint)
    is_valid, wanted = checks[key]
    if not is_valid(value):
        raise SettingsError(f"{place}: {_shown(key, value)} is not valid.", f"It must be {wanted}.")


def _shown(key: str, value: object) -> str:
    if key == "auth":  # passwords
        return key
    return _wrong_reading(value) if key == "readings" else f"{key} = {value!r}"


def _wrong_reading(value: object) -> str:
    """Name the first line that is wrong, not the whole table."""
    if not isinstance(value, dict):
        return f"readings = {value!r}"
    written, spoken = next(item for item in value.items() if not _is_reading(item))
    return f"readings: {written!r} = {spoken!r}"
