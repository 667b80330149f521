"""What tells whether a feed has changed since it was read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Validators:
    """The digest of a feed's bytes, and how its server marks this version (RFC 9110); no secrets."""

    sha256: str
    etag: str = ""
    last_modified: str = ""
