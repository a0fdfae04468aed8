import csv
import io
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pandas as pd
import pyarrow
import pytest

from core.analysis.calibration import p_spoof
from core.cli import main
from core.results.exporting import atlas_table, clips_table, csv_bytes, parquet_bytes, plain_table, table_bytes
from core.results.maps import instant
from core.results.queries import names
from core.results.selected import selected
from core.results.selection import Is, Selection
from core.results.store import Run
from tests.dashboard.synthetic_run import synthetic_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return synthetic_run(tmp_path_factory.mktemp("run") / "made-up")


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_the_selected_clips_open_in_pandas_with_their_scores(run: Run, ending: str) -> None:
    part = selected(run, (Selection() & Is("label", ("spoof",))).text)
    data = io.BytesIO(table_bytes(clips_table(part), ending))
    frame = pd.read_csv(data) if ending == "csv" else pd.read_parquet(data)
    assert frame["position"].tolist() == part.positions.tolist()
    assert frame["path"].tolist() == part.clips["path"].tolist()
    assert frame["system"].tolist() == part.clips["system"].tolist()
    for name in names(run):
        assert np.allclose(frame[f"llr_{name}"], part.llr(name), rtol=1e-5)
        assert np.allclose(frame[f"p_spoof_{name}"], p_spoof(part.llr(name)), atol=1e-6)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "-cmd", "@a", "\ta", "\ra", "\x00a", "=\n", "-\n1"])
@pytest.mark.parametrize("coded", [False, True])
def test_a_text_that_a_spreadsheet_would_run_is_marked_in_csv_and_left_alone_in_parquet(text: str, coded: bool) -> None:
    texts = pyarrow.array([text, "plain", None, "a=1"])
    table = pyarrow.table({text: texts.dictionary_encode() if coded else texts, "n": [1, 2, 3, 4]})
    head, *rows = csv.reader(io.StringIO(csv_bytes(table).decode(), newline=""))
    assert head == [f"'{text}", "n"]
    assert [row[0] for row in rows] == [f"'{text}", "plain", "", "a=1"]
    assert pd.read_parquet(io.BytesIO(parquet_bytes(table))).iloc[0, 0] == text


def test_a_dash_alone_and_numbers_below_zero_stay_as_they_are() -> None:
    frame = pd.read_csv(io.BytesIO(csv_bytes(pyarrow.table({"system": ["-", "x"], "llr": [-1.5, 2.0]}))))
    assert frame["system"].tolist() == ["-", "x"]
    assert frame["llr"].tolist() == [-1.5, 2.0]


def test_a_table_of_the_page_keeps_numbers_as_numbers() -> None:
    table = plain_table(["name", "n", "", "n"], [["a", "3", "x", "1.5"], ["b", "–", "y", "-2"]])
    frame = table.to_pandas()
    assert table.column_names == ["name", "n", "column 3", "n 4"]
    assert frame["n 4"].tolist() == [1.5, -2.0]
    assert frame["n"][0] == 3
    assert np.isnan(frame["n"][1])
    assert frame["name"].tolist() == ["a", "b"]


@pytest.mark.parametrize(("texts", "kept"), [
    (["0001", "0002"], True), (["7", "007"], True), (["12345678901234567890"], True), (["12e4"], True), (["nan"], True),
    (["0", "-1", "+2", "–"], False), (["0.50", "-0.25", "+5.0"], False), (["1e-05", "0.2"], False),
])  # fmt: skip
def test_a_column_of_the_page_stays_text_where_numbers_would_not_give_it_back(texts: list[str], kept: bool) -> None:
    found = plain_table(["id"], [[text] for text in texts]).column("id").to_pylist()
    assert found == (texts if kept else [None if text == "–" else float(text) for text in texts])


def test_one_file_holds_sound_embeddings_a_map_and_scores(run: Run, tmp_path: Path) -> None:
    part = selected(run, (Selection() & Is("label", ("bonafide",))).text)
    first = str(part.column("path").iloc[0])
    (tmp_path / "clip.flac").write_bytes(b"fLaC")

    def locate(path: str) -> Path | None:
        return tmp_path / "clip.flac" if path == first else None

    for audio, kept in (("bytes", b"fLaC"), ("path", str(tmp_path / "clip.flac"))):
        data = parquet_bytes(atlas_table(part, "aasist", audio=audio, locate=locate))
        frame = pd.read_parquet(io.BytesIO(data))
        assert frame["audio"].iloc[0] == kept
        assert frame["audio"].iloc[1:].isna().all()
    assert np.allclose(np.stack(frame["embedding"].to_list()), part.embeddings("aasist"))
    assert np.allclose(frame[["x", "y"]], instant(run, "aasist").plane[part.positions])
    assert set(frame["detector"]) == {"aasist"}
    assert not any(isinstance(kind, pd.CategoricalDtype) for kind in frame.dtypes)
    assert "audio" not in atlas_table(part).column_names


def test_the_command_exports_a_selection_and_names_what_lacks(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPOOFSCOPE_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("SPOOFSCOPE_CORPUS", raising=False)
    text = (Selection() & Is("label", ("spoof",))).text
    for name, columns in (("clips.parquet", True), ("clips.csv", False)):
        out = tmp_path / name
        assert main(["export-clips", str(run.folder), "-o", str(out), "--select", quote(text)]) == 0
        frame = pd.read_parquet(out) if columns else pd.read_csv(out)
        assert set(frame["label"]) == {"spoof"}
        assert ("embedding" in frame) == columns
    assert "recordings are not on this machine" in capsys.readouterr().err
    assert main(["export-clips", str(run.folder), "-o", str(tmp_path / "clips.xlsx")]) == 1
    assert "ends in none of .csv, .parquet" in capsys.readouterr().err
