import hashlib
import json
import sys

import pytest
from click.testing import CliRunner

from inkcast.cli.app import inkcast
from inkcast.speech.models import model_catalog
from inkcast.speech.models.model_catalog import CatalogueEntry, CatalogueFile
from tests.support.servers import serve

WEIGHTS = b"weights" * 1000


@pytest.fixture(autouse=True)
def _folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_path", lambda name: tmp_path / "config")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setattr(model_catalog, "models_folders", lambda: (tmp_path / "models",))
    monkeypatch.setattr("inkcast.cli.machine.models.models_folders", lambda: (tmp_path / "models",))
    monkeypatch.setattr("inkcast.cli.machine.doctor.models_folders", lambda: (tmp_path / "models",))


@pytest.fixture
def toy(monkeypatch):
    """A catalogue of one small model, served from this machine."""
    with serve({"/toy.pt": lambda handler: handler.reply(200, WEIGHTS)}) as site:
        file = CatalogueFile("toy.pt", len(WEIGHTS), hashlib.sha256(WEIGHTS).hexdigest())
        entry = CatalogueEntry("toy", ("toy1",), "openai", 1, "en", "MIT", (file,), url=f"{site.url}/toy.pt")
        for name in (
            "inkcast.speech.models.model_catalog",
            "inkcast.cli.machine.models",
            "inkcast.cli.machine.doctor",
        ):
            monkeypatch.setattr(f"{name}.load_catalogue", lambda: (entry,))
        yield entry


def run(*args):
    return CliRunner().invoke(inkcast, args, prog_name="inkcast")


def test_a_model_is_pulled_listed_and_verified(toy, tmp_path):
    path = tmp_path / "models" / "toy.pt"
    assert json.loads(run("models", "list", "--json").stdout)[0]["path"] is None
    pulled = run("models", "pull", "toy1")
    assert pulled.stdout == f"{path}\n"
    assert pulled.exit_code == 0
    assert path.read_bytes() == WEIGHTS
    (listed,) = json.loads(run("models", "list", "--json").stdout)
    assert listed == {
        "name": "toy",
        "aliases": ["toy1"],
        "format": "openai",
        "bytes": len(WEIGHTS),
        "parameters": 1_000_000,
        "languages": "en",
        "licence": "MIT",
        "source": toy.url,
        "path": str(path),
    }
    assert str(path) in run("models", "list").stdout
    verified = run("models", "verify")
    assert verified.exit_code == 0
    assert verified.stdout.endswith(f"intact: {path}\n")


def test_a_damaged_model_fails_the_check(toy, tmp_path):
    run("models", "pull", "toy")
    path = tmp_path / "models" / "toy.pt"
    path.write_bytes(WEIGHTS.upper())
    checked = run("models", "verify", "toy", "--json")
    assert checked.exit_code == 1
    (result,) = json.loads(checked.stdout)
    assert "damaged" in result["problem"]
    assert "inkcast models pull toy" in result["problem"]
    assert run("models", "pull", "toy").exit_code == 0
    assert run("models", "verify", "toy").exit_code == 0


def test_what_is_not_there_cannot_be_verified(toy):
    result = run("models", "verify", "toy")
    assert result.exit_code == 1
    assert result.stderr == "Error: Model 'toy' is not installed. Run: inkcast models list\n"
    assert "no model 'tyo'" in run("models", "pull", "tyo").stderr
    assert run("models", "pull").exit_code == 2


def test_doctor_without_weights_says_what_to_do(toy):
    result = run("doctor")
    assert result.exit_code == 1
    assert "inkcast models pull tiny.en" in result.stdout
    assert result.stdout.endswith("This machine cannot transcribe.\n")


@pytest.mark.model
def test_doctor_knows_this_machine(tiny_en):
    result = run("doctor", "--json")
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert report["can_transcribe"] is True
    assert report["problems"] == []
    assert report["python"] == ".".join(map(str, sys.version_info[:3]))
    assert report["packages"]["openai-whisper"] == "20250625"
    assert "ray" not in report["packages"]
    assert "float32" in report["engines"]["ctranslate2"]["devices"]["cpu"]
    assert {"name": "tiny.en", "format": "ctranslate2", "path": str(tiny_en), "problem": None} in report[
        "models"
    ]
    assert report["free_bytes"] > 0


def test_doctor_reports_a_part_that_does_not_run(toy, monkeypatch):
    run("models", "pull", "toy")
    monkeypatch.setitem(sys.modules, "torch", None)  # makes importing it an ImportError
    result = run("doctor", "--json")
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert report["engines"]["whisper"]["problem"].startswith("PyTorch does not run")
    assert report["can_transcribe"] is False
