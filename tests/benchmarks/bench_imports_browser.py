"""From the drop of predictions to the last figure, in a browser: ``python -m tests.benchmarks.bench_imports_browser``.

The page must be served (``make run``). Prints seconds on the clock until the files are uploaded, the answer is shown,
and every figure is drawn.
"""

import argparse
import shutil
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.conftest import CHROMIUM_FLAGS, CHROMIUM_NAMES

__all__ = ["main", "marks"]

_PATIENCE_MS = 600_000
_WATCH = """() => {
  const began = performance.now(), marks = window.marks = {};
  const mark = (name) => { if (!(name in marks)) marks[name] = (performance.now() - began) / 1000; };
  const drawn = (id) => document.querySelector(`#imports-${id} .main-svg .cartesianlayer`);
  const look = () => {
    if (document.querySelector('#imports-files .ss-bring-note')?.textContent.startsWith('Reading')) mark('uploaded');
    if (document.querySelector('#imports-lead')?.textContent.includes('contradict each other')) mark('answered');
    if (['matrix', 'tree', 'overlaps'].every(drawn)) mark('drawn');
    requestAnimationFrame(look);
  };
  look();
}"""


def marks(page: Page, url: str, files: list[Path]) -> dict[str, float]:
    """Return seconds after the drop of what is shown, in a page that has settled."""
    page.goto(url)
    page.get_by_role("tab", name="Disagreements").first.click()
    page.wait_for_selector("#disagreements-lead :text('contradict each other')")
    page.get_by_role("button", name="Anyone’s predictions").click()
    page.wait_for_selector("#imports-files input[type=file]", state="attached")
    page.wait_for_timeout(2000)
    page.evaluate(_WATCH)
    page.locator("#imports-files input[type=file]").set_input_files(files)
    page.wait_for_function("() => 'answered' in window.marks && 'drawn' in window.marks")
    found: dict[str, float] = page.evaluate("window.marks")
    return found


def main() -> None:
    """Measure some turns, each in a page of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="+", help="files of scores, and a protocol")
    parser.add_argument("--url", default="http://127.0.0.1:7860")
    parser.add_argument("--turns", type=int, default=3)
    asked = parser.parse_args()
    executable = next(filter(None, map(shutil.which, CHROMIUM_NAMES)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_FLAGS)
        for _ in range(asked.turns):
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(_PATIENCE_MS)
            found = marks(page, asked.url, asked.files)
            print(", ".join(f"{name} {seconds:.1f} s" for name, seconds in sorted(found.items(), key=lambda it: it[1])))
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
