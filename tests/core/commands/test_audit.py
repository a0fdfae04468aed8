"""``audit``: leakage is found, counted and mended."""

import json

import pandas as pd
import pytest

from core.cli import main


@pytest.fixture
def leaking(small_corpus, tmp_path):
    table = pd.read_csv(small_corpus / "manifest.csv")
    table.loc[:5, "split"] = "train"
    table.loc[7, "source"] = table.loc[2, "source"]
    table.to_csv(tmp_path / "leaking.csv", index=False)
    return tmp_path / "leaking.csv"


def test_audit_finds_leakage_and_fix_ends_it(leaking, small_corpus, tmp_path, capsys):
    fixed = tmp_path / "fixed.csv"
    # By bytes and names: by their sound all clips of the small corpus are of one recording.
    asked = ["audit", "--root", str(small_corpus), "--quick", "--manifest"]
    assert main([*asked, str(leaking), "--fix", str(fixed)]) == 1
    out = capsys.readouterr().out
    assert "leak: same-source recording-2 in train, eval: clip-02.flac, clip-07.flac" in out
    assert "Something leaks" in out
    corrected = pd.read_csv(fixed)
    assert set(pd.read_csv(leaking)["path"]) - set(corrected["path"]) == {"clip-07.flac"}
    assert main([*asked, str(fixed)]) == 0
    assert "Nothing leaks" in capsys.readouterr().out


def test_audit_of_rows_that_are_all_bad_is_no_clean_bill(small_corpus, tmp_path, capsys):
    table = pd.read_csv(small_corpus / "manifest.csv")
    table.assign(path="gone-" + table["path"]).to_csv(tmp_path / "bad.csv", index=False)
    asked = ["audit", "--manifest", str(tmp_path / "bad.csv"), "--root", str(small_corpus)]
    assert main(asked) == 1
    out = capsys.readouterr().out
    assert "No row could be compared, 12 could not be: row 1, there is no such file." in out
    assert "Nothing leaks" not in out
    assert main([*asked, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["compared"], len(told["left_out"])) == (0, 12)


def test_audit_says_that_one_split_has_nothing_to_leak_into(small_corpus, capsys):
    asked = ["audit", "--manifest", str(small_corpus / "manifest.csv"), "--root", str(small_corpus)]
    assert main(asked) == 0
    assert "All of them are in the split eval: there is no other split that could leak." in capsys.readouterr().out


def test_audit_writes_parquet_when_asked(leaking, small_corpus, tmp_path):
    fixed = tmp_path / "fixed.parquet"
    assert main(["audit", "--quick", "--manifest", str(leaking), "--root", str(small_corpus), "--fix", str(fixed)]) == 1
    assert len(pd.read_parquet(fixed)) == 11
    assert main(["audit", "--quick", "--manifest", str(fixed), "--root", str(small_corpus)]) == 0
