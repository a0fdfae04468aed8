"""Documents that repeat the code say what it says, and name all of it."""

import importlib.util
import re
from types import ModuleType

import pytest

from core.settings import SETTINGS
from tests.test_layout import PACKAGES, REPOSITORY, project_files


@pytest.fixture(scope="module")
def docs() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs", REPOSITORY / ".ci" / "docs.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_is_written_from_the_code_is_up_to_date(docs: ModuleType) -> None:
    assert docs.outdated() == [], "run `make docs`"


def test_a_changed_document_is_noticed(docs: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docs, "tree", lambda: "```\nelsewhere/\n```")
    assert docs.ARCHITECTURE in docs.outdated()


def test_every_environment_variable_is_a_documented_setting() -> None:
    sources = [p for p in project_files(REPOSITORY) if p.suffix == ".py" and p.parts[-2] != "tests"]
    ours = [p for p in sources if p.relative_to(REPOSITORY).parts[0] in PACKAGES]
    named = {name for path in ours for name in re.findall(r"SPOOFSCOPE_[A-Z]+", path.read_text(encoding="utf-8"))}
    assert named <= {setting.name for setting in SETTINGS}


def test_every_link_of_a_document_leads_somewhere() -> None:
    for path in project_files(REPOSITORY):
        if path.suffix == ".md":
            for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text(encoding="utf-8")):
                assert (path.parent / target).exists(), f"{path.name} links to {target}"
