"""Documents that repeat the code say what it says, and name all of it."""

import importlib.util
import re
from types import ModuleType

import pytest

from core.detectors.checkpoint import shipped
from core.settings import SETTINGS
from core.usecases import reference_run
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


def test_every_file_that_a_document_names_is_there() -> None:
    name = re.compile(r"`((?:core|trainers|dashboard|tests|checkpoints|requirements|docs)/[\w./-]+)`")
    for path in project_files(REPOSITORY):
        if path.suffix == ".md":
            for named in name.findall(path.read_text(encoding="utf-8")):
                assert (REPOSITORY / named).exists(), f"{path.name} names {named}"


def test_all_tables_of_results_are_of_the_reference_run_and_of_one_measurement_of_speed() -> None:
    speeds = {name: cells[1] for name, cells in _rows("docs/speed.md", "speed").items()}
    every, best = (_rows(path, "results") for path in ("docs/detectors.md", "README.md"))
    assert best.items() <= every.items()
    detectors = {name: cells for name, cells in every.items() if not name.startswith("panel")}
    # What ships and is not scored yet stands in no table.
    assert speeds.keys() == detectors.keys() == set(reference_run().detectors) <= set(shipped())
    assert {name: cells[-2] for name, cells in detectors.items()} == speeds
    for path in ("docs/detectors.md", "README.md"):
        assert f"`{reference_run().digest[:12]}`" in (REPOSITORY / path).read_text(encoding="utf-8")
    cards = (REPOSITORY / "docs/detectors.md").read_text(encoding="utf-8").split("<!-- report-card:start -->")[1]
    assert f"`{reference_run().digest[:12]}`" in cards.split("<!-- report-card:end -->")[0]


def test_the_readme_repeats_the_figures_of_held_out_pages() -> None:
    from core.results.held_out import held_out_figures
    from core.results.queries import PANEL
    from core.usecases import load_panel

    figures = held_out_figures(load_panel(), PANEL).set_index("clips")
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    named = [figures.loc[clips, "EER"] for clips in ("all", "spoofs: vocoder", "spoofs: codec", "telephone")]
    errors = ["real called probably spoofed", "spoofs called probably bona fide"]
    for figure in [*named, *figures.loc["all", errors]]:
        assert figure in readme


def _rows(path: str, table: str) -> dict[str, list[str]]:
    """Return the cells of a document's table by the name in the first, without the mark of the panel's members."""
    text = (REPOSITORY / path).read_text(encoding="utf-8")
    between = text.split(f"<!-- {table}:start -->")[1].split(f"<!-- {table}:end -->")[0]
    lines = [line.strip("|").split("|") for line in between.splitlines() if line[:1] == "|"]
    return {name.strip(" `●"): [cell.strip() for cell in cells] for name, *cells in lines[2:]}
