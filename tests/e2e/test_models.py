import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from playwright.sync_api import Page, expect

from core.corpus.table import Corpus
from tests.e2e.gestures import choose, repeat
from tests.e2e.tabs import open_tab

pytestmark = pytest.mark.browser


def unfold(page: Page, part: str) -> None:
    """Open a part of the tab that is folded at first."""
    body = page.locator(f"#{part}")
    button = body.locator("button.label-wrap").first
    is_open = re.compile(r"\bopen\b")

    def click() -> None:
        if not is_open.search(button.get_attribute("class") or ""):
            button.click()

    repeat(page, click, lambda: expect(button).to_have_class(is_open))


def show_card(page: Page, name: str) -> None:
    unfold(page, "models-all")
    choose(page, "#models-chosen", name)


def test_each_detector_has_a_card_and_a_curve(kept: Page) -> None:
    page = kept
    open_tab(page, "Models & data", wait_for=("#models-report", "misses"))
    show_card(page, "cae-lfcc")
    card = page.locator("#models-card")
    expect(card).to_contain_text("learnt on dev")
    expect(card).to_contain_text("How it decides")
    expect(page.locator("#models-curves .js-plotly-plot")).to_contain_text("training step")
    unfold(page, "models-run-data")
    expect(page.locator("#models-origin")).to_contain_text("each checked by SHA-256")


def test_a_detector_without_a_learning_curve_has_its_own_card(kept: Page) -> None:
    page = kept
    open_tab(page, "Models & data", wait_for=("#models-report", "misses"))
    show_card(page, "cae-lfcc")
    expect(page.locator("#models-card dd").first).to_have_text("cae-lfcc")
    show_card(page, "distillmos-svm")
    expect(page.locator("#models-card dd").first).to_have_text("distillmos-svm")
    expect(page.locator("#models-curves")).to_contain_text("No learning curve was kept")


def test_an_audit_shows_how_far_it_is_and_can_be_cancelled(
    opened: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(corpus: Corpus, *, progress: Callable[[int, int], None], **_: object) -> NoReturn:
        while True:
            progress(3, 1000)
            time.sleep(0.05)

    (tmp_path / "a.wav").write_bytes(b"RIFF")
    (tmp_path / "manifest.csv").write_text("path,label\na.wav,bonafide\n")
    monkeypatch.setenv("SPOOFSCOPE_CORPUS", str(tmp_path))
    monkeypatch.setattr("core.corpus.audit.audit", endless)
    page, findings = opened, opened.locator("#models-audit")
    open_tab(page, "Models & data", wait_for=("#models-report", "misses"))
    unfold(page, "models-run-data")
    page.get_by_role("button", name="Audit the corpus now").click()
    expect(findings).to_contain_text("3 of 1,000 clips compared, about")
    page.get_by_role("button", name="Cancel").click()
    expect(findings).not_to_contain_text("clips compared")
    expect(page.locator("#models-audit-cancel")).to_be_hidden()


def test_a_card_survives_the_turn_to_dark(kept: Page) -> None:
    page = kept
    open_tab(page, "Models & data", wait_for=("#models-report", "misses"))
    show_card(page, "cae-lfcc")
    expect(page.locator("#models-card")).to_contain_text("cae-lfcc")
    page.locator("[data-scheme]").click()
    expect(page.locator("#models-chosen input")).to_have_value("cae-lfcc")
    expect(page.locator("#models-card")).to_contain_text("cae-lfcc")
