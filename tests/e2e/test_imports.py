"""Predictions that a person brings: dropped, settled, sorted and saved in a real browser."""

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.gestures import choose
from tests.e2e.tabs import open_tab

pytestmark = pytest.mark.browser
N = 200


@pytest.fixture(scope="module")
def predictions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two detectors of opposite polarity, a file of nothing, and the key of their clips."""
    folder, rng = tmp_path_factory.mktemp("predictions"), np.random.default_rng(3)
    real = np.arange(N) % 4 == 0
    for name, sign in (("ocsoftmax", -1), ("rawgat_st_mul", 1)):
        scores = sign * (np.where(real, 1.5, -1.5) + rng.normal(size=N))
        lines = (f"LA_E_{at:04d} {score:.5f}\n" for at, score in enumerate(scores))
        (folder / f"{name}.txt").write_text("".join(lines))
    attack = np.where(real, "-", np.where(np.arange(N) % 2, "A17", "A18"))
    key = (f"LA_{at % 20:04d} LA_E_{at:04d} - {attack[at]} {'bonafide' if real[at] else 'spoof'}\n"
           for at in range(N))  # fmt: skip
    (folder / "key.txt").write_text("".join(key))
    (folder / "nothing.txt").write_text("")
    return {path.stem: path for path in folder.iterdir()}


def test_files_of_unlike_polarity_are_settled_sorted_and_saved(kept: Page, predictions: dict[str, Path]) -> None:
    page = kept
    open_tab(page, "Disagreements", wait_for=("#disagreements-lead", "contradict each other"))
    page.get_by_role("button", name="Anyone’s predictions").click()
    expect(page.locator("#disagreements-rows")).to_be_hidden()
    files, chosen = page.locator("#imports-files"), page.locator("#imports-files input[type=file]")
    # Without labels a person is asked once, and the other file follows by agreement.
    chosen.set_input_files([predictions["ocsoftmax"], predictions["rawgat_st_mul"], predictions["nothing"]])
    expect(files).to_contain_text("What does a higher score of ocsoftmax mean?")
    expect(files).to_contain_text("nothing.txt is empty")
    files.get_by_role("button", name="higher = spoof").first.click()
    expect(files).to_contain_text("higher = bona fide (by agreement)")
    expect(page.locator("#imports-lead")).to_contain_text("contradict each other")
    # With a key labels settle what nobody stated.
    files.get_by_role("button", name="Remove nothing").click()
    chosen.set_input_files([predictions["key"]])
    expect(files).to_contain_text("higher = bona fide (by labels)")
    expect(page.locator("#imports-attacks")).to_contain_text("A17")
    rows = page.locator("#imports-rows")
    expect(rows).to_contain_text("split; most disputed first")
    page.locator("#imports-show").get_by_text("all clips").click()
    choose(page, "#imports-order", "smallest margin first")
    expect(rows).to_contain_text("all clips; smallest margin first")
    expect(rows.locator(".ss-pager")).to_contain_text(f"1–100 of {N} clips")
    margins = [abs(float(text)) for text in rows.locator("tbody tr td:last-child").all_inner_texts()]
    assert margins == sorted(margins) and len(margins) == 100
    with page.expect_download() as download:
        page.locator("#imports-exports").get_by_role("button", name="Whole report, HTML").click()
    report = Path(download.value.path()).read_text(encoding="utf-8")
    assert "Panel of 2 voters on 200 clips" in report and str(predictions["key"].parent) not in report
    # Nothing of it is in the address.
    assert "ocsoftmax" not in page.url
