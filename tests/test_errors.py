import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkcast import errors
from inkcast.errors import DownloadError, InkcastError, redact

ALL = [
    value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, InkcastError)
]


@pytest.mark.parametrize("error", ALL)
def test_every_error_survives_a_trip_to_another_process(error):
    sent = error("No audio in a.mp3.", "Try another file.")
    received = pickle.loads(pickle.dumps(sent))
    assert type(received) is error
    assert (received.message, received.hint, str(received)) == (sent.message, sent.hint, str(sent))


@pytest.mark.parametrize("error", ALL)
def test_the_tree_in_the_docstring_names_every_error(error):
    assert f" {error.__name__}" in errors.__doc__


def test_an_error_reads_as_one_line():
    assert str(InkcastError("It broke.", "Mend it.")) == "It broke. Mend it."
    assert str(InkcastError("It broke.")) == "It broke."


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("https://me:hunter2@host/feed", "https://***@host/feed"),
        ("HTTP://me@host/feed", "HTTP://***@host/feed"),
        ("https://me:p@ss@host/feed", "https://***@host/feed"),
        ("https://h/cb#access_token=ab12&x=1", "https://h/cb#access_token=***&x=1"),
        ("GET https://h/a?auth=s3cret&x=1 failed", "GET https://h/a?auth=***&x=1 failed"),
        ("https://h/a?x=1&X-Amz-Signature=ab12#t", "https://h/a?x=1&X-Amz-Signature=***#t"),
        ("https://h/a?access_token=ab12", "https://h/a?access_token=***"),
        (
            "https://api.substack.com/feed/podcast/1/private/0f3a77c1-9b2e.rss",
            "https://api.substack.com/feed/podcast/1/private/***.rss",
        ),
        ("https://h/private/shows/0f3a77c1/feed.rss?x=1", "https://h/private/shows/***/feed.rss?x=1"),
        ("https://me:pw@h/private/0f3a77c1/a.mp3", "https://***@h/private/***/a.mp3"),
        ("https://subscribers.example.fm/s3cret-s3cret", "https://subscribers.example.fm/***"),
        ("https://h/rss/eyJhbGciOiJIUzI1NiJ9.e30.abc.rss!", "https://h/rss/***!"),
        ("https://h/a.mp3?u=0f3a77c19b2e41d5a6f0&page=2", "https://h/a.mp3?u=***&page=2"),
        ("https://h/a.mp3?Policy=eyJTd&hdnts=exp~hmac", "https://h/a.mp3?Policy=***&hdnts=***"),
        ("https://op3.example/e/https://me:pw@h/a.mp3", "https://op3.example/e/https://***@h/a.mp3"),
        ("http://me:hunter2 is no address", "http://me:*** is no address"),
        ("http://me:12-secret/x", "http://me:***/x"),
        (
            "http://h:8080: refused, https://h:1/x http://h:443",
            "http://h:8080: refused, https://h:1/x http://h:443",
        ),
        ("http://[::1]:80/x and https://h: refused", "http://[::1]:80/x and https://h: refused"),
        ("a@b.example and 3:4@5", "a@b.example and 3:4@5"),
        ("https://h/2024/private-lives-of-trees.html", "https://h/2024/private-lives-of-trees.html"),
        (
            "https://h/@user/feed?title=something-long-to-read",
            "https://h/@user/feed?title=something-long-to-read",
        ),
        (
            "Cannot read /private/var/folders/x/episode.mp3.",
            "Cannot read /private/var/folders/x/episode.mp3.",
        ),
        ("https://h/a?page=2&sort=new", "https://h/a?page=2&sort=new"),
    ],
)
def test_secrets_are_hidden_and_the_rest_stays(text, hidden):
    assert redact(text) == hidden


def test_addresses_of_public_files_can_be_kept_as_they_are():
    address = "https://me:pw@h/a.mp3?episode=0f3a77c19b2e41d5a6f0&token=ab"
    assert redact(address, guess=False) == "https://***@h/a.mp3?episode=0f3a77c19b2e41d5a6f0&token=***"


SECRET = st.text(st.characters(whitelist_categories=["L", "N"]), min_size=8, max_size=30)


@given(user=SECRET, password=SECRET, token=SECRET)
def test_no_error_lets_a_secret_out(user, password, token):
    url = f"https://{user}:{password}@host/a.mp3?token={token}"
    shown = str(DownloadError(f"{url} answered 403.", f"Ask {url} again."))
    for secret in (password, token):
        assert secret not in shown or secret in "https://***@host/a.mp3?token=*** answered 403. Ask again."
