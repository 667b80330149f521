"""What a library keeps of a show for its pages: the feed's words about it, and its cover."""

from io import BytesIO

import av
import numpy as np
import pytest

from inkcast.download.client import open_client
from inkcast.errors import PublishError
from inkcast.feeds.about_show import AboutShow
from inkcast.feeds.rss import parse_feed
from inkcast.library.store.show_facts import cover_of, keep_show_facts, show_facts, show_folder
from inkcast.publish.pages.cover import small_cover
from tests.support.example import ROOT

FEED = """<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel>
<title>Slow ways</title><description>&lt;p&gt;Trains &amp;amp; boats.&lt;/p&gt;</description>
<link>https://slow.example/</link><itunes:author>Ada Bo</itunes:author>
<itunes:image href="{image}"/>
<item><title>One</title><itunes:author>Not she</itunes:author><itunes:image href="one.png"/>
<enclosure url="a.mp3" type="audio/mpeg"/></item></channel></rss>"""
COVER = ROOT / "examples" / "cover.png"


def pixels(data):
    with av.open(BytesIO(data)) as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24")


@pytest.fixture
def keep(tmp_path):
    """Keep the facts of a feed with that image; gives the show's folder."""
    with open_client() as client:

        def keep(image):
            feed = parse_feed(FEED.format(image=image).encode(), str(tmp_path / "feed.xml"))
            keep_show_facts(tmp_path / "library" / "show", feed, client)
            return tmp_path / "library" / "show"

        yield keep


def test_what_the_feed_says_is_kept_with_its_cover(keep, tmp_path):
    (tmp_path / "c.png").write_bytes(COVER.read_bytes())
    show = keep("c.png")
    assert show_facts(show) == AboutShow("Slow ways", "Ada Bo", "Trains & boats.", "https://slow.example/")
    kept, original = pixels(cover_of(show).read_bytes()), pixels(COVER.read_bytes())
    assert kept.shape == original.shape
    assert np.abs(kept.astype(int) - original).mean() < 4, "the same picture"
    (tmp_path / "c.png").unlink()
    assert keep("c.png") == show, "what is there is not fetched again"
    assert keep("gone.png") and cover_of(show), "the old one stays where the new one cannot be had"
    assert show_folder(show / "2026" / "one") == show


def test_hosts_are_kept_and_what_is_known_is_not_written_again(tmp_path):
    person = '<podcast:person>Ada Bo</podcast:person><podcast:person role="guest">Cy</podcast:person>'
    text = FEED.format(image="").replace("<link>", f"{person}<link>", 1)
    show = tmp_path / "show"
    with open_client() as client:
        feed = parse_feed(text.encode(), "feed.xml")
        keep_show_facts(show, feed, client)
        assert show_facts(show).hosts == ("Ada Bo",)
        before = (show / "show.json").stat().st_mtime_ns
        keep_show_facts(show, feed, client)
        assert (show / "show.json").stat().st_mtime_ns == before
    (show / "show.json").write_text('{"hosts": ["Di Eo"]}')
    assert show_facts(show).hosts == ("Di Eo",)
    assert AboutShow.from_json({"title": "Slow ways"}).hosts == ()


def test_a_feed_s_address_is_told_where_everybody_may_know_it():
    def told(source):
        return parse_feed(FEED.format(image="").encode(), source).about.feed

    assert told("https://slow.example/feed.xml") == "https://slow.example/feed.xml"
    assert told("https://slow.example/feed.xml?token=0123456789abcdef0123") == ""
    assert told("feed.xml") == ""


def test_covers_are_small_and_square():
    frame = av.VideoFrame.from_ndarray(np.full((301, 1000, 3), 200, np.uint8), format="rgb24")
    encoder = av.CodecContext.create("png", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = 1000, 301, "rgb24", 1
    png = b"".join(bytes(packet) for packet in (*encoder.encode(frame), *encoder.encode(None)))
    small = small_cover(png, 128)
    assert pixels(small).shape == (128, 128, 3) and small.startswith(b"\xff\xd8\xff")
    assert pixels(small_cover(png)).shape == (300, 300, 3), "none grows"
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
    # 100,000 pixels a side: eight bytes of a header say so.
    trap = png[:16] + (100_000).to_bytes(4, "big") * 2 + png[24:]
    for nothing in (b"", b"GIF", svg, trap, (ROOT / "examples" / "feed.xml").read_bytes()):
        with pytest.raises(PublishError, match="not a picture"):
            small_cover(nothing)
