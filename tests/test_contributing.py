"""docs/contributing.md is followed to the letter: its files are written, checked, and held to the contracts."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_layout import REPOSITORY, project_files

TEXT = (REPOSITORY / "docs" / "contributing.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^```\w+ (\S+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))
HELD_TO = {
    "core/detectors/zoo/": ("tests/core/detectors/test_contract.py", "band-energy"),
    "core/explain/methods/": ("tests/core/explain/test_contract.py", "energy and not band-energy"),
    "core/lab/kinds/": ("tests/core/lab/test_planted.py", "buzz"),
    "core/corpus/readers/": ("tests/core/corpus/readers/test_contract.py", "two-lists"),
    "dashboard/views/": ("tests/dashboard/test_app.py", "view or building"),
    "trainers/recipes/": ("tests/trainers/test_recipe.py", "band-energy"),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with the files of the document in it."""
    root = tmp_path_factory.mktemp("project")
    for path in project_files(REPOSITORY):
        relative = path.relative_to(REPOSITORY)
        if relative.parts[0] not in {"checkpoints", "docs", "findings"}:
            (root / relative).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, root / relative)
    for name in ("checkpoints", "docs"):
        (root / name).symlink_to(REPOSITORY / name)
    # What mypy knows of the files that stay as they are.
    if (REPOSITORY / ".mypy_cache").is_dir():
        shutil.copytree(REPOSITORY / ".mypy_cache", root / ".mypy_cache")
    for name, content in FILES.items():
        assert not (root / name).exists(), f"{name} is in the project already"
        (root / name).write_text(content, encoding="utf-8")
    return root


def run(project: Path, *arguments: str) -> str:
    done = subprocess.run([sys.executable, "-m", *arguments], cwd=project, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    return done.stdout


def test_there_is_a_file_of_every_kind() -> None:
    assert {next(kind for kind in HELD_TO if name.startswith(kind)) for name in FILES} == HELD_TO.keys()


@pytest.mark.slow
def test_the_files_pass_lint_and_types(project: Path) -> None:
    run(project, "ruff", "check", *FILES)
    run(project, "mypy")


@pytest.mark.slow
def test_each_file_keeps_the_contract_of_its_kind(project: Path) -> None:
    """All in one process: its start costs more than the tests."""
    words = " or ".join(f"({Path(path).name} and ({words}))" for path, words in HELD_TO.values())
    passed = run(project, "pytest", "-rp", *(path for path, _ in HELD_TO.values()), "-k", words)
    for path, _ in HELD_TO.values():
        assert f"PASSED {path}" in passed, f"no test of {path} was about the new file"
