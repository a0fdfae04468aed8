"""Writes are whole or absent."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core import files
from core.files import atomic_folder, remove_leftovers, sealed, sha256_bytes, sha256_file, write_bytes, write_json

DAY_S = 86_400


def test_a_written_file_is_whole_and_alone(tmp_path):
    write_bytes(tmp_path / "a" / "x.bin", b"abc")
    assert (tmp_path / "a" / "x.bin").read_bytes() == b"abc"
    assert sha256_file(tmp_path / "a" / "x.bin") == sha256_bytes(b"abc")
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["x.bin"]


def test_a_failed_write_keeps_the_old_file(tmp_path):
    path = tmp_path / "x.json"
    write_json(path, {"a": 1})
    with pytest.raises(ValueError, match="JSON"):
        write_json(path, {"a": float("nan")})
    assert json.loads(path.read_text()) == {"a": 1}
    assert len(list(tmp_path.iterdir())) == 1


def test_a_folder_appears_whole_or_not_at_all(tmp_path):
    with pytest.raises(RuntimeError), atomic_folder(tmp_path / "f") as folder:
        (folder / "half").write_text("x")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
    with atomic_folder(tmp_path / "f") as folder:
        (folder / "whole").write_text("x")
    assert [p.name for p in (tmp_path / "f").iterdir()] == ["whole"]


def test_a_folder_is_replaced_only_when_asked(tmp_path):
    for text in ("one", "two"):
        with atomic_folder(tmp_path / "f", overwrite=True) as folder:
            (folder / "x").write_text(text)
    assert (tmp_path / "f" / "x").read_text() == "two"
    with pytest.raises(FileExistsError, match="exists already"), atomic_folder(tmp_path / "f"):
        pass
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


def age(path, seconds):
    """Set the time at which ``path`` and all within it were last written."""
    then = time.time() - seconds
    for each in [*path.rglob("*"), path]:
        os.utime(each, (then, then))


def killed(code):
    """Run ``code`` in a process that ends itself as ``kill -9`` would."""
    head = "import os, signal\nfrom core.files import *\ndef die(*_): os.kill(os.getpid(), signal.SIGKILL)\n"
    repository = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", head + code], cwd=repository, timeout=600, check=False)


def hidden(folder):
    return [path for path in folder.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize(
    "code",
    [
        "os.replace = die\nwrite_bytes({path!r}, b'abc')",
        "with atomic_folder({path!r}) as folder: (folder / 'half').write_text('x'); die()",
    ],
    ids=["file", "folder"],
)
def test_what_a_kill_left_behind_is_removed_after_a_day(code, tmp_path):
    killed(code.format(path=str(tmp_path / "one")))
    (left,) = hidden(tmp_path)
    (tmp_path / ".mine").mkdir()
    age(tmp_path / ".mine", 2 * DAY_S)
    for seconds, there in ((0.9 * DAY_S, True), (1.1 * DAY_S, False)):
        age(left, seconds)
        files._tidy.cache_clear()
        write_bytes(tmp_path / "other", b"abc")
        assert left.exists() == there
    assert [path.name for path in hidden(tmp_path)] == [".mine"]


def test_a_folder_that_is_still_written_to_is_no_leftover(tmp_path):
    with atomic_folder(tmp_path / "f") as folder:
        (folder / "deep").mkdir()
        age(folder, 2 * DAY_S)
        (folder / "deep/new").write_text("x")
        remove_leftovers(tmp_path)
        assert (folder / "deep/new").exists()


def test_a_folder_whose_replacement_was_killed_is_put_back(tmp_path):
    (tmp_path / "f").mkdir()
    (tmp_path / "f/x").write_text("old")
    killed(
        f"rename = os.rename\nos.rename = lambda a, b: die() if str(b) == {str(tmp_path / 'f')!r} else rename(a, b)\n"
        f"with atomic_folder({str(tmp_path / 'f')!r}, overwrite=True) as folder: pass"
    )
    assert not (tmp_path / "f").exists()
    for path in hidden(tmp_path):
        age(path, 2 * DAY_S)
    remove_leftovers(tmp_path)
    assert (tmp_path / "f/x").read_text() == "old"
    assert hidden(tmp_path) == []


def test_a_seal_notices_what_was_changed():
    once = sealed({"a": 1, "b": [2.5]}, "seal")
    assert sealed(once, "seal") == once
    assert sealed({**once, "a": 2}, "seal")["seal"] != once["seal"]
