"""What `make` would install, asked of make itself: nothing is installed here."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.test_layout import REPOSITORY


def planned(venv: Path, *arguments: str) -> str:
    """Return the commands that make would run in a checkout whose environment is ``venv``."""
    command = ["make", "--dry-run", "--no-print-directory", f"VENV={venv}", *arguments]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout


def pinned(group: str) -> set[str]:
    lines = (REPOSITORY / "requirements" / f"{group}.txt").read_text().splitlines()
    return {re.split("==", line)[0] for line in lines if "==" in line}


def test_the_page_installs_neither_what_training_needs_nor_what_tests_need(tmp_path: Path) -> None:
    commands = planned(tmp_path / "venv", "run")
    assert "requirements/run.txt" in commands
    assert "requirements/train.txt" not in commands and "requirements/test.txt" not in commands
    assert not pinned("run") & (pinned("train") | pinned("test"))
    assert {"pytest", "playwright", "lightning"} <= pinned("train") | pinned("test")


def test_torch_for_the_cpu_alone_comes_from_the_index_that_is_named(tmp_path: Path) -> None:
    commands = planned(tmp_path / "venv", "run", "TORCH_INDEX=https://index.invalid/cpu")
    of_torch = next(line for line in commands.splitlines() if "--index-url https://index.invalid/cpu" in line)
    assert "--no-deps" in of_torch and "torch" in of_torch
    assert "requirements/cuda.txt" not in commands
    assert "requirements/cuda.txt" in planned(tmp_path / "venv", "run")


def test_the_choice_of_torch_is_remembered(tmp_path: Path) -> None:
    (tmp_path / ".torch-index").write_text("https://index.invalid/cpu\n")
    assert "--index-url https://index.invalid/cpu" in planned(tmp_path, "run")


@pytest.mark.parametrize("group", ["run", "train", "test"])
def test_a_group_is_installed_once_for_its_pins(group: str, tmp_path: Path) -> None:
    target = {"run": "install", "train": "install-train", "test": "install-test"}[group]
    stamp = next(
        found[1] for line in planned(tmp_path, target).splitlines()
        if (found := re.search(rf"touch \S*/(\.{group}-\d+)", line))
    )  # fmt: skip
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python").touch()
    run_stamp = re.search(r"touch \S*/(\.run-\d+)", planned(tmp_path, "install"))
    assert run_stamp is not None
    (tmp_path / run_stamp[1]).touch()
    (tmp_path / stamp).touch()
    assert "pip install" not in planned(tmp_path, target)
