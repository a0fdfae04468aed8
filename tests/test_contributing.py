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
    "core/detectors/zoo/": ["tests/core/detectors/test_contract.py", "-k", "band-energy"],
    "core/explain/methods/": ["tests/core/explain/test_contract.py", "-k", "energy"],
    "core/lab/kinds/": ["tests/core/lab/test_planted.py", "-k", "buzz"],
    "core/corpus/readers/": ["tests/core/corpus/readers/test_contract.py", "-k", "two-lists"],
    "dashboard/views/": ["tests/dashboard/test_app.py", "-k", "view or building"],
    "trainers/recipes/": ["tests/trainers/test_recipe.py", "-k", "band-energy"],
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


def run(project: Path, *arguments: str) -> None:
    done = subprocess.run([sys.executable, "-m", *arguments], cwd=project, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


def test_there_is_a_file_of_every_kind() -> None:
    assert {next(kind for kind in HELD_TO if name.startswith(kind)) for name in FILES} == HELD_TO.keys()


@pytest.mark.slow
def test_the_files_pass_lint_and_types(project: Path) -> None:
    run(project, "ruff", "check", *FILES)
    run(project, "mypy")


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_the_file_keeps_the_contract_of_its_kind(name: str, project: Path) -> None:
    run(project, "pytest", *next(tests for kind, tests in HELD_TO.items() if name.startswith(kind)))
