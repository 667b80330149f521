"""Which addresses of an untrusted page may be kept."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

# What browsers leave out before they look at the scheme (WHATWG URL, "basic URL parser").
_AROUND = "".join(map(chr, range(0x21)))
_WITHIN = dict.fromkeys(map(ord, "\t\n\r"))
# Most of a page's links: the standard library takes 20 microseconds for one.
_USUAL_ADDRESS = re.compile(r"https?://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?:/[!-~]*)?")
_USUAL_PATH = re.compile(r"/(?![/\\.])(?!.*(?:/\.|[?;][?#]))(?:[!-~]*[\w/])?")
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def safe_link(href: str, base: str) -> str:
    """The address a link may point to: http(s), mailto or ``#fragment``; else an empty string.

    Args:
        href: the attribute as the page has it.
        base: the page's own address; relative links need one that is http(s).
    """
    href = href.strip(_AROUND).translate(_WITHIN)
    if href.startswith("#"):
        return href if len(href) > 1 else ""
    if href.lower().startswith("mailto:"):
        return href
    return _web_address(href, base)


def safe_image(src: str, base: str) -> str:
    """The address of an image: http(s), or a path below the page's folder; else an empty string."""
    src = src.strip(_AROUND).translate(_WITHIN)
    address = _web_address(src, base)
    if address or not src or _SCHEME.match(src) or src.startswith(("/", "#", "?")):
        return address
    return "" if "\\" in src or ".." in src.split("/") else src


@lru_cache(maxsize=4096)
def is_web_address(url: str) -> bool:
    """Whether ``url`` is an absolute http(s) address."""
    if _USUAL_ADDRESS.fullmatch(url):
        return True
    try:
        parts = urlsplit(url)
    except ValueError:  # malformed, such as http://[
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


@lru_cache(maxsize=4096)
def _web_address(url: str, base: str) -> str:
    if _USUAL_ADDRESS.fullmatch(url):
        return url
    if _USUAL_PATH.fullmatch(url) and (origin := _origin(base)):
        return origin + url
    try:
        is_absolute = url.startswith(("http://", "https://"))
        address = urljoin(base, url) if url and not is_absolute and is_web_address(base) else url
    except ValueError:
        return ""
    return address if is_web_address(address) else ""


@lru_cache(maxsize=64)
def _origin(base: str) -> str:
    return "/".join(base.split("/", 3)[:3]) if _USUAL_ADDRESS.fullmatch(base) else ""
