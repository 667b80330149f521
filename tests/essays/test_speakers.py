"""Interviews: who speaks, and what is a colon."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkcast.essays.essay import Block, Essay, Mark
from inkcast.essays.read import parse_essay
from inkcast.essays.speakers import cut, mark_speakers

TALK = [
    ("Mara Quill", "Welcome back. What did you build this winter?"),
    ("Jonas Feld", "A clock that runs on the tide, mostly out of driftwood."),
    ("Mara Quill", "Does it keep time?"),
    ("Jonas Feld", "It keeps the moon’s time, and I have stopped arguing with it."),
]


def turns(essay: Essay) -> list[tuple[str, str]]:
    return [(block.speaker, block.text) for block in essay.blocks if block.kind != "title"]


@pytest.mark.parametrize(
    "label",
    [
        "{name}: ",
        "{name} [00:06:5{n}]: ",
        "{name} (00:1{n}): ",
        "[00:06:5{n}] {name}: ",
        "{name}: [00:06:5{n}] ",
        "(1:0{n}) {name}: ",
        "{name} [0:1{n}] ",
        "00:00:1{n} {name}: ",
        "{name} (00:1{n}):\n\n",
        "{name} 0:1{n}\n\n",
        "{name}  0:1{n}\n",
        "{name} [00:06:5{n}]\n",
        "{name}:\n",
        "{name} (host): ",
        "{name}, PhD: ",
        "[{name}]: ",
        "{name} [laughs]: ",
        "{name} [00:06:5{n} - 00:07:0{n}]: ",
        "{name} | 0:1{n}\n",
        "{name}, 0:1{n}: ",
        "0:1{n}\n{name}: ",
        "0:1{n} - 0:2{n}\n{name}: ",
    ],
)
@pytest.mark.parametrize("upper", [False, True])
def test_labels_and_times_are_not_spoken(label: str, upper: bool) -> None:
    names = [name.upper() if upper else name for name, _ in TALK]
    paragraphs = [
        label.format(name=name, n=n) + text
        for n, (name, (_, text)) in enumerate(zip(names, TALK, strict=True))
    ]
    text = "The tide clock\n\n" + "\n\n".join(paragraphs)
    essay = parse_essay(text.encode(), "talk.txt")
    assert turns(essay) == [(name, text) for name, (_, text) in zip(names, TALK, strict=True)]
    assert Essay.from_json(essay.to_json()) == essay


@pytest.mark.parametrize(
    "turn",
    [
        "<p><strong>{name}:</strong> {text}</p>",
        "<p><strong>{name}</strong>: {text}</p>",
        "<p><b>{name}</b> [00:06:5{n}]: {text}</p>",
        "<p><em>[00:06:5{n}]</em> <strong>{name}:</strong> {text}</p>",
        "<h4>{name} [00:06:5{n}]</h4><p>{text}</p>",
        "<h3>{name}:</h3><p>{text}</p>",
        "<dl><dt>{name}:</dt><dd>{text}</dd></dl>",
        "<p><b>{name}</b><br>{text}</p>",
        "<p><strong>{name}</strong></p><p>{text}</p>",
        "<p><strong>{name} </strong>[00:06:5{n}]<strong>: </strong>{text}</p>",
        "<p><a href='https://e.example/?t={n}'>[0:1{n}]</a> <strong>{name}</strong>: {text}</p>",
        "<p><b>Mara</b></p><p>0:1{n}</p><p>{text}</p>".replace("Mara", "{name}"),
        "<p><em>{name}</em>: {text}</p>",
        "<p><b>{name}<i>:</i></b> {text}</p>",
    ],
)
def test_pages_mark_speakers_up(turn: str) -> None:
    body = "".join(turn.format(name=name, text=text, n=n) for n, (name, text) in enumerate(TALK))
    essay = parse_essay(f"<article><h1>The tide clock</h1>{body}</article>".encode(), "a.html")
    assert turns(essay) == TALK
    assert all(block.kind == "paragraph" for block in essay.blocks[1:])


def test_lines_of_a_chat_need_no_blank_lines_between_them() -> None:
    text = "The tide clock\n\n" + "\n".join(f"{name}: {text}" for name, text in TALK)
    assert turns(parse_essay(text.encode(), "talk.txt")) == TALK


def test_a_turn_goes_on_until_the_next_and_headings_belong_to_nobody() -> None:
    (first, one), (second, two), *_ = TALK
    html = f"""<article><h1>Talk</h1><p>We met in June.</p><p>{first}: {one}</p><p>And then?</p>
    <h2>The Harbour: A Beginning</h2><p>More.</p><p>{second}: {two}</p><p>{first}: Oh.</p>
    <p>{second}: Yes.</p>
    <figure><figcaption>{first}: in June</figcaption></figure></article>"""
    assert turns(parse_essay(html.encode(), "a.html")) == [
        ("", "We met in June."),
        (first, one),
        (first, "And then?"),
        ("", "The Harbour: A Beginning"),
        (first, "More."),
        (second, two),
        (first, "Oh."),
        (second, "Yes."),
        ("", f"{first}: in June"),
    ]


def test_times_inside_a_turn_are_not_spoken_but_hours_are() -> None:
    text = "\n\n".join(
        [
            "Ann [00:00:01]: We met at 12:30 (a Monday). [00:00:09] Then it rained.",
            "Bob [00:00:20]: It did.",
            "[00:01:00]",
            "And how.",
            "(00:01:20): It was 12:30.",
            "00:01:40 12:40 was late.",
        ]
    )
    assert turns(parse_essay(text.encode(), "a.txt")) == [
        ("Ann", "We met at 12:30 (a Monday). Then it rained."),
        ("Bob", "It did."),
        ("Bob", "And how."),
        ("Bob", "It was 12:30."),
        ("Bob", "12:40 was late."),
    ]


@pytest.mark.parametrize(
    "paragraphs",
    [
        ["The rule is simple: wait.", "He said: wait.", "Everyone knew: he waited."],
        ["Note: one.", "Update: two.", "Note: three.", "Update: four.", "Note: five."],
        ["Pros: it runs.", "Cons: it leaks.", "Pros: it floats.", "Cons: it sinks."],
        ["John 3:16: a verse.", "Romans 5:8: a verse.", "John 1:1: a verse.", "Mark 2:2: a verse."],
        ["Plato: wait.", "Some text follows here.", "Seneca: do not wait.", "And it ends."],
        ["12:30 was late.", "[00:12] is a time.", "(Mara:) is odd."],
        ["London: rain.", "Paris: sun.", "Rome: more sun.", "Oslo: snow."],
        ["When: May.", "Where: a barn.", "When: June.", "Where: a boat."],
        ["Editor's Note: one.", "Big Update: two.", "Editor's Note: three.", "Big Update: four."],
        [": nobody.", "[]: nobody.", "() : nobody.", "**:** nobody.", ": nobody."],
        ["Type: a number.", *["Type: text."] * 40, "Buffer.from: it.", "Type: text.", "Buffer.from: it."],
    ],
)
def test_a_colon_in_prose_is_no_speaker(paragraphs: list[str]) -> None:
    essay = parse_essay("\n\n".join(paragraphs).encode(), "essay.txt")
    assert turns(essay) == [("", paragraph) for paragraph in paragraphs]


@pytest.mark.parametrize(
    "html",
    [
        "<p><b>Water</b> is wet.</p><p><b>Sand</b> is dry.</p><p><b>Clay</b> is neither.</p><p>So it is.</p>",
        "<p><b>Pros</b> it runs.</p><p><b>Cons</b> it leaks.</p>" * 3,
        "<p><b>Wait here</b> and <b>Do not</b> are signs.</p>" * 4,
        "<p><b>The</b>y say so.</p><p><b>No</b>body does.</p>" * 3,
    ],
)
def test_bold_words_in_prose_are_no_speakers(html: str) -> None:
    essay = parse_essay(f"<article><h1>T</h1>{html}</article>".encode(), "a.html")
    assert {block.speaker for block in essay.blocks} == {""}


def test_bold_lines_among_turns_are_headings() -> None:
    """As in Word files, whose writers make headings of bold paragraphs."""
    parts = [
        ("<p><b>The Early Days</b></p>" if n % 2 else "<p><b>Going Further</b></p>")
        + f"<p><b>{name}:</b> {text}</p>"
        for n, (name, text) in enumerate(TALK)
    ]
    essay = parse_essay(f"<article><h1>Talk</h1>{''.join(parts)}</article>".encode(), "a.html")
    assert {block.speaker for block in essay.blocks} == {"", "Mara Quill", "Jonas Feld"}
    assert [block.text for block in essay.blocks[1:4]] == ["Going Further", TALK[0][1], "The Early Days"]


@pytest.mark.parametrize("line", ["<p><b>{}</b></p>", "<h3>{}</h3>", "<p>{}</p>"])
def test_a_table_of_contents_and_its_headings_are_no_dialogue(line: str) -> None:
    names = ["Slow Trains", "Night Boats", "Tidal Clocks"]
    lines = [line.format(name) for name in names]
    html = "".join(lines) + "".join(f"{head}<p>They are.</p><p>And were.</p>" for head in lines)
    essay = parse_essay(f"<article><h1>Ways</h1><p>We went.</p>{html}</article>".encode(), "a.html")
    assert {block.speaker for block in essay.blocks} == {""}


@pytest.mark.parametrize("line", ["{name}\n\n{text}", "0:1{n}\n{name}\n{text}", "{name}\n{text}"])
def test_a_name_alone_on_its_line(line: str) -> None:
    talk = [*TALK, ("Mara Quill", "Who winds it?"), ("Jonas Feld", "Nobody does.")]
    lines = [line.format(name=name, text=text, n=n) for n, (name, text) in enumerate(talk)]
    assert turns(parse_essay(("The tide clock\n\n" + "\n\n".join(lines)).encode(), "a.txt")) == talk


def test_long_answers_and_many_voices() -> None:
    paragraphs = []
    names = [f"{first} {last}" for first in ("Ann", "Bo", "Cy", "Di", "Ed") for last in ("Elm", "Fir")]
    for name in names * 2:
        paragraphs += [f"{name}: It began.", *["It went on for a while."] * 7]
    blocks = parse_essay("\n\n".join(paragraphs).encode(), "a.txt").blocks
    assert [block.speaker for block in blocks] == [name for name in names * 2 for _ in range(8)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Host", "Guest"),
        ("Q", "A"),
        ("Speaker 1", "Speaker 2"),
        ("李雷", "韩梅梅"),
        ("NL", "SR"),
        ("Иван", "Ольга"),
    ],
)
def test_roles_initials_and_names_of_other_scripts(one: str, other: str) -> None:
    talk = [(name, text) for name, (_, text) in zip([one, other] * 2, TALK, strict=True)]
    text = "\n\n".join(f"{name}: {text}" for name, text in talk)
    assert turns(parse_essay(text.encode(), "a.txt")) == talk


def test_q_and_a() -> None:
    text = "\n\n".join(f"{name} {text}" for name, (_, text) in zip(["Q.", "A."] * 2, TALK, strict=True))
    assert [name for name, _ in turns(parse_essay(text.encode(), "a.txt"))] == ["Q", "A"] * 2


def test_one_label_alone_is_no_interview_unless_it_is_timed() -> None:
    lines = [text for _, text in TALK]
    plain = parse_essay("\n\n".join(f"Mara Quill: {text}" for text in lines).encode(), "a.txt")
    assert {block.speaker for block in plain.blocks} == {""}
    timed = parse_essay(
        "\n\n".join(f"Mara Quill [0:1{n}]: {t}" for n, t in enumerate(lines)).encode(), "a.txt"
    )
    assert turns(timed) == [("Mara Quill", text) for text in lines]


def test_who_speaks_once_is_a_speaker_too() -> None:
    text = "\n\n".join([*(f"{name}: {text}" for name, text in TALK), "Guest of Honour: I only listen."])
    assert turns(parse_essay(text.encode(), "a.txt"))[-1] == ("Guest of Honour", "I only listen.")


def test_marks_move_with_their_words() -> None:
    html = "".join(
        f'<p><b>{name}:</b> See <a href="https://e.example/">this</a> and <i>that</i>.</p>'
        for name, _ in TALK
    )
    block = parse_essay(html.encode(), "a.html").blocks[0]
    assert block.text == "See this and that."
    assert block.marks == (Mark("link", 4, 8, "https://e.example/"), Mark("emphasis", 13, 17))


@settings(deadline=None)
@given(st.text(max_size=30), st.data())
def test_cutting_keeps_marks_on_their_text(text: str, data: st.DataObject) -> None:
    text = " ".join(text.split())
    ends = st.integers(0, len(text))
    start, end = sorted((data.draw(ends), data.draw(ends)))
    low, high = sorted((data.draw(ends), data.draw(ends)))
    block = Block("paragraph", text, (Mark("strong", low, high),))
    result = cut(block, start, end)
    assert result.text == (text[:start] + text[end:]).strip()
    left = "".join(text[i] for i in range(low, high) if not start <= i < end)
    for mark in result.marks:
        assert result.text[mark.start : mark.end] == left.strip()


@settings(deadline=None)
@given(
    st.lists(
        st.from_regex(r"[\[(]?\d?\d:\d\d[\])]? ?[A-Z][a-z]* ?[:\[(]? ?.{0,20}", fullmatch=True), max_size=8
    )
)
def test_words_are_only_taken_from_labels(paragraphs: list[str]) -> None:
    blocks = [Block("paragraph", text) for text in (" ".join(p.split()) for p in paragraphs) if text]
    for block in mark_speakers(blocks):
        assert block.text and block.text == block.text.strip()
        assert any(block.text.split()[-1] in original.text for original in blocks)
