"""Every error that Inkcast raises on purpose, and the one place that hides secrets in their words.

    InkcastError
    ├── SettingsError        a flag, variable or inkcast.toml that makes no sense
    ├── FeedError            bytes that are no feed, or a feed without audio
    ├── DownloadError        an address that gives no (whole) file
    ├── EssayError           a page or file without an essay
    ├── AudioError           a file that is no audio
    ├── ModelError           weights that are missing, damaged or do not run
    ├── TranscriptionError   speech that could not be transcribed
    ├── AlignmentError       a transcript and an essay that do not belong together
    ├── CorrectionsError     a file of corrections that makes no sense
    ├── PublishError         output that cannot be made or read back
    ├── LibraryError         a library folder that cannot be used
    └── StorageError         a disk that is full, read-only or gone

A message says what happened and to which file or address; the hint says what to do next.
"""

from __future__ import annotations

import re

# Texts are strangers': none of these looks at a character more than a few times, whatever it is given. That
# is what the lookaheads are for, which make sure of what follows before anything is tried on it.
_USERINFO = re.compile(r"(?P<scheme>(?<=[a-z0-9+.-])://)[^/\s?#]+@", re.IGNORECASE)
# What is left of an address whose host was forgotten.
_PASSWORD_AS_PORT = re.compile(
    r"(?P<head>\bhttps?://[^/\s:@\[\]]+:)(?!\d{1,5}(?![\w-]))[^/\s?#\"'<>@]+", re.IGNORECASE
)
_SECRET_PARAMETER = re.compile(
    r"(?P<name>[?&;#](?=[\w.-]++=[^&;#\s\"'<>])"
    r"(?:[\w.-]*(?:token|auth|jwt|key|secret|passw|pwd|sig|session|credential|policy|hdn)[\w.-]*)=)"
    r"[^&;#\s\"'<>]+",
    re.IGNORECASE,
)
_PARAMETER = re.compile(r"(?P<name>[?&;#][\w.~%-]*+=)(?P<value>[^&;#\s\"'<>]{16,})")
_DIGIT, _LETTER = re.compile(r"[0-9]"), re.compile(r"[a-z]", re.IGNORECASE)
_PRIVATE = r"(?:private|auth|tokens?|secrets?|premium|members?|subscribers?|patrons?)"
_PRIVATE_HOST = re.compile(
    rf"(?P<head>\bhttps?://(?=[^/\s]++/)(?:[\w-]+\.)*{_PRIVATE}\.[^/\s]+/)(?P<path>[^\s?#\"'<>]*)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\bhttps?://[^\s?#\"'<>]*", re.IGNORECASE)
_PRIVATE_FOLDER = re.compile(rf"/{_PRIVATE}/", re.IGNORECASE)
_LONG_NAME = re.compile(r"[\w~%-]{8,}")
_JSON_WEB_TOKEN = re.compile(r"\beyJ[\w.%-]{16,}")


def redact(text: str, *, guess: bool = True) -> str:
    """Hide passwords and tokens of every URL in ``text``.

    Covers user information (``https://me:pw@host``), query and fragment parameters whose name speaks of a
    secret (``?auth=…``, ``&X-Amz-Signature=…``) or whose value is a long jumble of letters and digits, JSON
    web tokens anywhere, and what follows a word such as "private" in a path or host
    (Substack's ``/private/<uuid>.rss``, ``https://subscribers.transistor.fm/<token>``).

    Args:
        text: anything.
        guess: also hide the long jumbles. Without, addresses of public files stay as they are.
    """
    text = _USERINFO.sub(r"\g<scheme>***@", text)
    text = _PASSWORD_AS_PORT.sub(r"\g<head>***", text)
    text = _SECRET_PARAMETER.sub(r"\g<name>***", text)
    if guess:
        text = _PARAMETER.sub(_without_jumble, text)
    text = _JSON_WEB_TOKEN.sub("***", text)
    text = _PRIVATE_HOST.sub(lambda match: match["head"] + _LONG_NAME.sub("***", match["path"]), text)
    return _ADDRESS.sub(_without_private_path, text)


def _without_jumble(match: re.Match[str]) -> str:
    is_jumble = _DIGIT.search(match["value"]) and _LETTER.search(match["value"])
    return f"{match['name']}***" if is_jumble else match[0]


def _without_private_path(match: re.Match[str]) -> str:
    folder = _PRIVATE_FOLDER.search(match[0], match[0].index("://") + 3)
    if folder is None:
        return match[0]
    return match[0][: folder.end()] + _LONG_NAME.sub("***", match[0][folder.end() :])


class InkcastError(Exception):
    """Something that a user can understand and act on.

    Args:
        message: what happened, and to which file or address.
        hint: what to do next.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = redact(message)
        self.hint = redact(hint)
        super().__init__(self.message, self.hint)

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message


class SettingsError(InkcastError):
    """A flag, variable or settings file that makes no sense."""


class FeedError(InkcastError):
    """Bytes that are no feed, or a feed without audio."""


class DownloadError(InkcastError):
    """An address that gives no file, or not the whole file."""


class EssayError(InkcastError):
    """A page or file that holds no essay."""


class AudioError(InkcastError):
    """A file that holds no audio, or audio that cannot be decoded."""


class ModelError(InkcastError):
    """Weights that are missing, damaged, or do not run on this machine."""


class TranscriptionError(InkcastError):
    """Speech that could not be transcribed."""


class AlignmentError(InkcastError):
    """A transcript and an essay that do not belong together."""


class CorrectionsError(InkcastError):
    """A file of corrections that makes no sense."""


class PublishError(InkcastError):
    """Output that cannot be made, or read back."""


class LibraryError(InkcastError):
    """A library folder that cannot be used."""


class StorageError(InkcastError):
    """A disk that is full, read-only or gone."""
