"""Small books for tests: EPUB, Word, OpenDocument and PDF files made of plain Python."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence

CONTAINER = """<?xml version="1.0"?><container version="1.0"
 xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
 <rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    """A ZIP file; the first member is stored, as EPUB wants it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for index, (name, content) in enumerate(members.items()):
            kind = zipfile.ZIP_DEFLATED if index else zipfile.ZIP_STORED
            file.writestr(name, content, compress_type=kind)
    return buffer.getvalue()


def epub(documents: Mapping[str, str], contents: str, *, version: int = 3, language: str = "en") -> bytes:
    """An EPUB; ``contents`` is what stands inside the navigation's ``nav`` or ``navMap``."""
    kind = 'media-type="application/xhtml+xml"'
    items = "".join(f'<item id="d{n}" href="{name}" {kind}/>' for n, name in enumerate(documents))
    spine = "".join(f'<itemref idref="d{n}"/>' for n in range(len(documents)))
    if version == 3:
        items += '<item id="toc" href="nav%20one.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
        toc = {
            "OPS/nav one.xhtml": f"""<html xmlns="http://www.w3.org/1999/xhtml"
            xmlns:epub="http://www.idpf.org/2007/ops"><body><nav epub:type="toc">{contents}</nav></body>
            </html>"""
        }
    else:
        items += '<item id="toc" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
        toc = {
            "OPS/toc.ncx": f"""<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/">
            <navMap>{contents}</navMap></ncx>"""
        }
    package = f"""<package xmlns="http://www.idpf.org/2007/opf" version="{version}.0"><metadata
      xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>The tide book</dc:title>
      <dc:language>{language}</dc:language></metadata>
      <manifest>{items}</manifest><spine toc="toc">{spine}</spine></package>"""
    pages = {
        f"OPS/{name}": f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head>'
        f"<body>{body}</body></html>"
        for name, body in documents.items()
    }
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": CONTAINER,
            "OPS/book.opf": package,
            **toc,
            **pages,
        }
    )


_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'


def docx(body: str, *, notes: str = "", styles: Mapping[str, str] | None = None, links: str = "") -> bytes:
    """A Word file with that body; ``styles`` maps ids to names."""
    named = "".join(
        f'<w:style w:styleId="{key}"><w:name w:val="{name}"/></w:style>'
        for key, name in (styles or {}).items()
    )
    members = {
        "[Content_Types].xml": "<Types/>",
        "word/document.xml": f"<w:document {_W} {_R}><w:body>{body}</w:body></w:document>",
        "word/styles.xml": f"<w:styles {_W}>{named}</w:styles>",
        "word/_rels/document.xml.rels": f"<Relationships>{links}</Relationships>",
    }
    if notes:
        members["word/footnotes.xml"] = f"<w:footnotes {_W}>{notes}</w:footnotes>"
    return zipped(members)


_NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
    for name, long in (("office", "office"), ("text", "text"), ("style", "style"), ("table", "table"))
) + (
    ' xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"'
    ' xmlns:xlink="http://www.w3.org/1999/xlink"'
)


def odt(body: str, *, automatic: str = "", styles: str = "", manifest: str = "") -> bytes:
    """An OpenDocument text with that body; ``automatic`` and ``styles`` are what is inside its styles."""
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "META-INF/manifest.xml": f"<manifest>{manifest}</manifest>",
            "content.xml": f"<office:document-content {_NAMESPACES}><office:automatic-styles>{automatic}"
            f"</office:automatic-styles><office:body><office:text>{body}</office:text></office:body>"
            "</office:document-content>",
            "styles.xml": f"<office:document-styles {_NAMESPACES}><office:styles>{styles}</office:styles>"
            "</office:document-styles>",
        }
    )


def paragraph(text: str, style: str = "", extra: str = "") -> str:
    """A paragraph of a Word file."""
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:t>{text}</w:t></w:r>{extra}</w:p>"


def pdf(pages: Sequence[Sequence[tuple[int, int, int, str]]]) -> bytes:
    """A PDF whose pages hold lines (x, y, size, text) in Helvetica; ASCII only."""
    objects: list[bytes] = []

    def add(body: bytes) -> int:
        objects.append(body)
        return len(objects)

    font = add(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    kids = []
    tree = 2 * len(pages) + 2
    for lines in pages:
        drawn = "".join(
            f"BT /F1 {size} Tf 1 0 0 1 {x} {y} Tm ({text.replace('(', '[').replace(')', ']')}) Tj ET\n"
            for x, y, size, text in lines
        ).encode("ascii")
        stream = add(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn))
        kids.append(
            add(
                b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 612 792] /Contents %d 0 R "
                b"/Resources << /Font << /F1 %d 0 R >> >> >>" % (tree, stream, font)
            )
        )
    refs = " ".join(f"{kid} 0 R" for kid in kids).encode()
    add(b"<< /Type /Pages /Kids [%s] /Count %d >>" % (refs, len(kids)))
    root = add(b"<< /Type /Catalog /Pages %d 0 R >>" % tree)
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    trailer = b"trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF" % (size, root, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + trailer
