"""JSON that people may open and mend: a segment, word or block a line, and a digest of what we wrote.

The digest is of the content, not of the bytes: whoever sets the file otherwise has not changed it.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from json import JSONEncoder
from pathlib import Path
from typing import Any, Protocol

from inkcast.files import digest, storage_error, whole_file, write_texts

_LOG = logging.getLogger(__name__)

_DIGEST = "digest"
_NESTED = "words"
"""Of what is one of many, these are one a line, too."""

_encode = JSONEncoder(ensure_ascii=False).encode
_encode_sorted = JSONEncoder(ensure_ascii=False, sort_keys=True).encode


class HasJson(Protocol):
    """An essay, a transcript or an alignment."""

    def to_json(self) -> dict[str, Any]:
        """What its file holds."""
        ...


def json_text(data: HasJson) -> str:
    """An essay, transcript or alignment as its file holds it."""
    fields = data.to_json()
    lines = [f" {_encode(name)}: {_value(value, ' ')}" for name, value in fields.items()]
    return "{\n" + ",\n".join([*lines, f' "{_DIGEST}": "{_content(fields)}"']) + "\n}\n"


def _value(value: Any, pad: str) -> str:
    if not isinstance(value, list | tuple) or not value or not all(isinstance(one, dict) for one in value):
        return _encode(value)
    return "[\n" + ",\n".join(f"{pad} {_item(item, pad + ' ')}" for item in value) + f"\n{pad}]"


def _item(item: dict[str, Any], pad: str) -> str:
    if _NESTED not in item:
        return _encode(item)
    rest = {name: value for name, value in item.items() if name != _NESTED}
    start = f"{_encode(rest)[:-1]}, " if rest else "{"
    return f'{start}"{_NESTED}": {_value(item[_NESTED], pad)}' + "}"


def _content(fields: Mapping[str, Any]) -> str:
    known = {name: value for name, value in fields.items() if name != _DIGEST}
    return digest(_encode_sorted(known))


def is_edited(path: Path, *, if_unknown: bool = False) -> bool:
    """Whether somebody else has changed a file of ours.

    Args:
        path: of an essay, a transcript or an alignment.
        if_unknown: what to say of one that holds no digest: another program made it, or an earlier Inkcast.
    """
    try:
        fields = json.loads(path.read_bytes())
        return bool(fields[_DIGEST] != _content(fields)) if _DIGEST in fields else if_unknown
    except FileNotFoundError:
        return False
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return True


def write_data(texts: Mapping[Path, str]) -> tuple[Path, ...]:
    """Write files as ``write_texts`` does; of JSON that is not as we wrote it, a copy is kept, and said so.

    Raises:
        StorageError: the disk refuses; each file is whole or as it was before.
    """
    files = [path for path in texts if path.suffix == ".json"]
    with edited_kept(path for path in files if is_edited(path, if_unknown=True)):
        return write_texts(texts)


@contextmanager
def edited_kept(paths: Iterable[Path]) -> Iterator[None]:
    """Keep copies of files that somebody has changed, if the block replaces or removes them, and say so.

    A copy is named ``….edited.json``, with a number where there is another one.

    Raises:
        StorageError: the disk refuses; nothing is replaced.
    """
    copies = [(path, *keep_edited(path)) for path in paths]
    try:
        yield
    finally:
        for path, aside, is_new in copies:
            if not _say_the_same(path, aside):
                _LOG.warning("%s was changed by somebody: what it was is kept as %s.", path, aside.name)
            elif is_new:
                aside.unlink()


def keep_edited(path: Path) -> tuple[Path, bool]:
    """Copy a file that is to be replaced; gives the copy, and whether it was made just now.

    Raises:
        StorageError: the disk refuses.
    """
    number, aside = 1, path.with_name(f"{path.stem}.edited{path.suffix}")
    try:
        while aside.exists():
            if aside.read_bytes() == path.read_bytes():
                return aside, False
            number += 1
            aside = path.with_name(f"{path.stem}.edited-{number}{path.suffix}")
        with whole_file(aside) as part:
            shutil.copy2(path, part)
    except OSError as error:
        raise storage_error(aside, error) from error
    return aside, True


def _say_the_same(path: Path, other: Path) -> bool:
    try:
        first, second = path.read_bytes(), other.read_bytes()
        return first == second or _content(json.loads(first)) == _content(json.loads(second))
    except (OSError, ValueError, AttributeError, RecursionError):
        return False
