#!/usr/bin/env bash
# tinytag 2.3.2: the tags of an MP4 that are named by a table of keys come with the key's number, not its name.
#
# QuickTime's metadata has a box "keys" with the names ("mdta") and a box "ilst" whose entries are named by their number
# in it; recorders of phones write "com.apple.quicktime.software" and the like so, and ffmpeg does with
# -movflags use_metadata_tags. One might expect the names. The tags come as "\x00\x00\x00\x01" and so on, so that a
# reader that cleans names of control characters has several tags of one empty name, and keeps the last.
#
# Seen with tinytag 2.3.2 (file by imageio-ffmpeg 0.8.1) on Python 3.11:
#   {"\u0000\u0000\u0000\u0001": ["a recorder"], "\u0000\u0000\u0000\u0002": ["Lavf63.1.102"]}
# Exits with 0 where that is still so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check tinytag==2.3.2 imageio-ffmpeg==0.8.1 2>/dev/null

cat >"$folder/tags.py" <<'PYTHON'
import json
import subprocess
import sys

import imageio_ffmpeg
import tinytag

path = sys.argv[1] + "/tone.m4a"
command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", "sine=d=1"]
command += ["-metadata", "com.example.software=a recorder", "-movflags", "use_metadata_tags", path]
subprocess.run(command, check=True)
found = tinytag.TinyTag.get(path).other
print(json.dumps(found))
sys.exit("com.example.software" in found or found.get("\x00\x00\x00\x01") != ["a recorder"])
PYTHON
"$folder/venv/bin/python" "$folder/tags.py" "$folder"
