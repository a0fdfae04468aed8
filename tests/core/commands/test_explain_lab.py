"""The command line: real recordings of the corpus, a shipped detector, JSON, a document, and what ships."""

import json

import pandas as pd
import pytest

from core.cli import main
from core.explain import earned


@pytest.fixture
def asked(corpus_root, tmp_path):
    """The command with a corpus of one real recording and its copies."""
    rows = pd.read_csv(corpus_root / "manifest.csv", dtype=str)
    rows = rows[(rows["part"] == "made") & (rows["split"] == "dev")]
    copied = rows[rows["system"] == "griffinlim"]["source"].iloc[:3]
    manifest = tmp_path / "manifest.csv"
    rows[rows["source"].isin(copied) & rows["system"].isin(["-", "griffinlim"])].to_csv(manifest, index=False)
    checkpoint = ["--checkpoint", "patchcnn-spec", "--method", "grad-cam"]
    return ["explain-lab", "--manifest", str(manifest), "--root", str(corpus_root), "--clips", "2", *checkpoint]


def test_it_prints_rows_and_keeps_what_the_page_repeats(asked, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(earned, "MAPS", tmp_path / "maps.json")
    document = tmp_path / "maps.md"
    tables = ("explain-lab", "explain-lab-control", "explain-lab-joins")
    places = [f"<!-- {what}:{end} -->" for what in tables for end in ("start", "end")]
    document.write_text("\n".join(places))
    assert main([*asked, "--kind", "second", "--json", "--ship", "--write", str(document)]) == 0
    rows = json.loads(capsys.readouterr().out)["planted"]
    assert {(row["method"], row["kind"]) for row in rows} == {
        (method, "second") for method in ("grad-cam", "ideal mask", "energy map", "random map")
    }  # fmt: skip
    assert all(row["clips"] == 2 for row in rows)
    assert "| `patchcnn-spec` | grad-cam | second | seen in training | 2 |" in document.read_text()
    records = earned.read_maps(tmp_path / "maps.json").detectors
    assert records["patchcnn-spec"].methods["grad-cam"]["second"].clips == 2
    assert (records["localiser"].default, records["localiser"].reason) == (None, "the lab has not tested its maps.")


def test_a_document_without_places_is_refused_before_anything_is_measured(asked, tmp_path, capsys):
    (tmp_path / "maps.md").write_text("nothing")
    assert main([*asked, "--write", str(tmp_path / "maps.md")]) == 1
    assert "needs the line <!-- explain-lab:start -->" in capsys.readouterr().err


def test_an_unknown_kind_or_method_is_refused(asked, capsys):
    assert main([*asked, "--kind", "tea-leaves"]) == 1
    assert "there are: band, click" in capsys.readouterr().err
    assert main([*asked, "--method", "tea-leaves"]) == 1
    assert "tea-leaves" in capsys.readouterr().err


def test_nothing_ships_without_the_evidence_that_decides(asked, capsys):
    assert main([*asked, "--kind", "tones", "--ship"]) == 2
    assert "--ship needs --kind second" in capsys.readouterr().err
