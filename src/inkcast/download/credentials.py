"""User names, passwords and tokens: where they come from, and which host gets to see them.

From the environment, the settings file or a netrc file, never from the command line. A host sees only
what was meant for it, on the way through redirects too, and not over http once a redirect came from https.
"""

from __future__ import annotations

import base64
import logging
import netrc
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from inkcast.errors import SettingsError

_LOG = logging.getLogger(__name__)

VARIABLE = "INKCAST_AUTH_"
_BEARER = re.compile(r"bearer\s+(\S+)", re.IGNORECASE)
_WAS_SECURE = "inkcast.was_https"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What to say to whom.

    ``headers`` holds values of ``Authorization`` by host, or by ``host:port`` where only that port is
    meant, in lower case.
    """

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def authorize(self, request: httpx.Request) -> None:
        """Add the header that the request's host should get, if it has none yet.

        To be called for every request, those that follow a redirect included.
        """
        is_secure = request.url.scheme == "https"
        # httpx hands a request's extensions on to the request that follows a redirect.
        was_secure = request.extensions.get(_WAS_SECURE, False)
        request.extensions[_WAS_SECURE] = was_secure or is_secure
        if "Authorization" in request.headers or (was_secure and not is_secure):
            return
        header = self.headers.get(_with_port(request.url)) or self.headers.get(request.url.host)
        if header:
            request.headers["Authorization"] = header


def find_credentials(
    settings: Mapping[str, str],
    environment: Mapping[str, str],
    addresses: Iterable[str] = (),
) -> Credentials:
    """Collect credentials; where several speak of one host, the first of these counts.

    - ``https://user:password@host/feed``: good for the other files of that host and port too.
    - ``INKCAST_AUTH_FEEDS_EXAMPLE_COM``: the host in capitals, each dot an underscore, each hyphen two.
    - ``settings``: the table ``[auth]`` of ``inkcast.toml``, by host or ``host:port``.
    - netrc: the file that ``NETRC`` names, ``~/.netrc`` or ``~/_netrc``. Its ``default`` would give a
      password to every host that a feed names, and is left out.

    A value is ``user:password``, or ``Bearer TOKEN``.

    Raises:
        SettingsError: a value that is neither.
    """
    found = dict(_from_netrc(environment))
    found |= {host.lower(): to_header(value, f"[auth] {host}") for host, value in settings.items()}
    for name, value in environment.items():
        if name.startswith(VARIABLE) and name != VARIABLE:
            found[_host_of(name)] = to_header(value, name)
    for address in addresses:
        found |= _from_address(address)
    return Credentials(found)


def is_credential(value: str) -> bool:
    """Whether ``value`` is ``user:password`` or ``Bearer TOKEN``."""
    return _BEARER.fullmatch(value.strip()) is not None or ":" in value


def to_header(value: str, where: str) -> str:
    """The value of ``Authorization``; ``where`` names the place for an error, which hides the value."""
    if not is_credential(value):
        raise SettingsError(f"{where} is not valid.", "It must be user:password, or Bearer TOKEN.")
    bearer = _BEARER.fullmatch(value.strip())
    if bearer:
        return f"Bearer {bearer[1]}"
    return "Basic " + base64.b64encode(value.encode()).decode()


def _host_of(variable: str) -> str:
    name = variable.removeprefix(VARIABLE).lower()
    return name.replace("__", "-").replace("_", ".")


def _with_port(url: httpx.URL) -> str:
    port = url.port or {"http": 80, "https": 443}.get(url.scheme, 0)
    return f"{url.host}:{port}"


def _from_address(address: str) -> dict[str, str]:
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:  # asking for it will say so
        return {}
    if not url.host or not url.userinfo:
        return {}
    return {_with_port(url): to_header(f"{url.username}:{url.password}", "The address")}


def _from_netrc(environment: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    path = _netrc_file(environment)
    if path is None:
        return
    try:
        hosts = netrc.netrc(path).hosts
    except (netrc.NetrcParseError, OSError, UnicodeDecodeError) as error:
        line = getattr(error, "lineno", None)  # its message may quote a password
        _LOG.warning(
            "Cannot read %s%s: no password is taken from it.", path, f", line {line}" if line else ""
        )
        return
    for host, (login, _, password) in hosts.items():
        if host != "default":
            yield host.lower(), to_header(f"{login or ''}:{password or ''}", str(path))


def _netrc_file(environment: Mapping[str, str]) -> Path | None:
    if environment.get("NETRC"):
        return Path(environment["NETRC"]).expanduser()
    try:
        places = (Path.home() / ".netrc", Path.home() / "_netrc")
    except RuntimeError:  # a user without a home
        return None
    return next((place for place in places if place.is_file()), None)
