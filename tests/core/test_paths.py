"""Where data and caches go when no folder is named."""

import platformdirs
import pytest

from core.paths import cache_folder, data_folder, run_folder


def test_the_environment_names_the_folders(monkeypatch, tmp_path):
    monkeypatch.setenv("SPOOFSCOPE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("SPOOFSCOPE_CACHE", str(tmp_path / "cache"))
    assert run_folder("0123456789abcdef0000") == tmp_path / "data/runs/0123456789abcdef"
    assert cache_folder() == tmp_path / "cache"


@pytest.mark.parametrize(
    ("variable", "folder", "native"),
    [("DATA", data_folder, platformdirs.user_data_path), ("CACHE", cache_folder, platformdirs.user_cache_path)],
)
def test_otherwise_they_are_the_users_own(variable, folder, native, monkeypatch, tmp_path):
    monkeypatch.delenv(f"SPOOFSCOPE_{variable}", raising=False)
    monkeypatch.setenv(f"XDG_{variable}_HOME", str(tmp_path))
    assert folder() == native("spoofscope", appauthor=False)
    if platformdirs.PlatformDirs is platformdirs.unix.Unix:
        assert folder() == tmp_path / "spoofscope"
