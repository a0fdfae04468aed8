#!/usr/bin/env bash
# Gradio 6.31.0: an event handler that is a generator and ends without yielding anything empties its outputs.
#
# A handler that returns gr.skip() leaves its outputs as they are, and one might expect the same of a generator that
# finds nothing to say. It answers with null for each output instead: a text box that showed "kept" is emptied. So a
# handler that stops early (because its visitor has gone on to another file, say) must yield gr.skip() once.
#
# Seen with gradio 6.31.0 and gradio-client 2.7.2 on Python 3.11:
#   silent: data [null]
#   skip:   data [{"__type__": "update"}]
# Exits with 0 where that is still so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check gradio==6.31.0 gradio-client==2.7.2 2>/dev/null

cat >"$folder/page.py" <<'PYTHON'
import json
import os
import sys
import urllib.request

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
import gradio as gr

with gr.Blocks() as page:
    text, number, button = gr.Textbox(value="kept"), gr.Number(value=1), gr.Button()

    def silent(value):
        if value > 5:
            yield "new"

    def skip(value):
        yield gr.skip()

    for handler in (silent, skip):
        button.click(handler, [number], [text])
page.queue().launch(prevent_thread_lock=True, quiet=True)


def answered(index):
    """Return what a browser is sent in the end."""
    session = f"session{index}"
    asked = json.dumps({"data": [1], "fn_index": index, "session_hash": session}).encode()
    request = urllib.request.Request(
        f"{page.local_url}gradio_api/queue/join", data=asked, headers={"Content-Type": "application/json"}
    )
    urllib.request.urlopen(request).read()
    for line in urllib.request.urlopen(f"{page.local_url}gradio_api/queue/data?session_hash={session}", timeout=30):
        message = json.loads(line.decode().removeprefix("data: ")) if line.strip() else {}
        if message.get("msg") == "process_completed":
            return message["output"]["data"]


found = {"silent": answered(0), "skip": answered(1)}
page.close()
for name, data in found.items():
    print(f"{name}: data {json.dumps(data)}")
sys.exit(found != {"silent": [None], "skip": [{"__type__": "update"}]})
PYTHON
"$folder/venv/bin/python" "$folder/page.py"
