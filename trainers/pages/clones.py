"""Reading files out of clones of the pages' repositories, at a commit, with git itself."""

import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType

from core.errors import CorpusError

__all__ = ["Clone", "check_git", "find_clone"]


def check_git() -> None:
    """Raise CorpusError where there is no git on this machine."""
    if shutil.which("git") is None:
        raise CorpusError("The program git is not installed: install it, the pages' clones are read with it.")


def find_clone(folder: Path, repo: str) -> Path | None:
    """Return the git directory of a repository's clone, bare or with a work tree; None where there is none.

    Parameters
    ----------
    folder : Path
        Holds the clones, each as ``OWNER+NAME`` or ``OWNER+NAME/repo``.
    repo : str
        ``OWNER/NAME``.
    """
    place = folder / repo.replace("/", "+")
    candidates = (place / "repo" / ".git", place / "repo", place / ".git", place)
    return next((path for path in candidates if (path / "HEAD").is_file() and (path / "objects").is_dir()), None)


class Clone:
    """A clone whose files are read by one process of git for all of them.

    Parameters
    ----------
    git_dir : Path
    """

    def __init__(self, git_dir: Path) -> None:
        self._git_dir = git_dir
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Clone":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def has(self, commit: str) -> bool:
        """Return whether the commit is in the clone."""
        return self._ask(f"{commit}^{{commit}}", "commit") is not None

    def read(self, commit: str, path: str) -> bytes | None:
        """Return the content of a file at a commit; None where there is no such file.

        Where the clone was made without its files (``--filter=blob:none``), git fetches the file now.
        """
        return self._ask(f"{commit}:{path}", "blob")

    def _ask(self, name: str, kind: str) -> bytes | None:
        process = self._running()
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(f"{name}\n".encode())
            process.stdin.flush()
        except BrokenPipeError:
            self._stop()
            return None
        head = process.stdout.readline().split()
        if not head:
            # git ends where a file that it lacks cannot be fetched; the next one may be there.
            self._stop()
            return None
        if len(head) != 3 or not head[2].isdigit():
            return None
        content = process.stdout.read(int(head[2]))
        process.stdout.read(1)
        return content if head[1] == kind.encode() else None

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None:
            # Named outright, so that a clone of another user's is read too; and no one is asked for a password.
            self._process = subprocess.Popen(
                ["git", f"--git-dir={self._git_dir}", "cat-file", "--batch"], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
            )  # fmt: skip
        return self._process

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()
