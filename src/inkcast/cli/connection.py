"""The web, as the settings, the environment and the addresses of a command let us reach it."""

from __future__ import annotations

import os
from collections.abc import Iterable

import click
import httpx

from inkcast.download.client import open_client
from inkcast.download.credentials import find_credentials


def connect(*, allow_private: bool, addresses: Iterable[str] = ()) -> httpx.Client:
    """Open a client that knows the user's passwords; use it as a context manager.

    Args:
        allow_private: fetch from the local network too.
        addresses: what the user asks for; a password in one is good for other files of its host.
    """
    # A table cannot be a flag, and passwords may not be one: they come from inkcast.toml alone.
    table = (click.get_current_context().default_map or {}).get("auth", {})
    credentials = find_credentials(table, os.environ, addresses)
    return open_client(allow_private=allow_private, credentials=credentials)
