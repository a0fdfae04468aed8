"""The trainers' command line: where it keeps what can be made again, and how it ends."""

import pytest

from trainers.cli import main
from trainers.work import work_folder


def test_work_is_kept_in_the_named_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SPOOFSCOPE_CACHE", str(tmp_path / "cache"))
    assert work_folder(None) == tmp_path / "cache" / "training"
    assert work_folder(tmp_path / "own") == tmp_path / "own"


@pytest.mark.parametrize(
    ("changes", "stated"),
    [
        (["--set", "hyperparameters.hed=linear"], "Error: 'tinycnn-mfcc' has no hyper-parameter hed; there are: "),
        (["--set", "augmentation.codek=1"], "Error: The recipe tinycnn-mfcc.toml cannot be used: there is no key "),
        (["--set", "loss=oc-softmax"], "Error: The loss 'oc-softmax' needs one cosine"),
        ([], "Error: There is no manifest "),
    ],
)
def test_a_training_that_cannot_start_ends_in_one_line(tmp_path, monkeypatch, capsys, changes, stated):
    monkeypatch.setenv("SPOOFSCOPE_CACHE", str(tmp_path / "cache"))
    place = ["--manifest", str(tmp_path / "none.csv"), "--root", str(tmp_path), "-o", str(tmp_path / "out")]
    assert main(["fit", "tinycnn-mfcc", *place, *changes]) == 1
    output = capsys.readouterr()
    assert output.err.startswith(stated) and output.err.count("\n") == 1 and not output.out
    assert list(tmp_path.iterdir()) == []


def test_every_recipe_is_listed_with_its_summary(capsys):
    assert main(["recipes"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == sorted(lines) and any(line.split()[0] == "cnn2d-statspool.light" for line in lines)
