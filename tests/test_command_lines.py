"""The pattern of ``core/shell.py``, held against every command and every option of every command line."""

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from core.cli import COMMAND_LINE as CORE
from core.errors import CorpusError
from core.shell import CommandLine, corpus_pairs
from trainers.cli import COMMAND_LINE as TRAINERS

LINES = {"core": CORE, "trainers": TRAINERS}


def commands() -> Iterator[Any]:
    for program, line in LINES.items():
        for name, command in typer.main.get_command(line.app).commands.items():
            yield pytest.param(command, id=f"{program} {name}")


EVERY = pytest.mark.parametrize("command", list(commands()))


def options(command: Any) -> dict[str, Any]:
    return {name: option for option in command.params for name in option.opts if option.param_type_name == "option"}


@EVERY
def test_a_command_is_one_file_named_after_it(command: Any) -> None:
    package, _, module = command.callback.__module__.rpartition(".")
    assert package in {"core.commands", "trainers.commands"}
    assert module.replace("_", "-") == command.name


@EVERY
def test_its_first_line_of_help_is_a_short_sentence(command: Any) -> None:
    first = command.help.split("\n")[0]
    assert first.endswith(".") and len(first) <= 60, first


@EVERY
def test_every_argument_and_option_has_help(command: Any) -> None:
    assert [param.name for param in command.params if not param.help and param.name != "help"] == []


@EVERY
def test_what_is_written_is_called_output_with_a_short_o(command: Any) -> None:
    found = options(command)
    assert ("-o" in found) == ("--output" in found)
    assert found.get("-o") is found.get("--output")
    assert not {"--out", "--out-dir", "--destination"} & set(found)


@EVERY
def test_a_corpus_is_a_manifest_and_a_root(command: Any) -> None:
    found = options(command)
    assert ("--manifest" in found) == ("--root" in found)
    assert [
        param.name for param in command.params if param.param_type_name == "argument" and param.name == "manifest"
    ] == []


@EVERY
def test_a_command_that_reads_a_corpus_reads_several(command: Any) -> None:
    found = options(command)
    assert all(found[name].multiple for name in ("--manifest", "--root") if name in found)


def test_each_manifest_has_its_root(capsys: pytest.CaptureFixture[str]) -> None:
    pairs = [(Path("a.csv"), Path("a")), (Path("b.csv"), Path("b"))]
    assert corpus_pairs([manifest for manifest, _ in pairs], [root for _, root in pairs]) == pairs
    asked = ["audit", "--manifest", "a.csv", "--root", "a", "--manifest", "b.csv"]
    assert CORE.main(asked) == 2
    assert "There are 2 --manifest and 1 --root: give each manifest its root" in capsys.readouterr().err


@EVERY
def test_detectors_are_checkpoints_wherever_they_are_named(command: Any) -> None:
    assert not {"--detector", "--detectors", "--checkpoints", "--model"} & set(options(command))
    arguments = {param.name for param in command.params if param.param_type_name == "argument" and not param.hidden}
    assert not {"detector", "names", "checkpoint", "checkpoints", "folders"} & arguments


@EVERY
def test_json_is_a_flag_of_that_name(command: Any) -> None:
    asked = [option for option in command.params if option.name == "as_json"]
    assert all(option.opts == ["--json"] for option in asked)


@EVERY
def test_a_switch_has_no_opposite(command: Any) -> None:
    """A second spelling such as --no-json would be an option that is in no document."""
    assert [option.name for option in command.params if getattr(option, "secondary_opts", None)] == []


@pytest.fixture
def broken() -> CommandLine:
    line = CommandLine("python -m made-up", package="core.analysis", summary="For a test.")
    failures = {
        "known": CorpusError("The list a\x1b[2J is empty: give another."),
        "system": PermissionError(errno.EACCES, "Permission denied", "/a/file"),
        "full": OSError(errno.ENOSPC, "No space left on device"),
        "said": FileExistsError("x exists already: choose another folder."),
    }

    @line.command("fail")
    def fail(how: str, output: str = "") -> None:
        """Fail."""
        if how in failures:
            raise failures[how]
        if how == "stop":
            raise KeyboardInterrupt
        raise typer.Exit(1 if how == "bad" else 0)

    return line


@pytest.mark.parametrize(
    ("how", "status", "told"),
    [
        ("known", 1, "Error: The list a\ufffd[2J is empty: give another.\n"),
        ("system", 1, "Error: /a/file: permission denied: check its permissions.\n"),
        ("full", 1, "Error: no space left on device: make room on the disk, or choose another folder.\n"),
        ("said", 1, "Error: x exists already: choose another folder.\n"),
        ("stop", 130, ""),
        ("bad", 1, ""),
        ("fine", 0, ""),
    ],
)
def test_an_error_is_one_sentence_and_a_status(
    broken: CommandLine, how: str, status: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert broken.main(["fail", how]) == status
    assert capsys.readouterr().err == told


def test_a_wrong_command_line_has_a_status_of_its_own(broken: CommandLine, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["fail"], ["fail", "fine", "--nonsense"], ["nothing"]):
        assert broken.main(arguments) == 2
        assert "\nError: " in capsys.readouterr().err


def test_a_fault_of_the_program_is_not_hidden(broken: CommandLine) -> None:
    @broken.command("divide")
    def divide() -> None:
        """Divide."""
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken.main(["divide"])


def test_spellings_of_old_are_understood_and_not_shown(broken: CommandLine, capsys: pytest.CaptureFixture[str]) -> None:
    assert broken.main(["fail", "fine", "--out", "x"]) == 0
    assert broken.main(["fail", "fine", "--out=x"]) == 0
    assert broken.main(["fail", "--help"]) == 0
    assert "--out " not in capsys.readouterr().out
