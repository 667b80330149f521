"""One episode of a site: its reader page, its subtitles, its part of the search index, its recording."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from inkcast.alignment.alignment import Alignment
from inkcast.errors import PublishError
from inkcast.essays.essay import Essay
from inkcast.essays.links import is_web_address, safe_image
from inkcast.files import link
from inkcast.publish.exports.chapters import chapters_of, write_chapters
from inkcast.publish.pages.audio_address import relative_path
from inkcast.publish.pages.reader import reader_page
from inkcast.publish.search.document import document_of
from inkcast.publish.sentences import LONGEST_NAME
from inkcast.publish.site.folder import put_all
from inkcast.publish.site.manifest import Audio, Entry
from inkcast.publish.site.media_types import media_type
from inkcast.publish.site.shards import episode_shard
from inkcast.publish.site.source import Source
from inkcast.publish.site.spoken import transcript_as_essay
from inkcast.publish.words import clean_text
from inkcast.speech.transcript import Transcript

SUMMARY_WORDS = 40
SUMMARY_CHARS = 400
CHAPTERS_NAME = "chapters.json"


@dataclass(frozen=True, slots=True)
class Options:
    """What a site is like.

    Attributes:
        title: of the site; empty: that of the only show, else "Library".
        base_url: where it will be on the web, with a slash at its end; empty if nowhere.
        with_audio: put the recordings into it. Else pages play the library's own files or, in a site with
            a ``base_url``, the publisher's.
        remote_images: show pictures from where the essays were published.
    """

    title: str = ""
    base_url: str = ""
    with_audio: bool = False
    remote_images: bool = False


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
        summary=_summary(essay),
        language=essay.language,
        audio=audio,
        subtitles=tuple(path.name for path in source.subtitles),
    )
    files = dict(_episode_files(source, essay, alignment, options, audio))
    if isinstance(content, tuple) and len(chapters_of(alignment)) > 1:
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
    return ("index.html", "search.js", CHAPTERS_NAME, *names, *(name for name, _ in source.images))


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


def _episode_files(
    source: Source, essay: Essay, alignment: Alignment, options: Options, audio: Audio | None
) -> Iterator[tuple[str, bytes]]:
    for name, path in (*((path.name, path) for path in source.subtitles), *source.images):
        try:
            yield name, path.read_bytes()
        except OSError as error:
            raise PublishError(f"Cannot read {path}: {error.strerror}.", "Run the sync again.") from error
    shown = essay if options.remote_images else _without_remote_images(essay)
    # Where there is no recording, one may be put beside the page later.
    href = audio.href if audio else source.audio.name
    page = reader_page(shown, alignment, href, navigation=_navigation(source.path))
    yield "index.html", page.encode("utf-8", errors="replace")


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
    root = "../" * len(PurePosixPath(path).parts)
    return ("All episodes", f"{root}index.html"), ("Search", f"{root}search.html")


def _summary(essay: Essay) -> str:
    """How the text begins."""
    words: list[str] = []
    for block in essay.blocks:
        if block.kind in ("paragraph", "quote", "list_item") and len(words) < SUMMARY_WORDS:
            words += clean_text(block.text).split()
    text = " ".join(words)
    summary = " ".join(words[:SUMMARY_WORDS])[:SUMMARY_CHARS]
    return summary if summary == text else f"{summary.rstrip()} …"


def _link(source: Path, target: Path) -> None:
    with suppress(OSError):
        if target.samefile(source):
            return
    if not source.exists():
        raise PublishError(f"There is no {source}.", "Run the sync again.")
    link(source, target)
