"""Where runs go when nobody says where."""

from pathlib import Path

from core.paths import data_folder, run_folder


def test_the_environment_names_the_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("SPOOFSCOPE_DATA", str(tmp_path))
    assert run_folder("0123456789abcdef0000") == tmp_path / "runs/0123456789abcdef"


def test_otherwise_it_is_the_users_data_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("SPOOFSCOPE_DATA", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert data_folder() == tmp_path / "spoofscope"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert data_folder() == tmp_path / ".local/share/spoofscope"
    monkeypatch.setattr("sys.platform", "darwin")
    assert data_folder() == tmp_path / "Library/Application Support/spoofscope"
