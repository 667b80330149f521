"""Addresses of untrusted pages."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkcast.essays.links import safe_link

PIECES = r"/ a .. . # ? ; b/ \ http:// https: x.y // : @ [ % é".split()  # noqa: SIM905 - signs


@given(
    st.lists(st.sampled_from(PIECES), max_size=7).map("".join),
    st.sampled_from(["https://a.example/b/c", "https://a.example", "http://a.example:80/x?y", ""]),
)
def test_addresses_are_joined_as_the_standard_library_joins_them(href: str, base: str) -> None:
    expected = ""
    try:
        joined = urljoin(base, href) if href and not href.startswith(("http://", "https://")) else href
        parts = urlsplit(joined)
        expected = joined if parts.scheme in ("http", "https") and parts.netloc else ""
    except ValueError:
        pass
    if href.startswith("#"):
        expected = href if len(href) > 1 else ""
    assert safe_link(href, base) == expected


@pytest.mark.parametrize("href", ["javascript:alert(1)", "java\nscript:x", "data:text/html,x", "//["])
def test_nothing_that_a_browser_would_run_is_a_link(href: str) -> None:
    assert safe_link(href, "https://a.example/") == ""
