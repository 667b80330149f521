import json
import logging
import os
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from inkcast import __version__
from inkcast.cli import app, output, shared_options
from inkcast.errors import FeedError, InkcastError
from inkcast.settings import FILE_NAME, Settings

HEAVY = {
    *("av", "ctranslate2", "feedparser", "httpx", "jinja2", "lxml"),
    *("numpy", "rich", "tiktoken", "torch", "whisper"),
}


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_path", lambda name: tmp_path / "config")


@pytest.fixture
def run(monkeypatch):
    """Run ``inkcast try ...``, where ``try`` is a command made of the given function."""

    def run(function, *args, **extra):
        monkeypatch.setitem(app.COMMANDS, "try", ("machine", "Try."))
        monkeypatch.setattr(
            app.LazyGroup, "get_command", lambda self, ctx, name: command if name == "try" else None
        )
        command = click.command("try")(shared_options.verbosity_options(function))
        return CliRunner().invoke(app.inkcast, ["try", *args], prog_name="inkcast", **extra)

    return run


def inkcast(*args, **extra):
    return subprocess.run([sys.executable, "-m", "inkcast", *args], capture_output=True, text=True, **extra)


# --- help ---


def test_help_needs_no_command_and_nothing_heavy():
    code = (
        "import sys, json; sys.argv = ['inkcast', '--help']\n"
        "from inkcast.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code\n"
        "print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = json.loads(done.stderr)
    assert not HEAVY & {name.split(".")[0] for name in modules}
    assert not {f"inkcast.cli.{folder}.{name}" for name, (folder, _) in app.COMMANDS.items()} & set(modules)
    for name, (_, text) in app.COMMANDS.items():
        assert f"  {name} " in done.stdout
        assert text.split()[0] in done.stdout


@pytest.mark.parametrize("name", list(app.COMMANDS))
def test_the_table_says_what_the_command_says(name):
    command = app.inkcast.get_command(click.Context(app.inkcast), name)
    assert command.help.split("\n\n")[0].replace("\n", " ") == app.COMMANDS[name][1]


def commands(command=app.inkcast, name="inkcast"):
    yield name, command
    if isinstance(command, click.Group):
        ctx = click.Context(command)
        for child in command.list_commands(ctx):
            yield from commands(command.get_command(ctx, child), f"{name} {child}")


@pytest.mark.parametrize(("name", "command"), [pytest.param(*each, id=each[0]) for each in commands()])
def test_every_command_and_option_has_help(name, command):
    assert command.help
    assert isinstance(command, click.Group) or "Example" in command.help, "no example"
    for parameter in command.params:
        assert isinstance(parameter, click.Argument) or parameter.help, f"{name} {parameter.name}"
        assert ("--out" in parameter.opts) == ("-o" in parameter.opts), f"{name} {parameter.name}"


def test_the_version_is_the_packages():
    assert inkcast("--version").stdout == f"inkcast, version {__version__}\n"


def test_a_mistyped_command_is_wrong_usage_and_names_the_nearest():
    done = inkcast("modles")
    assert done.returncode == 2
    assert "Did you mean models?" in done.stderr
    assert inkcast("zzz").returncode == 2
    assert inkcast("models", "--zzz").returncode == 2


# --- errors ---


def fail():
    try:
        raise ValueError("line one\nhttps://me:hunter2@host")
    except ValueError as error:
        raise FeedError("No feed at https://me:hunter2@host/.", "Check it.") from error


def test_a_known_error_is_one_line_and_exit_1(run):
    result = run(fail)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == "Error: No feed at https://***@host/. Check it.\n"


def test_verbose_shows_the_cause_without_its_secrets(run):
    result = run(fail, "-v")
    assert result.stderr == (
        "Error: No feed at https://***@host/. Check it.\n  because of ValueError: line one https://***@host\n"
    )


def test_a_bug_keeps_its_traceback(run):
    def broken():
        raise KeyError("a bug")

    result = run(broken)
    assert isinstance(result.exception, KeyError)


def test_an_interrupt_is_exit_130(run):
    def interrupted():
        raise KeyboardInterrupt

    result = run(interrupted)
    assert result.exit_code == 130
    assert "Stopped." in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.skipif(os.name == "nt", reason="pipes break otherwise on Windows")
def test_a_reader_that_hangs_up_is_no_noise():
    code = "from inkcast.cli import app; app.inkcast(['models', 'list', '--json'])"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.close()
        errors = process.stderr.read()
    assert errors == b""


# --- logging ---


def log_at_each_level():
    logger = logging.getLogger("inkcast.feeds.rss")
    for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
        logger.log(level, "%s https://me:hunter2@host", logging.getLevelName(level))
    logging.getLogger("httpx").warning("not ours")


@pytest.mark.parametrize(
    ("flags", "shown"),
    [
        (["-q"], ["ERROR"]),
        ([], ["INFO", "WARNING", "ERROR"]),
        (["-v"], ["DEBUG", "INFO", "WARNING", "ERROR"]),
    ],
)
def test_the_log_is_as_long_as_asked_and_hides_secrets(run, flags, shown):
    result = run(log_at_each_level, *flags)
    assert result.stdout == ""
    assert result.stderr.splitlines()[: len(shown)] == [f"{level} https://***@host" for level in shown]
    assert "hunter2" not in result.stderr


def test_what_the_line_before_said_is_not_said_again_but_warnings_are(run):
    def log():
        logger = logging.getLogger("inkcast.speech.load")
        for text in ("tiny.en", "tiny.en", "base", "tiny.en"):
            logger.info("Using %s", text)
        logger.warning("Beware")
        logger.warning("Beware")

    lines = ["Using tiny.en", "Using base", "Using tiny.en", "Beware", "Beware"]
    assert run(log).stderr.splitlines() == lines


# --- settings ---


def effective(run, *args, **extra):
    @shared_options.settings_options
    def command(settings):
        click.echo(repr(settings))

    return run(command, *args, **extra)


def test_without_anything_the_defaults_hold(run):
    assert effective(run).stdout == f"{Settings()!r}\n"


def test_flags_come_before_variables_before_the_file(run, tmp_path):
    (tmp_path / FILE_NAME).write_text(
        'model = "file"\nlanguage = "de"\nallow_private = true\nengine = "whisper"'
    )
    env = {"INKCAST_MODEL": "variable", "INKCAST_LANGUAGE": "fr"}
    result = effective(run, "--model", "flag", env=env)
    assert result.stdout == f"{Settings('flag', 'whisper', 'auto', 'fr', True)!r}\n"


def test_a_settings_file_that_makes_no_sense_is_exit_1_and_named(run, tmp_path):
    (tmp_path / FILE_NAME).write_text('modle = "base"')
    result = effective(run)
    assert result.exit_code == 1
    assert str(tmp_path / FILE_NAME) in result.stderr
    assert "Did you mean model?" in result.stderr


@pytest.mark.parametrize("flag", ["--device=gpu", "--engine=torch", "--model"])
def test_a_flag_that_makes_no_sense_is_wrong_usage(run, flag):
    assert effective(run, flag).exit_code == 2


def test_a_variable_that_makes_no_sense_is_named(run):
    result = effective(run, env={"INKCAST_ENGINE": "torch"})
    assert result.exit_code == 2
    assert "INKCAST_ENGINE" in result.stderr


def test_json_is_utf_8_as_it_is_written():
    @click.command()
    def command():
        output.print_json({"title": "Ünïcode"})

    assert CliRunner().invoke(command).stdout == '{\n  "title": "Ünïcode"\n}\n'


def test_json_and_the_log_do_not_speak_to_the_terminal(run):
    def log():
        output.print_json({"title": "a\x1b[31m\x9b\u202e[bold]"})
        logging.getLogger("inkcast.download").warning("%s", "a\x1b[2J\x07\n\u202eb [red]")

    result = run(log)
    assert json.loads(result.stdout) == {"title": "a\x1b[31m\x9b\u202e[bold]"}
    assert not set("\x1b\x9b\u202e") & set(result.stdout)
    assert result.stderr == "a[2J b [red]\n"


def test_an_error_is_one_line_even_if_its_words_are_not(run):
    def fails():
        raise InkcastError("two\nlines")

    assert run(fails).stderr == "Error: two lines\n"


def test_a_run_leaves_the_logging_as_it_was(run):
    logger = logging.getLogger("inkcast")
    before = (logger.level, list(logger.handlers), logger.propagate)
    run(log_at_each_level, "-q", "-vv")
    run(log_at_each_level, "-q", "--no-such-option")
    assert (logger.level, logger.handlers, logger.propagate) == before
