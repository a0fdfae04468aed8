"""Serve the page: ``python -m dashboard``, for who knows $SPOOFSCOPE_AUTH where it is set."""

import ctypes
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from core.errors import SpoofscopeError
from core.settings import AUTH, HOST, PORT, RUNS
from core.shell import Checkpoints, printable
from dashboard.server import exposure, read_account

__all__ = ["main", "serve"]

_M_ARENA_MAX = -8


def serve(
    checkpoint: Checkpoints = None,
    host: Annotated[str, typer.Option(envvar=HOST.name, help=HOST.summary)] = HOST.default,
    port: Annotated[int, typer.Option(envvar=PORT.name, min=1, max=65535, help=PORT.summary)] = int(PORT.default),
    runs: Annotated[list[Path] | None, typer.Option(help="A folder of runs, or a run; again for several.")] = None,
) -> None:
    """Serve the page until interrupted."""
    # Before the first thread that computes.
    _share_heaps()
    from dashboard.app import launch

    if checkpoint:
        _check(checkpoint)
    try:
        account = read_account(AUTH.read())
    except ValueError as error:
        raise SpoofscopeError(str(error)) from error
    if warning := exposure(host, account):
        typer.echo(warning, err=True)
    try:
        launch(
            host, port, names=checkpoint, account=account, runs=_folders(runs),
            on_ready=lambda url: print(f"Spoofscope: {url}", flush=True),
        )
    except OSError as error:
        reason = error.strerror or str(error)
        raise SpoofscopeError(
            f"The page cannot be served on {host}:{port} ({reason}): choose another --port."
        ) from error


def _folders(named: Sequence[Path] | None) -> list[Path]:
    """Return the folders of runs: those named, or those of the setting; one that is not there is an error at once."""
    folders = named or [Path(each) for each in (RUNS.read() or "").split(os.pathsep) if each]
    for folder in folders:
        if not folder.is_dir():
            raise SpoofscopeError(f"There is no folder {folder}: name one that holds runs, or is one.")
    return list(folders)


def _share_heaps() -> None:
    """Have glibc's allocator keep two heaps: of one a thread, each would hold on to what a detector once needed."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


def _check(names: Sequence[str]) -> None:
    """Say at once that a checkpoint is not there: the page would only say so at the first recording."""
    from core.detectors.checkpoint import find_checkpoint

    for name in names:
        find_checkpoint(name)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    Parameters
    ----------
    arguments : sequence of str, optional
        What stands after ``python -m dashboard``; by default, the process' own.
    """
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command()(serve)
    try:
        app(list(arguments) if arguments is not None else None, prog_name="python -m dashboard")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except SpoofscopeError as error:
        typer.echo(f"Error: {printable(str(error))}", err=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
