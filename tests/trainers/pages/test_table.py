"""The table of clips on pages: what the project's own holds, and what is refused of another."""

from pathlib import Path

import pytest

from core.errors import CorpusError
from tests.trainers.pages.conftest import page_clip, write_table
from trainers.pages.table import PageClip, read_table

COMMIT = "a" * 40


@pytest.fixture(scope="module")
def clips() -> list[PageClip]:
    return read_table()


def test_the_table_holds_what_is_documented(clips: list[PageClip]) -> None:
    assert len(clips) == 4607
    assert sum(clip.label == "bonafide" for clip in clips) == 1480
    assert len({clip.repo for clip in clips}) == 147
    assert len({clip.system for clip in clips if clip.label == "spoof"}) == 435


def test_a_page_is_in_one_split_and_at_one_commit(clips: list[PageClip]) -> None:
    assert len({(clip.repo, clip.split, clip.commit) for clip in clips}) == 147
    assert {clip.split for clip in clips} == {"train", "dev"}


def test_labels_and_kinds_are_those_of_a_manifest(clips: list[PageClip]) -> None:
    assert {(clip.label, clip.kind) for clip in clips} == {
        *(("bonafide", kind) for kind in ("calm-read", "vivid", "spontaneous")),
        *(("spoof", kind) for kind in ("tts", "vocoder", "vc", "codec")),
    }
    assert all((clip.system in {"", "-"}) == (clip.label == "bonafide") for clip in clips)


def test_every_clip_that_is_fake_in_part_has_its_stretches(clips: list[PageClip]) -> None:
    partly = [clip for clip in clips if clip.synthetic]
    assert len(partly) == sum("partially" in clip.note for clip in clips) == 24
    assert all(clip.label == "spoof" and start < end for clip in partly for start, end in clip.synthetic)
    found = next(clip for clip in clips if clip.id == "ps3738")
    assert found.synthetic == ((2.18, 2.77), (2.92, 3.21))


def test_times_of_a_cut_may_be_open() -> None:
    assert page_clip("a", COMMIT, "a.wav").cut == (0.0, None)
    assert page_clip("a", COMMIT, "a.wav", start_s="1.5", end_s="2").cut == (1.5, 2.0)


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"repo": "../up"}, "write owner/name"), ({"repo": "owner/a/b"}, "write owner/name"),
        ({"id": "../x"}, "no file name"), ({"commit": "main"}, "a commit in full"),
        ({"path": "a\nb"}, "a path on one line"),
    ],
)  # fmt: skip
def test_a_row_that_leads_elsewhere_is_refused(tmp_path: Path, more: dict[str, str], complaint: str) -> None:
    clip = PageClip(**{**vars(page_clip("a", COMMIT, "a.wav")), **more})
    with pytest.raises(CorpusError, match=complaint):
        read_table(write_table(tmp_path / "t.csv", [clip]))


def test_a_table_without_rows_columns_or_with_one_id_twice_is_refused(tmp_path: Path) -> None:
    clip = page_clip("a", COMMIT, "a.wav")
    with pytest.raises(CorpusError, match="has the id a more than once"):
        read_table(write_table(tmp_path / "t.csv", [clip, clip]))
    with pytest.raises(CorpusError, match="has no rows"):
        read_table(write_table(tmp_path / "t.csv", []))
    (tmp_path / "t.csv").write_text("id,repo\n")
    with pytest.raises(CorpusError, match="has no column commit, dataset"):
        read_table(tmp_path / "t.csv")
    with pytest.raises(CorpusError, match="cannot be read"):
        read_table(tmp_path / "none.csv")
