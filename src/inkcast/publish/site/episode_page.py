"""One episode of a site: its reader page, its subtitles, its part of the search index, its recording."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from inkcast.alignment.alignment import Alignment
from inkcast.errors import PublishError
from inkcast.essays.essay import Essay
from inkcast.essays.links import is_web_address, safe_image
from inkcast.files import link
from inkcast.publish.exports.chapters import chapters_of, write_chapters
from inkcast.publish.pages.audio_address import relative_path
from inkcast.publish.pages.head import Head
from inkcast.publish.pages.masthead import Masthead, written_date
from inkcast.publish.pages.reader import reader_page
from inkcast.publish.search.document import document_of
from inkcast.publish.sentences import LONGEST_NAME
from inkcast.publish.site.card import draw_card
from inkcast.publish.site.folder import put_all
from inkcast.publish.site.manifest import Audio, Entry
from inkcast.publish.site.media_types import media_type
from inkcast.publish.site.shards import episode_shard
from inkcast.publish.site.source import Source
from inkcast.publish.site.spoken import transcript_as_essay
from inkcast.publish.site.structured_data import episode_data
from inkcast.publish.words import as_written, clean_text
from inkcast.speech.transcript import Transcript

SUMMARY_WORDS = 40
SUMMARY_CHARS = 400
CHAPTERS_NAME = "chapters.json"
CARD_NAME = "card.jpg"

_BEST_FIRST = (".vtt", ".srt", ".json", ".txt")


@dataclass(frozen=True, slots=True)
class Options:
    """What a site is like.

    Attributes:
        title: of the site; empty: that of the only show, else "Library".
        base_url: where it will be on the web, with a slash at its end; empty if nowhere.
        with_audio: put the recordings into it. Else pages play the library's own files or, in a site with
            a ``base_url``, the publisher's.
        remote_images: show pictures from where the essays were published.
        status: path of a page that says what is under way; empty without one.
    """

    title: str = ""
    base_url: str = ""
    with_audio: bool = False
    remote_images: bool = False
    status: str = ""


def make_episode(source: Source, entry: Entry, folder: Path, options: Options) -> Entry:
    """Make the episode's files.

    Args:
        source: the episode.
        entry: its number, key and path.
        folder: where the files go.
        options: what the site is like.
    Returns:
        The whole entry.
    Raises:
        PublishError: the library's files are damaged or gone.
        StorageError: the disk refuses.
    """
    content = source.read()
    transcribed = isinstance(content, Transcript)
    if isinstance(content, Transcript):
        essay, alignment = transcript_as_essay(content, clean_text(source.title))
        document, audio = document_of(content), _audio(source, "", folder, options)
    else:
        essay, alignment = content
        document, audio = document_of(alignment), _audio(source, alignment.audio.source, folder, options)
    entry = replace(
        entry,
        title=clean_text(source.title)[:LONGEST_NAME] or "Untitled",
        show=clean_text(source.show)[:LONGEST_NAME],
        show_folder=source.show_folder,
        published=source.published.isoformat() if source.published else "",
        duration_ms=alignment.audio.duration_ms,
        summary=_summary(alignment),
        language=essay.language,
        transcribed=transcribed,
        audio=audio,
        subtitles=tuple(sorted((path.name for path in source.subtitles), key=_rank)),
    )
    card = _card(source, entry) if options.base_url else None
    entry = replace(entry, card=CARD_NAME if card else "")
    files = dict(_episode_files(source, entry, essay, alignment, options))
    if card:
        files[CARD_NAME] = card
    if not transcribed and len(chapters_of(alignment)) > 1:
        files[CHAPTERS_NAME] = write_chapters(alignment).encode("utf-8", errors="replace")
        entry = replace(entry, chapters=CHAPTERS_NAME)
    files["search.js"] = episode_shard(entry, document).encode("utf-8", errors="replace")
    names = put_all(folder, files)
    if options.with_audio:
        _link(source.audio, folder / source.audio.name)
        names.append(source.audio.name)
    return replace(entry, files=tuple(sorted(names)))


def file_names(source: Source) -> tuple[str, ...]:
    """All files that the episode may get."""
    names = (path.name for path in (*source.subtitles, source.audio))
    return ("index.html", "search.js", CHAPTERS_NAME, CARD_NAME, *names, *(name for name, _ in source.images))


def _audio(source: Source, address: str, folder: Path, options: Options) -> Audio | None:
    """Where the page finds its recording; None if whoever visits the site cannot have it."""
    public = is_web_address(address) and "***" not in address  # redacted: it carries a secret
    if options.with_audio:
        href = source.audio.name
    elif not options.base_url:
        href = relative_path(source.audio, folder)
    elif public:
        href = address
    else:
        return None
    try:
        size = source.audio.stat().st_size
    except OSError as error:
        raise PublishError(f"Cannot read {source.audio}: {error.strerror}.", "Run the sync again.") from error
    return Audio(href, size, media_type(source.audio.name))


def _rank(name: str) -> tuple[int, str]:
    """Apps take the first transcript that they understand, and WebVTT says most."""
    suffix = PurePosixPath(name).suffix
    return _BEST_FIRST.index(suffix) if suffix in _BEST_FIRST else len(_BEST_FIRST), name


def _episode_files(
    source: Source, entry: Entry, essay: Essay, alignment: Alignment, options: Options
) -> Iterator[tuple[str, bytes]]:
    for name, path in (*((path.name, path) for path in source.subtitles), *source.images):
        try:
            yield name, path.read_bytes()
        except OSError as error:
            raise PublishError(f"Cannot read {path}: {error.strerror}.", "Run the sync again.") from error
    shown = essay if options.remote_images else _without_remote_images(essay)
    # Where there is no recording, one may be put beside the page later.
    href = entry.audio.href if entry.audio else source.audio.name
    page = reader_page(
        shown,
        alignment,
        href,
        masthead=_masthead(source, entry),
        navigation=_navigation(entry.path),
        head=_head(source, entry, alignment, options),
    )
    yield "index.html", page.encode("utf-8", errors="replace")


def _masthead(source: Source, entry: Entry) -> Masthead:
    root = _root(entry.path)
    return Masthead(
        show=entry.show,
        author=clean_text(source.about.author)[:LONGEST_NAME],
        published=source.published,
        cover=root + quote(cover_path(source.show_folder)) if source.cover else "",
        home=f"{root}index.html",
        transcribed=entry.transcribed,
    )


def _head(source: Source, entry: Entry, alignment: Alignment, options: Options) -> Head:
    head = Head(entry.title, entry.show, entry.summary, "article", published=entry.published)
    if not options.base_url:
        return head
    base_url, address = options.base_url, f"{options.base_url}{quote(entry.path)}/"
    cover = base_url + quote(cover_path(source.show_folder)) if source.cover else ""
    image = address + entry.card if entry.card else cover
    href = entry.audio.href if entry.audio else ""
    chapters = () if entry.transcribed else chapters_of(alignment)
    return replace(
        head,
        address=address,
        image=image,
        wide=bool(entry.card),
        audio=href if is_web_address(href) or not href else address + quote(href),
        author=clean_text(source.about.author),
        data=episode_data(entry, chapters, source.about, base_url=base_url, image=image),
    )


def _card(source: Source, entry: Entry) -> bytes | None:
    date = written_date(source.published) if source.published else ""
    about = " · ".join(filter(None, (clean_text(source.about.author)[:LONGEST_NAME], date)))
    return draw_card(entry.title, entry.show, about, source.cover)


def read_cover(cover: Path) -> bytes:
    """A show's cover. Raises PublishError."""
    try:
        return cover.read_bytes()
    except OSError as error:
        raise PublishError(f"Cannot read {cover}: {error.strerror}.", "Check the disk.") from error


def cover_path(show_folder: str) -> str:
    """Where a show's cover is within the site."""
    return f"covers/{show_folder}.jpg"


def _without_remote_images(essay: Essay) -> Essay:
    """Only what lies beside the page is shown; of other pictures their words."""

    def kept(target: str) -> str:
        return "" if is_web_address(safe_image(target, essay.source)) else target

    blocks = (
        replace(
            block,
            marks=tuple(
                replace(mark, target=kept(mark.target)) if mark.kind == "image" else mark
                for mark in block.marks
            ),
        )
        for block in essay.blocks
    )
    return replace(essay, blocks=tuple(blocks))


def _navigation(path: str) -> tuple[tuple[str, str], ...]:
    """The way from an episode back to the list."""
    root = _root(path)
    return ("All episodes", f"{root}index.html"), ("Search", f"{root}search.html")


def _root(path: str) -> str:
    """The way from an episode's folder to the site's."""
    return "../" * len(PurePosixPath(path).parts)


def _summary(alignment: Alignment) -> str:
    """How the text begins that is read aloud, whatever stands above it."""
    kinds = ("paragraph", "quote", "list_item")
    told = [word for word in alignment.words if alignment.blocks[word.block].kind in kinds]
    heard = [place for place, word in enumerate(told) if word.start_ms is not None]
    text = as_written(told[heard[0] if heard else 0 :][: SUMMARY_WORDS + 1])
    summary = " ".join(text.split()[:SUMMARY_WORDS])[:SUMMARY_CHARS]
    return summary if summary == text else f"{summary.rstrip()} …"


def _link(source: Path, target: Path) -> None:
    with suppress(OSError):
        if target.samefile(source):
            return
    if not source.exists():
        raise PublishError(f"There is no {source}.", "Run the sync again.")
    link(source, target)
