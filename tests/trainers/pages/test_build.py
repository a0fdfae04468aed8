"""A corpus of pages: built from clones, whole pages kept, what is missing named, the same bytes each time."""

import csv
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.corpus.table import read_corpora, read_corpus
from core.errors import CorpusError
from tests.trainers.paged import write_pages
from tests.trainers.pages.conftest import git, page_clip, write_table
from trainers.cli import COMMAND_LINE
from trainers.folds import train_and_dev
from trainers.pages.build import Built, build_pages
from trainers.pages.table import PageClip

Clones = tuple[Path, list[PageClip]]
# Ends at once at the fourth clip, as a killed process does.
KILLED = """
import os, sys
from pathlib import Path
import trainers.pages.build as build
from trainers.pages.table import read_table
read, seen = build._clip, []
def killed(clip, clone):
    seen.append(clip)
    return os._exit(9) if len(seen) == 4 else read(clip, clone)
build._clip = killed
build.build_pages(read_table(Path(sys.argv[1])), Path(sys.argv[2]), Path(sys.argv[3]))
"""


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def built(clones: Clones, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Built]:
    out = tmp_path_factory.mktemp("built") / "corpus"
    return out, build_pages(clones[1], clones[0], out)


def test_the_manifest_is_read_without_problems_and_says_what_each_clip_is(built: tuple[Path, Built]) -> None:
    corpus = read_corpus(built[0] / "manifest.csv", built[0], verify=True)
    assert corpus.problems == () and built[1].missing == []
    frame = corpus.frame.set_index(corpus.frame["source"])
    real = frame.loc["pages/owner/one/r1"]
    assert real[["path", "label", "kind", "language", "page", "part", "speaker", "dataset", "system"]].tolist() == [
        "owner+one/r1.flac", "bonafide", "vivid", "de", "owner/one", "published", "ann", "VCTK", "-",
    ]  # fmt: skip
    fake = frame.loc["pages/owner/two/f2"]
    assert fake[["label", "split", "system", "speaker", "dataset", "language"]].tolist() == [
        "spoof", "dev", "y-vc", "pages/owner/two", "owner/two", "-",
    ]  # fmt: skip


def test_both_classes_are_cut_trimmed_and_levelled_alike(built: tuple[Path, Built]) -> None:
    for row in built[1].rows:
        waveform, rate = soundfile.read(built[0] / row.path, dtype="float32")
        assert rate == 16_000 and waveform.ndim == 1
        assert soundfile.info(built[0] / row.path).subtype == "PCM_16"
        assert float(row.seconds) == pytest.approx(len(waveform) / rate, abs=5e-4)
        assert abs(np.abs(waveform).max() - 0.98) < 0.001 or abs(active_level_db(waveform) + 26) < 0.1
    seconds = {row.source.rpartition("/")[2]: float(row.seconds) for row in built[1].rows}
    assert seconds["r1"] < 4.3 and seconds["f1"] <= 2.0


def active_level_db(waveform: np.ndarray) -> float:
    """Level of the frames within 30 dB of the loudest; frames of 25 ms, every 10 ms."""
    frames = np.lib.stride_tricks.sliding_window_view(waveform.astype(float), 400)[::160]
    power = (frames**2).mean(axis=1)
    return float(10 * np.log10(power[power > power.max() / 1000].mean()))


def test_a_clip_is_read_at_its_commit_and_not_at_the_newest(built: tuple[Path, Built], clones: Clones) -> None:
    newest = git("show", "HEAD:fake/ü.flac", folder=clones[0] / "owner+one/repo")
    assert newest == "replaced in a later commit"
    assert (built[0] / "owner+one/f1.flac").is_file()


def test_what_is_fake_in_part_is_in_no_split_that_a_command_takes(built: tuple[Path, Built]) -> None:
    assert {row.split for row in built[1].rows if row.page == "owner/three"} == {"partly-fake"}
    with (built[0] / "partly-fake.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["path"] for row in rows] == ["owner+three/p1.flac"] * 2
    first, second = ([float(row["start_s"]), float(row["end_s"])] for row in rows)
    # Half a second of silence before the speech was trimmed: the stretches are on the clip's own time.
    assert 0.5 < first[0] < 0.6 and first[1] - first[0] == pytest.approx(0.5)
    assert second[0] - first[0] == pytest.approx(1.25)


def test_the_same_clones_give_the_same_bytes_whatever_the_number_of_workers(
    built: tuple[Path, Built], clones: Clones, tmp_path: Path
) -> None:
    again = build_pages(clones[1], clones[0], tmp_path / "corpus", workers=2)
    assert again.rows == built[1].rows
    assert bytes_of(tmp_path / "corpus") == bytes_of(built[0])


def test_a_second_build_has_the_digest_that_a_card_names_and_nothing_fake_in_part_is_trained_on(
    built: tuple[Path, Built], clones: Clones, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = write_pages(tmp_path / "own", pages=5)
    table = write_table(tmp_path / "table.csv", clones[1])
    arguments = ["--clones", str(clones[0]), "--table", str(table), "-o", str(tmp_path / "again")]
    assert COMMAND_LINE.main(["pages", *arguments]) == 0
    digest = read_corpus(built[0] / "manifest.csv", built[0]).digest
    assert f"digest {digest[:12]}" in capsys.readouterr().out
    first, second = (
        read_corpora([(folder / "manifest.csv", folder) for folder in (other, place)])
        for place in (built[0], tmp_path / "again")
    )
    assert first.digest == second.digest and first.frame["path"].str.contains("owner.three").any()
    assert not train_and_dev(first).frame["path"].str.contains("owner.three").any()


def test_whole_pages_are_kept_and_the_others_built(built: tuple[Path, Built], clones: Clones, tmp_path: Path) -> None:
    out = tmp_path / "corpus"
    shutil.copytree(built[0], out)
    (out / "owner+one/r1.flac").unlink()
    shutil.rmtree(out / "owner+two")
    (out / "manifest.csv").unlink()
    # owner/three is whole: its clone is not needed any more.
    fewer = tmp_path / "clones"
    shutil.copytree(clones[0], fewer)
    shutil.rmtree(fewer / "owner+three")
    again = build_pages(clones[1], fewer, out)
    assert again.missing == [] and bytes_of(out) == bytes_of(built[0])


def test_a_changed_row_is_built_anew(built: tuple[Path, Built], clones: Clones, tmp_path: Path) -> None:
    shutil.copytree(built[0], tmp_path / "corpus")
    changed = [replace(clip, end_s="2.0") if clip.id == "f1" else clip for clip in clones[1]]
    again = build_pages(changed, clones[0], tmp_path / "corpus")
    assert float(next(row.seconds for row in again.rows if row.path.endswith("f1.flac"))) <= 1.0


def test_what_is_missing_is_named_and_the_rest_built(
    clones: Clones, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    real = clones[1][0]
    rows = [
        real, replace(real, id="x1", path="gone.wav"), replace(real, id="x2", path="text.wav"),
        replace(real, id="x3", path="fake"), replace(real, id="x4", start_s="60"),
        replace(real, id="x5", commit="0" * 40), page_clip("x6", real.commit, "a.wav", repo="nobody/cloned"),
    ]  # fmt: skip
    table = write_table(tmp_path / "table.csv", rows)
    asked = ["pages", "--clones", str(clones[0]), "-o", str(tmp_path / "out"), "--table", str(table), "--workers", "1"]
    assert COMMAND_LINE.main(asked) == 1
    output = capsys.readouterr()
    assert "1 of 7 clips" in output.out
    lines = sorted(line.removeprefix("missing: ") for line in output.err.splitlines() if line.startswith("missing"))
    assert [line.partition(":")[0] for line in lines] == [
        "nobody/cloned", "owner/one", "x1, owner/one", "x2, owner/one", "x3, owner/one", "x4, owner/one",
    ]  # fmt: skip
    for line, why in zip(lines, ["no clone", f"lacks the commit {'0' * 40}", "no such file", "text.wav", "no such file",
                                 "ends earlier"], strict=True):  # fmt: skip
        assert why in line
    assert [path.name for path in (tmp_path / "out" / "owner+one").glob("*.flac")] == ["r1.flac"]


def test_a_page_that_lacked_a_file_is_tried_again(clones: Clones, tmp_path: Path) -> None:
    place = tmp_path / "clones"
    rows = [clones[1][2], clones[1][3]]
    shutil.copytree(clones[0] / "owner+three", place / "owner+three")
    assert [missing.what for missing in build_pages(rows, place, tmp_path / "out").missing] == ["owner/two"]
    shutil.copytree(clones[0] / "owner+two", place / "owner+two")
    assert build_pages(rows, place, tmp_path / "out").missing == []


def test_files_that_a_clone_fetches_when_asked_are_read(clones: Clones, tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(clones[0] / "owner+one/repo", source)
    git("config", "uploadpack.allowFilter", "true", folder=source)
    git("config", "uploadpack.allowAnySHA1InWant", "true", folder=source)
    clone = str(tmp_path / "clones/owner+one")
    git("clone", "-q", "--bare", "--filter=blob:none", source.as_uri(), clone, folder=tmp_path)
    assert build_pages(clones[1][:2], tmp_path / "clones", tmp_path / "out").missing == []


def test_another_folder_is_not_written_into(clones: Clones, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(CorpusError, match=r"was not made by this command .* choose another folder"):
        build_pages(clones[1], clones[0], tmp_path)


def test_no_clip_at_all_is_an_error_and_leaves_no_manifest(clones: Clones, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"Not one clip could be built .* OWNER\+NAME"):
        build_pages(clones[1], tmp_path / "empty", tmp_path / "out")
    assert not (tmp_path / "out/manifest.csv").exists()


def test_a_kill_leaves_whole_pages_only_and_the_next_call_goes_on(
    built: tuple[Path, Built], clones: Clones, tmp_path: Path
) -> None:
    table, out = write_table(tmp_path / "table.csv", clones[1]), tmp_path / "corpus"
    done = subprocess.run([sys.executable, "-c", KILLED, str(table), str(clones[0]), str(out)], check=False)
    assert done.returncode == 9
    assert {path.name for path in out.iterdir() if not path.name.startswith(".")} == {
        "pages.json", "owner+one", "owner+two",
    }  # fmt: skip
    assert build_pages(clones[1], clones[0], out).rows == built[1].rows


def test_the_documented_loop_clones_what_the_table_names(tmp_path: Path, clones: Clones) -> None:
    document = (Path(__file__).parents[3] / "docs" / "corpora.md").read_text(encoding="utf-8")
    loop = document.partition("```bash\n")[2].partition("```")[0]
    source, place = tmp_path / "host" / "owner" / "one", tmp_path / "here"
    shutil.copytree(clones[0] / "owner+one/repo", source)
    for name in ("allowFilter", "allowAnySHA1InWant"):
        git("config", f"uploadpack.{name}", "true", folder=source)
    # The commit of the table is on no branch any more, as after a forced push.
    git("checkout", "-q", "--orphan", "other", folder=source)
    git("commit", "-q", "-m", "other", folder=source)
    for branch in git("branch", "--format=%(refname:short)", folder=source).splitlines():
        if branch != "other":
            git("branch", "-q", "-D", branch, folder=source)
    (place / "trainers/pages").mkdir(parents=True)
    write_table(place / "trainers/pages/manifest.csv", clones[1][:2])
    host = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_VALUE_0": "https://github.com/"}
    host["GIT_CONFIG_KEY_0"] = f"url.{(tmp_path / 'host').as_uri()}/.insteadOf"
    # Twice: what is there already is left alone.
    for _ in range(2):
        done = subprocess.run(["bash", "-c", loop], cwd=place, env={**os.environ, **host}, check=False)
        assert done.returncode == 0
    with pytest.MonkeyPatch.context() as patch:
        for name, value in host.items():
            patch.setenv(name, value)
        built = build_pages(clones[1][:2], place / "clones", tmp_path / "out")
    assert built.missing == [] and len(built.rows) == 2
