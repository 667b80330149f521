"""No name is believed unseen: an essay is found whatever the elements around it, and it, are called."""

from __future__ import annotations

from itertools import product

import pytest

from inkcast.errors import EssayError
from inkcast.essays.part import Part
from inkcast.essays.read import parse_essay

URL = "https://site.example/2026/weirs"
THINGS = ("weir", "bridge", "ferry", "mill", "lock", "quay")
PEOPLE = ("The keeper", "My grandmother", "An engineer from the city")


def paragraph(thing: str, person: str) -> str:
    return (
        f"{person} told me that the {thing} was older than the church, and that nobody in the village had "
        "ever asked who built it. I walked there in the evening, when the water was low, and looked at the "
        f"stones of the {thing} until it was dark."
    )


PARAGRAPHS = [paragraph(thing, person) for thing, person in product(THINGS, PEOPLE)]
BODY = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
PARTS = ["".join(f"<p>{text}</p>" for text in PARAGRAPHS[i : i + 6]) for i in (0, 6, 12)]
COMMENT = (
    "I have lived by that river for forty years and I do not agree with a word of what is written here. "
)
TEASER = "A short look at what the river does to the people who live beside it, and what they do to it."


def page(body: str) -> bytes:
    return (
        "<!doctype html><html lang=en><head><title>On weirs - A Site</title></head><body>"
        '<nav><a href="/">Home</a> <a href="/about">About</a></nav>'
        f"<h1>On weirs</h1>{body}"
        "<footer><p>Made by hand in a small town by the sea, and read in three others.</p></footer></body>"
    ).encode()


def texts(body: str) -> list[str]:
    return [block.text for block in parse_essay(page(body), URL, "text/html").blocks if block.kind != "title"]


def comments(tag: str, n: int) -> str:
    one = f'<{tag} class="comment"><p>Reader {{}}</p><p>{COMMENT * 3}{{}}</p></{tag}>'
    return f'<section id="comments">{"".join(one.format(i, i) for i in range(n))}</section>'


def related(n: int) -> str:
    one = '<article class="card"><h3><a href="/{0}">Walk number {0}</a></h3><p>{1} Number {0}.</p></article>'
    return "".join(one.format(i, TEASER) for i in range(n))


ENTRY = f'<div class="entry-content"><p>{TEASER}</p></div>'
QUOTED = f'<blockquote class="entry-content"><p>{TEASER}</p></blockquote>'
PAGES = {
    "an empty element of the best name": f'<article><div class="post-content"></div>{BODY}</article>',
    "an empty body of Substack's": f'<div class="body markup"><p>Menu</p></div><div>{BODY}</div>',
    "comments as the only articles": f"<div>{BODY}</div>{comments('article', 2)}",
    "comments as the longest article": f"<article>{BODY}</article><article>{comments('div', 9)}</article>",
    "related posts as the only articles": f"<div>{BODY}</div><section>{related(4)}</section>",
    "a card beside it": f"<div>{BODY}</div><aside>{ENTRY}</aside>",
    "teasers before it": f"<div>{related(20)}</div><article>{BODY}</article>",
    "several bodies": "<hr>".join(f'<div itemprop="articleBody">{part}</div>' for part in PARTS),
    "a header": f"<header>{BODY}</header>",
    "what screen readers do not see": f'<div aria-hidden="true">{BODY}</div>',
    "a form": f'<form action="/x"><div>{BODY}</div><input name=q></form>',
    "a paywall in name": f'<div class="paywall">{BODY}</div>',
    "a comment in name": f'<div class="comment"><div>{BODY}</div></div>',
    "what React moves later": f'<div id="root"></div><div hidden id="S:0"><div>{BODY}</div></div>',
    "a style that hides it": f'<main style="display: none">{BODY}</main>',
    "a dialog": f"<dialog>{BODY}</dialog>",
}


@pytest.mark.parametrize("name", PAGES)
def test_an_essay_is_found_by_what_it_holds(name: str) -> None:
    assert texts(PAGES[name]) == PARAGRAPHS


def test_a_quotation_with_a_name_is_a_part_of_the_essay() -> None:
    assert texts(f"<article>{QUOTED}{BODY}</article>") == [TEASER, *PARAGRAPHS]


def test_a_hidden_twin_stays_hidden() -> None:
    assert texts(f"<article>{BODY}</article><div hidden>{BODY}</div>") == PARAGRAPHS


def test_a_person_may_name_the_element() -> None:
    data = page(f"<article>{BODY}</article><div class=story><p>First.</p><p>Then.</p></div>")
    essay = parse_essay(data, URL, "text/html", Part(select="div.story"))
    assert [block.text for block in essay.blocks] == ["On weirs", "First.", "Then."]


@pytest.mark.parametrize(("selector", "said"), [("div.none", "has no element"), ("div[", "no CSS selector")])
def test_a_selector_of_nothing_is_an_error(selector: str, said: str) -> None:
    with pytest.raises(EssayError, match=said):
        parse_essay(page(BODY), URL, "text/html", Part(select=selector))
