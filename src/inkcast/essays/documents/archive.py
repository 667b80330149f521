"""ZIP archives from strangers: members by name, within bounds."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from posixpath import normpath

from lxml import etree

from inkcast.errors import EssayError

# A long novel has 2 MB of text; pictures are never unpacked.
_MAX_MEMBER = 8 * 1024 * 1024
_MAX_TOTAL = 24 * 1024 * 1024
_MAX_MEMBERS = 20_000
# Elements and attributes of one member, a long novel in Word has 300,000: each takes 200 bytes of memory.
_MAX_NODES = 450_000
# References to half a character (a surrogate, 55296 to 57343): lxml reads them, but cannot give them out.
_HALF = re.compile(
    rb"&#(?:[xX]0*[dD][89a-fA-F][0-9a-fA-F]{2}(?![0-9a-fA-F])"
    rb"|0*(?:55(?:29[6-9]|[3-9][0-9]{2})|56[0-9]{3}|57(?:[0-2][0-9]{2}|3[0-3][0-9]|34[0-3]))(?![0-9]));?"
)


class Archive:
    """An open ZIP file that unpacks no more than a book can hold.

    Args:
        data: the file.
        source: its path or address, for messages.
        name: what it should be ("an EPUB"), for messages.

    Raises:
        EssayError: it is damaged.
    """

    def __init__(self, data: bytes, source: str, name: str) -> None:
        self._source = source
        self._name = name
        self._unpacked = 0
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            self._members = {info.filename: info for info in self._zip.infolist()}
        except (zipfile.BadZipFile, ValueError, OSError, struct.error) as error:
            raise self._damaged(str(error)) from error
        if len(self._members) > _MAX_MEMBERS:
            raise self._damaged(f"it has {len(self._members)} members")

    def __contains__(self, path: str) -> bool:
        return normpath(path) in self._members

    def read(self, path: str) -> bytes:
        """Unpack a member.

        Raises:
            EssayError: it is missing, encrypted, damaged, or far larger than any text.
        """
        info = self._members.get(normpath(path))
        if info is None:
            raise self._damaged(f"{path} is missing")
        if info.flag_bits & 1:
            raise EssayError(
                f"{self._source} is protected by a password or DRM.", "Give a file that is not protected."
            )
        try:
            with self._zip.open(info) as stream:
                data = stream.read(_MAX_MEMBER + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
            raise self._damaged(str(error)) from error
        self._unpacked += len(data)
        if len(data) > _MAX_MEMBER or self._unpacked > _MAX_TOTAL:
            raise EssayError(f"{self._source} unpacks to far more than an essay.", "Is it the right file?")
        return data

    def read_xml(self, path: str) -> etree._Element:
        """Unpack and parse an XML member, without its entities. Raises EssayError."""
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
        data = self.read(path)
        if data.count(b"<") + data.count(b"=") > _MAX_NODES:
            raise EssayError(f"{self._source} has more markup than an essay.", "Is it the right file?")
        try:
            root = etree.fromstring(_HALF.sub(b"", data), parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            raise self._damaged(f"{path}: {error}") from error
        if root is None:
            raise self._damaged(f"{path} is not XML")
        return root

    def _damaged(self, reason: str) -> EssayError:
        return EssayError(f"{self._source} cannot be read as {self._name}: {reason}.", "Make the file again.")
