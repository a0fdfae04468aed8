"""What every command line here shares: how it is built, how an option is spelt, and where an error ends.

The pattern, for ``python -m core`` and ``python -m trainers`` alike (``tests/test_command_lines.py`` holds it):

- A command is one file of the package of commands. It registers one function, and loads what it needs when called.
- What a command reads is positional (recordings, a folder, a recipe). A corpus is ``--manifest FILE --root FOLDER``,
  detectors are ``--checkpoint NAME_OR_FOLDER``. Each is repeated for more than one; manifests and roots are pairs in
  their order (``corpus_pairs``), and the corpora are read as one. What it writes is ``-o`` or ``--output``.
- The result is text on standard output; with ``--json`` it is one JSON value. Progress and warnings go to standard
  error.
- An error is one line on standard error, ``Error: `` and a sentence. Exit status 1: what was asked for failed or was
  not found good; 2: the command line itself is wrong; 3: done, of incomplete files;
  130: interrupted.
"""

import atexit
import errno
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand

from core.errors import SpoofscopeError
from core.plugins import Registry

__all__ = [
    "CHECKPOINT_HELP",
    "Checkpoints",
    "Command",
    "CommandLine",
    "JsonFlag",
    "Manifests",
    "Roots",
    "corpus_pairs",
    "json_text",
    "printable",
]

Command = Callable[..., None]

CHECKPOINT_HELP = "Name of a shipped detector, or a checkpoint's folder"
Checkpoints = Annotated[
    list[str] | None,
    typer.Option("--checkpoint", metavar="NAME_OR_FOLDER", help=f"{CHECKPOINT_HELP}; may be repeated."),
]
Manifests = Annotated[
    list[Path],
    typer.Option("--manifest", metavar="FILE", help="Table of the corpus' clips, CSV or Parquet; may be repeated."),
]
Roots = Annotated[
    list[Path],
    typer.Option(
        "--root", metavar="FOLDER", help="Folder that the manifest's paths start from; as many as manifests, in order."
    ),
]
JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON.")]

# Understood where the command has the option of today and not the one of old; in no help text.
_OLD_SPELLINGS = {"--out": "--output", "--detector": "--checkpoint"}
_ADVICE = {
    errno.EACCES: "check its permissions",
    errno.EPERM: "check its permissions",
    errno.EROFS: "choose a folder that can be written to",
    errno.ENOSPC: "make room on the disk, or choose another folder",
}


def corpus_pairs(manifests: Sequence[Path], roots: Sequence[Path]) -> list[tuple[Path, Path]]:
    """Return each manifest with the root that stands at the same place on the command line.

    Raises
    ------
    typer.BadParameter
        When there are more of the one than of the other.
    """
    if len(manifests) != len(roots):
        raise typer.BadParameter(
            f"There are {len(manifests)} --manifest and {len(roots)} --root: give each manifest its root, in its order."
        )
    return list(zip(manifests, roots, strict=True))


class CommandLine:
    """Commands under one program's name, found in a package.

    Parameters
    ----------
    program : str
        As a person types it: ``python -m core``.
    package : str
        Dotted name of the package whose modules register one command each.
    summary : str
        The first line of ``--help``.
    """

    def __init__(self, program: str, *, package: str, summary: str) -> None:
        self._program = program
        self._summary = summary
        self._commands: Registry[Command] = Registry("command", package)

    def command(self, name: str) -> Callable[[Command], Command]:
        """Return the decorator that makes a function the command ``name``; its docstring is the help."""
        return self._commands.register(name)

    @property
    def app(self) -> typer.Typer:
        """The commands as an application of Typer."""
        # Without rich's boxes, so that an error of usage is the same line of text as any other error.
        app = typer.Typer(
            help=self._summary, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
            rich_markup_mode=None,
        )  # fmt: skip
        # A callback keeps the command's name in use where there is only one command.
        app.callback(help=self._summary)(lambda: None)
        for name in self._commands.names():
            app.command(name, cls=_Spelling)(self._commands.get(name))
        return app

    def main(self, arguments: Sequence[str] | None = None) -> int:
        """Run a command and return its exit status.

        Parameters
        ----------
        arguments : sequence of str, optional
            What stands after the program's name; by default, the process' own.
        """
        try:
            self.app(list(arguments) if arguments is not None else None, prog_name=self._program)
        except SystemExit as end:
            return end.code if isinstance(end.code, int) else int(end.code is not None)
        except (SpoofscopeError, OSError) as error:
            typer.echo(f"Error: {_sentence(error)}", err=True)
            return 1
        return 0

    def run(self) -> NoReturn:
        """Run the process' own command and end the process.

        Python would take PyTorch's modules apart one by one, which takes half a second and changes nothing any more.
        So what asked to be called at the end is called, what was printed is flushed, and that is the end.
        """
        status = self.main()
        atexit._run_exitfuncs()
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except OSError:
            # The reader of the output has gone: there is nobody left to write to.
            status = status or 1
        os._exit(status)


class _Spelling(TyperCommand):
    """A command that understands the spellings of old."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        known = {name for param in self.params for name in param.opts}
        return super().parse_args(ctx, [_respelt(argument, known) for argument in args])


def _respelt(argument: str, known: set[str]) -> str:
    name, equals, value = argument.partition("=")
    today = _OLD_SPELLINGS.get(name, "")
    return f"{today}{equals}{value}" if today in known and name not in known else argument


def _sentence(error: Exception) -> str:
    if not isinstance(error, OSError) or error.strerror is None:
        return printable(str(error))
    advice = _ADVICE.get(error.errno or 0, "check that it is there and can be used so")
    reason = error.strerror[:1].lower() + error.strerror[1:]
    where = f"{error.filename}: " if error.filename else ""
    return printable(f"{where}{reason}: {advice}.")


def printable(text: str) -> str:
    """Return text that cannot move a terminal's cursor, whatever a file's name holds."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)


def json_text(value: Any, *, indent: int | None = 2) -> str:
    """Return a value as JSON; NaN and infinities are refused.

    A file's name may hold bytes that are no text; JSON has an escape for them.
    """
    text = json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "backslashreplace").decode()
