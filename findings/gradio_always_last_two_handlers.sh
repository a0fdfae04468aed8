#!/usr/bin/env bash
# Gradio 6.31.0: two handlers of one event with trigger_mode="always_last" call each other without end.
#
# "always_last" promises one more call, for the last of the events that came while a call was open. The page keeps that
# by sending off the event itself again once the call has ended, and so calls every handler that listens to it, not only
# the one that had to wait. Where two listen that take about as long as each other, each so finds a call of its own open
# that must be made good, and an event sent twice within the time of one call is answered by both for as long as the
# page is open (where one takes much longer than the other it ends, after more calls than were asked for). One handler
# alone is called twice, as promised. To give each handler an event of its own (a hidden text that the first event
# changes) mends that.
#
# Seen with gradio 6.31.0, playwright 1.65.2 and Debian's Chromium, a button pressed twice at once, calls of 0.5 s:
#   one handler: 2 calls in 8 s, 0 in the last 3 s
#   two handlers: some 28 calls in 8 s, some 11 in the last 3 s
# Needs Chromium (Debian: apt-get install chromium). Exits with 0 where that is still so.
set -euo pipefail
chromium=$(command -v chromium || command -v google-chrome) || { echo "no Chromium" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check gradio==6.31.0 playwright==1.65.2 2>/dev/null

cat >"$folder/page.py" <<'PYTHON'
import os
import sys
import time

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
import gradio as gr
from playwright.sync_api import sync_playwright

calls = {"one handler": [], "two handlers": []}


def slow(name):
    def called():
        calls[name].append(time.monotonic())
        time.sleep(0.5)
        return f"{len(calls[name])}"

    return called


with gr.Blocks() as page:
    for number, name in enumerate(calls):
        button = gr.Button(name)
        for _ in range(number + 1):
            button.click(slow(name), None, gr.Textbox(), trigger_mode="always_last", concurrency_limit=None)
page.queue().launch(prevent_thread_lock=True, quiet=True)

late = {}
with sync_playwright() as play:
    browser = play.chromium.launch(executable_path=sys.argv[1], args=["--no-sandbox"])
    for name in calls:
        tab = browser.new_page()
        tab.goto(page.local_url)
        button = tab.get_by_role("button", name=name)
        button.wait_for()
        time.sleep(2)
        pressed = time.monotonic()
        button.dblclick()
        time.sleep(8)
        late[name] = sum(at > pressed + 5 for at in calls[name])
        tab.close()
    browser.close()
page.close()
for name, at in calls.items():
    print(f"{name}: {len(at)} calls in 8 s, {late[name]} in the last 3 s")
one, two = (len(at) for at in calls.values())
sys.exit(not (one == 2 and late["one handler"] == 0 and two > 12 and late["two handlers"] > 0))
PYTHON
"$folder/venv/bin/python" "$folder/page.py" "$chromium"
