"""Writes are whole or absent."""

import json

import pytest

from core.files import atomic_folder, sha256_bytes, sha256_file, write_bytes, write_json


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
