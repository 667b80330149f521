"""The web, as the settings, the environment and the addresses of a command let us reach it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

import click

from inkcast.feeds.address import is_web_address

if TYPE_CHECKING:
    import httpx


def connect(*, allow_private: bool, addresses: Iterable[str] = ()) -> httpx.Client:
    """Open a client that knows the user's passwords; use it as a context manager.

    Args:
        allow_private: fetch from the local network too.
        addresses: what the user asks for; a password in one is good for other files of its host.
    """
    from inkcast.download.client import open_client
    from inkcast.download.credentials import find_credentials

    # A table cannot be a flag, and passwords may not be one: they come from inkcast.toml alone.
    table = (click.get_current_context().default_map or {}).get("auth", {})
    credentials = find_credentials(table, os.environ, addresses)
    return open_client(allow_private=allow_private, credentials=credentials)


def connect_for(
    sources: Iterable[str], *, allow_private: bool
) -> AbstractContextManager[httpx.Client | None]:
    """A client if one of the sources is an address: what the web takes is a tenth of a second to import."""
    is_needed = any(map(is_web_address, sources))
    return connect(allow_private=allow_private) if is_needed else nullcontext()
