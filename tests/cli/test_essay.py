"""``inkcast essay``: what was understood, with kinds."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from inkcast.cli import app

PAGE = """<title>On weirs</title><article><h1>On weirs</h1><p>All rivers run.</p>
<blockquote><p>So it goes.</p></blockquote></article><div class="story"><p>Another.</p></div>"""


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app.inkcast, ["essay", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_each_block_is_shown_with_its_kind(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(PAGE, encoding="utf-8")
    lines = ["title      On weirs", "paragraph  All rivers run.", "quote      So it goes."]
    assert run(str(path)).splitlines() == lines
    assert run(str(path), "--select", ".story").splitlines()[1:] == ["paragraph  Another."]
    assert json.loads(run(str(path), "--json"))["blocks"][2]["kind"] == "quote"
