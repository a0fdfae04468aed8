"""Pictures of every tab, light and dark, after a real clip was analysed: ``python -m tests.e2e.screenshots``."""

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.update(GRADIO_ANALYTICS_ENABLED="False", HF_HUB_OFFLINE="1")

from tests.conftest import CHROMIUM_FLAGS, CHROMIUM_NAMES, REPOSITORY, _free_port

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SCREEN = {"width": 1366, "height": 768}
SETTLE_MS = 4_000
PATIENCE_MS = 180_000
#: What stands where an answer is still to come.
AT_WORK = r"/^(Reading|Counting|Resampling|Looking for|Finding|Comparing) .*[.…]$/m"


def photograph(browser: "Browser", url: str, example: str, folder: Path, scheme: str) -> None:
    """Save ``<tab>-<scheme>.png`` for every tab."""
    from dashboard.views import tab_id, views

    context = browser.new_context(viewport=SCREEN, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(url)
    analyse(page, example)
    for view in views():
        page.get_by_role("tab", name=view.TITLE, exact=True).click()
        page.wait_for_timeout(SETTLE_MS)
        page.locator(".ss-loading:visible").last.wait_for(state="hidden")
        page.wait_for_function(f"() => !({AT_WORK}).test(document.body.innerText)")
        page.mouse.move(2, 2)
        path = folder / f"{tab_id(view)}-{scheme}.png"
        page.screenshot(path=path, full_page=True)
        print(path)
    context.close()


def analyse(page: "Page", example: str) -> None:
    """Pick the example whose name starts so, and wait until it is explained; end where the page offers none."""
    offered = page.locator("#ss-examples [data-value]")
    offered.first.wait_for()
    names = [str(name) for name in offered.evaluate_all("(each) => each.map((card) => card.dataset.value)")]
    if not (found := [name for name in names if name.startswith(example)]):
        raise SystemExit(f"No example begins with {example!r}: --example takes one of {', '.join(names)}.")
    offered.nth(names.index(found[0])).click()
    page.locator(".ss-meta b").wait_for()
    page.locator(".ss-receipt b").wait_for()


def main() -> int:
    """Serve the page, photograph it, stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--out", type=Path, default=REPOSITORY / "docs")
    parser.add_argument("--example", default="Woman, film dialogue 1", help="how the example's name starts")
    parser.add_argument("--checkpoint", action="append", help="a detector's name or folder; all that ship by default")
    parser.add_argument("--crowd", action="store_true", help="sixteen made-up detectors and a made-up run instead")
    asked = parser.parse_args()
    executable = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if executable is None:
        print(f"No browser: install one of {', '.join(CHROMIUM_NAMES)}.", file=sys.stderr)
        return 1
    from playwright.sync_api import sync_playwright

    from dashboard.app import launch

    if asked.crowd:
        from core.detectors import checkpoint
        from tests.e2e.crowd import lay_out_crowd

        checkpoint.SHIPPED = lay_out_crowd(Path(tempfile.mkdtemp()))
    asked.out.mkdir(parents=True, exist_ok=True)
    url, close = launch("127.0.0.1", _free_port(), prevent_thread_lock=True, names=asked.checkpoint)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_FLAGS)
        for scheme in ("light", "dark"):
            photograph(browser, url, asked.example, asked.out, scheme)
        browser.close()
    close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
