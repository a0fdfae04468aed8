"""The same predictions in every format."""

import collections
import io
import json
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

IDS = ["LA_E_0001", "LA_E_0002", "LA_E_0003", "LA_E_0004"]
SCORES = [1.5, -2.25, 0.125, -7.0]
KEYS = ["bonafide", "spoof", "bonafide", "spoof"]
ATTACKS = ["-", "A07", "-", "A19"]


def lines(*columns: list, header: str = "", sign: str = " ", point: str = ".") -> bytes:
    """Rows of cells parted by a sign."""
    rows = [sign.join(str(cell).replace(".", point) for cell in row) for row in zip(*columns, strict=True)]
    return ("\n".join([*([header] if header else []), *rows]) + "\n").encode()


def _parquet() -> bytes:
    buffer = io.BytesIO()
    pd.DataFrame({"path": IDS, "score": SCORES, "label": pd.Categorical(KEYS)}).to_parquet(buffer)
    return buffer.getvalue()


def _nested() -> bytes:
    rows = [{"audio": {"path": name}, "scores": [-score, score]} for name, score in zip(IDS, SCORES, strict=True)]
    return json.dumps({"results": rows}).encode()


def _npz() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, ids=np.array(IDS), scores=np.array(SCORES), threshold=np.array([0.0]))
    return buffer.getvalue()


def _npz_of_pandas() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, ids=np.array(IDS, dtype=object), scores=np.array(SCORES))
    return buffer.getvalue()


TABLE = [dict(zip(("id", "score", "label"), row, strict=True)) for row in zip(IDS, SCORES, KEYS, strict=True)]
NAMED = dict(zip(IDS, SCORES, strict=True))
#: By format: what the file is called, its bytes, and whether it holds labels.
FORMATS: dict[str, tuple[str, bytes, bool]] = {
    "2019": ("a.txt", lines(IDS, ATTACKS, KEYS, SCORES), True),
    "2021": ("a.txt", lines(IDS, SCORES), False),
    "5": ("a.tsv", lines(IDS, SCORES, header="filename\tcm-score", sign="\t"), False),
    "5, blanks": ("a.txt", lines(IDS, SCORES, header="filename cm-score"), False),
    "csv": ("a.csv", lines(IDS, KEYS, SCORES, header="utt,label,llr", sign=","), True),
    "csv without header": ("a.csv", lines(IDS, KEYS, SCORES, sign=","), True),
    "csv, byte order mark": ("a.csv", b"\xef\xbb\xbf" + lines(IDS, SCORES, header="id,score", sign=","), False),
    "csv, UTF-16": ("a.csv", lines(IDS, SCORES, header="id,score", sign=",").decode().encode("utf-16"), False),
    "tsv": ("a.tsv", lines(KEYS, IDS, SCORES, header="key\tpath\tprediction", sign="\t"), True),
    "semicolons": ("a.csv", lines(IDS, SCORES, header="file;score", sign=";", point=","), False),
    "json": ("a.json", json.dumps(NAMED).encode(), False),
    "json, rows": ("a.json", json.dumps(TABLE, indent=1).encode(), True),
    "json, lists": ("a.json", json.dumps({"ids": IDS, "scores": SCORES}).encode(), False),
    "json lines": ("a.jsonl", "\n".join(map(json.dumps, TABLE)).encode(), True),
    "blanks, comments before": ("a.txt", b"# my detector\n\n#\n# higher is better\n" + lines(IDS, SCORES), False),
    "csv, comments before": (
        "a.csv", b"\xef\xbb\xbf# mine, v2\n\n" + lines(IDS, SCORES, header="id,score", sign=","), False,
    ),
    "json, nested": ("a.json", _nested(), False),
    "parquet": ("a.parquet", _parquet(), True),
    "npz": ("a.npz", _npz(), False),
    "npz, ids as objects": ("a.npz", _npz_of_pandas(), False),
    "json, rows under a name": ("a.json", json.dumps({"results": TABLE}).encode(), True),
    "pickle, default dictionary": ("a.pkl", pickle.dumps(collections.defaultdict(float, NAMED)), False),
    "pickle": ("a.pkl", pickle.dumps(NAMED), False),
    "pickle, protocol 0": ("a.pkl", pickle.dumps(NAMED, protocol=0), False),
    "pickle, dictionaries": ("a.pkl", pickle.dumps({row["id"]: row for row in TABLE}), True),
    "pickle, arrays": ("a.pkl", pickle.dumps({n: np.float32(s) for n, s in NAMED.items()}), False),
}  # fmt: skip


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, bytes], Path]:
    """Return a function that writes a file."""

    def to(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        return path

    return to
