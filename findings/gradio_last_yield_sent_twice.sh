#!/usr/bin/env bash
# Gradio 6.31.0: what a generator yields last is sent to the page a second time when the generator ends.
#
# A handler that is a generator answers with each value as it is yielded. Its end is answered once more, with the last
# value again, however much later it comes and whatever other handlers have put into the same output meanwhile. A
# handler that yields a result and then finishes something slow (closes files, waits for threads) so undoes what the
# visitor did in between: a text that was emptied comes back. Here the generator yields "result" and goes on for a
# while; another handler clears the text meanwhile, and the last thing that the page is sent is "result".
# Ending with yield gr.skip() mends that.
#
# Seen with gradio 6.31.0 on Python 3.11 (what one output is sent, in order):
#   plain:   generator: "result", clear: "", generator: "result"
#   skip:    generator: "result", clear: "", generator: unchanged, generator: unchanged
# Exits with 0 where that is still so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check gradio==6.31.0 2>/dev/null

cat >"$folder/page.py" <<'PYTHON'
import json
import os
import sys
import threading
import time
import urllib.request

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
import gradio as gr

with gr.Blocks() as page:
    text, button = gr.Textbox(), gr.Button()

    def plain():
        yield "result"
        time.sleep(1.5)

    def skip():
        yield "result"
        time.sleep(1.5)
        yield gr.skip()

    def clear():
        return ""

    for handler in (plain, skip, clear):
        button.click(handler, None, [text], concurrency_limit=None)
page.queue().launch(prevent_thread_lock=True, quiet=True)


def value(output):
    """Return what the text is sent; what differs from a value sent before comes as edits that replace it."""
    (sent,) = output["data"]
    if isinstance(sent, list):
        sent = sent[0][2]
    return "unchanged" if sent == {"__type__": "update"} else json.dumps(sent)


def follow(index, name, session, seen):
    asked = json.dumps({"data": [], "fn_index": index, "session_hash": session}).encode()
    request = urllib.request.Request(
        f"{page.local_url}gradio_api/queue/join", data=asked, headers={"Content-Type": "application/json"}
    )
    urllib.request.urlopen(request).read()
    for line in urllib.request.urlopen(f"{page.local_url}gradio_api/queue/data?session_hash={session}", timeout=30):
        message = json.loads(line.decode().removeprefix("data: ")) if line.strip() else {}
        if message.get("msg") in ("process_generating", "process_completed"):
            seen.append(f"{name}: {value(message['output'])}")
        if message.get("msg") == "process_completed":
            return


def sent(index):
    """Return all that the page is sent while the generator runs and another handler clears its output."""
    seen = []
    generator = threading.Thread(target=follow, args=(index, "generator", f"long{index}", seen))
    generator.start()
    time.sleep(0.7)
    follow(2, "clear", f"short{index}", seen)
    generator.join()
    return ", ".join(seen)


found = {"plain": sent(0), "skip": sent(1)}
page.close()
for name, line in found.items():
    print(f"{name}: {line}")
sys.exit(
    found
    != {
        "plain": 'generator: "result", clear: "", generator: "result"',
        "skip": 'generator: "result", clear: "", generator: unchanged, generator: unchanged',
    }
)
PYTHON
"$folder/venv/bin/python" "$folder/page.py"
