"""Every format is read alike; what is damaged, foreign or hostile is refused with what to do."""

import io
import json
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import PredictionsError
from core.predictions.predictions import read_predictions, text_of
from core.predictions.reader import READERS, _head
from tests.core.predictions.conftest import ATTACKS, FORMATS, IDS, KEYS, SCORES, lines

Write = Callable[[str, bytes], Path]


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_predictions(name: str, write: Write) -> None:
    file, content, labelled = FORMATS[name]
    found = read_predictions(write(file, content))
    assert found.ids.to_pylist() == IDS
    assert found.scores.tolist() == SCORES
    assert (found.labels is not None) == labelled
    if found.labels is not None:
        assert found.labels.tolist() == [1, 0, 1, 0]
    if name == "2019":
        assert found.attacks is not None
        assert found.attacks.to_pylist() == ATTACKS


@pytest.mark.parametrize("name", FORMATS)
def test_each_file_is_claimed_by_one_reader(name: str, write: Write) -> None:
    file, content, _ = FORMATS[name]
    head = _head(write(file, content))
    assert sum(READERS.get(reader)().claims(head) for reader in READERS.names()) == 1


CUT = {
    "2019": "line 4 is not of the form", "csv": "damaged or cut", "json": "no complete JSON", "json lines": "line 4",
    "parquet": "damaged Parquet", "npz": "is damaged", "pickle": "damaged or cut", "tsv": "damaged or cut",
}  # fmt: skip


@pytest.mark.parametrize("name", CUT)
def test_a_file_that_was_cut_is_refused_with_what_to_do(name: str, write: Write) -> None:
    file, content, _ = FORMATS[name]
    path = write(file, content[: -len(content) // 8 if name in ("parquet", "npz") else -15])
    with pytest.raises(PredictionsError, match=CUT[name]) as refused:
        read_predictions(path)
    assert str(path) in str(refused.value)
    assert any(word in str(refused.value) for word in ("anew", "savez"))


@pytest.mark.parametrize("name", FORMATS)
def test_no_cut_and_no_flipped_byte_ends_in_anything_but_a_sentence(name: str, write: Write) -> None:
    file, content, _ = FORMATS[name]
    rng = np.random.default_rng(0)
    places = rng.integers(0, len(content), 25)
    damaged = [content[:place] for place in places]
    damaged += [content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :] for place in places]
    for data in damaged:
        try:
            read_predictions(write(file, data))
        except PredictionsError as refusal:
            assert str(refusal).rstrip().endswith((".", ")"))


def test_a_line_that_does_not_end_is_reported(write: Write) -> None:
    assert "no end" in read_predictions(write("a.txt", lines(IDS, SCORES)[:-2])).notes[0]
    assert read_predictions(write("a.txt", lines(IDS, SCORES))).notes == ()


@pytest.mark.parametrize("columns", [(SCORES,), (ATTACKS, KEYS, SCORES)])
def test_ids_may_hold_blanks(columns: tuple[list, ...], write: Write) -> None:
    ids = ["my clip 1.wav", "a/the other.wav", "third", "a b c d.wav"]
    found = read_predictions(write("a.txt", lines(ids, *columns)))
    assert found.ids.to_pylist() == ids
    assert found.scores.tolist() == SCORES


def test_every_id_may_hold_as_many_blanks(write: Write) -> None:
    found = read_predictions(write("a.txt", lines([f"clip {n}" for n in range(4)], SCORES)))
    assert found.ids.to_pylist() == ["clip 0", "clip 1", "clip 2", "clip 3"]
    ids = [f"{name} take 1.wav" for name in IDS]
    assert read_predictions(write("a.txt", lines(ids, SCORES))).ids.to_pylist() == ids


def test_rows_without_an_id_are_counted_and_are_no_clip(write: Write) -> None:
    content = lines([*IDS[:2], "", " "], SCORES, KEYS, header="id,score,label", sign=",")
    found = read_predictions(write("a.csv", content))
    assert found.ids.to_pylist() == IDS[:2]
    assert found.scores.tolist() == SCORES[:2]
    assert found.labels is not None
    assert found.labels.tolist() == [1, 0]
    assert "2 rows have no id and are left out" in found.notes


def test_ids_of_digits_keep_their_zeros(write: Write) -> None:
    found = read_predictions(write("a.csv", lines(["001", "002", "010"], SCORES[:3], header="id,score", sign=",")))
    assert found.ids.to_pylist() == ["001", "002", "010"]


LARGE = [2**53 + 1, 2**53 + 2, 2**60 + 1, 2**63 - 1]
WITH_LARGE_IDS: dict[str, Callable[[], bytes]] = {
    "a.parquet": lambda: parquet(pa.array(LARGE)),
    "b.parquet": lambda: parquet(pa.array(LARGE, pa.uint64()).dictionary_encode()),
    "a.npz": lambda: npz(ids=np.array(LARGE), scores=np.array(SCORES)),
    "a.json": lambda: json.dumps({"ids": LARGE, "scores": SCORES}).encode(),
    "a.jsonl": lambda: "\n".join(f'{{"id": {n}, "score": {s}}}' for n, s in zip(LARGE, SCORES, strict=True)).encode(),
    "a.pkl": lambda: pickle.dumps({"ids": LARGE, "scores": SCORES}),
}


def parquet(ids: pa.Array) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"id": ids, "score": SCORES}), buffer)
    return buffer.getvalue()


def npz(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


@pytest.mark.parametrize("file", WITH_LARGE_IDS)
def test_ids_that_are_large_whole_numbers_keep_every_digit(file: str, write: Write) -> None:
    found = read_predictions(write(file, WITH_LARGE_IDS[file]()))
    assert found.ids.to_pylist() == [str(number) for number in LARGE]
    assert found.scores.tolist() == SCORES


def test_numbers_of_any_size_are_scores(write: Write) -> None:
    found = read_predictions(write("a.pkl", pickle.dumps(dict(zip(IDS, [2**53 + 1, -3, 0.5, 2**60], strict=True)))))
    assert found.scores.tolist() == [2.0**53, -3, 0.5, 2.0**60]
    assert text_of(pa.array([1.0, np.inf, 1e300])).to_pylist() == ["1", "inf", "1e+300"]
    with pytest.raises(PredictionsError, match="seems to have no scores"):
        read_predictions(write("a.pkl", pickle.dumps(dict.fromkeys(IDS, 10**9000))))


def test_columns_are_corrected(write: Write) -> None:
    path = write("a.csv", lines(IDS, [0, 1, 0, 1], SCORES, SCORES[::-1], header="id,target,first,score", sign=","))
    guessed = read_predictions(path)
    assert (guessed.columns.score, guessed.columns.others, guessed.labels) == ("score", ("first",), None)
    assert "bonafide=1" in " ".join(guessed.notes)
    found = read_predictions(path, columns={"score": "first", "bonafide": "0"})
    assert found.scores.tolist() == SCORES
    assert found.labels is not None
    assert found.labels.tolist() == [1, 0, 1, 0]
    with pytest.raises(PredictionsError, match="has no column 'x'; it has: id, target, first, score"):
        read_predictions(path, columns={"score": "x"})


def test_columns_called_as_the_classes_are_columns(write: Write) -> None:
    found = read_predictions(write("a.csv", lines(IDS, SCORES, SCORES[::-1], header="id,bonafide,spoof", sign=",")))
    assert found.columns.score == "spoof"
    assert found.columns.others == ("bonafide",)


def test_a_list_of_scores_a_clip_is_two_columns(write: Write) -> None:
    found = read_predictions(write("a.pkl", pickle.dumps({n: [s, -s] for n, s in zip(IDS, SCORES, strict=True)})))
    assert (found.columns.score, found.columns.others) == ("column 2", ("column 1",))


def test_so_many_in_a_hundred_are_numbers(write: Write) -> None:
    found = read_predictions(write("a.csv", b"id,score\na,93.5%\nb,0.2%\n"))
    assert found.scores.tolist() == [93.5, 0.2] and found.unreadable == 0


def test_of_a_thousand_columns_the_first_are_named(write: Write) -> None:
    names = [f"emb {at}" for at in range(1000)]
    content = lines(IDS, *([0.5] * 4 for _ in names), SCORES, header=",".join(["utt", *names, "score"]), sign=",")
    found = read_predictions(write("a.csv", content))
    assert found.scores.tolist() == SCORES
    assert found.notes[0].endswith("emb 7 and 992 more")


def test_scores_that_are_no_numbers_are_counted(write: Write) -> None:
    found = read_predictions(write("a.csv", lines(IDS, ["1.5", "?", "nan", "-inf"], header="id,score", sign=",")))
    assert found.unreadable == 1
    assert np.isnan(found.scores).tolist() == [False, True, True, False]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.jsonl", b'{"id": "a", "score": null}\n{"id": "b", "score": 1.5}\n'),
     ("a.json", b'{"a": null, "b": 1.5}'), ("a.json", b'{"a": NaN, "b": 1.5}'),
     ("a.csv", b"id,score\na,\nb,1.5\n"), ("a.csv", b"id;score\na;\nb;1,5\n"),
     ("a.pkl", pickle.dumps({"a": None, "b": 1.5}))],
)  # fmt: skip
def test_a_clip_without_a_score_is_no_number(name: str, content: bytes, write: Write) -> None:
    found = read_predictions(write(name, content))
    assert found.ids.to_pylist() == ["a", "b"]
    assert np.array_equal(found.scores, [np.nan, 1.5], equal_nan=True)


def test_votes_in_words_are_scores_and_no_labels(write: Write) -> None:
    votes = ["real", "Fake", "bona-fide", "spoof"]
    alone = read_predictions(write("a.csv", lines(IDS, votes, header="id,prediction", sign=",")))
    assert (alone.scores.tolist(), alone.labels, alone.in_words) == ([1, 0, 1, 0], None, True)
    sure = read_predictions(
        write("a.csv", lines(IDS, votes, SCORES, header="id,prediction,confidence", sign=","))
    )
    assert (sure.columns.score, sure.columns.others) == ("prediction", ("confidence",))
    both = read_predictions(write("a.csv", lines(IDS, KEYS, SCORES, header="id,prediction,score", sign=",")))
    assert (both.columns.score, both.labels, both.in_words) == ("score", None, False)
    named = read_predictions(write("a.txt", lines(IDS, KEYS)), columns={"score": "column 2"})
    assert (named.scores.tolist(), named.labels) == ([1, 0, 1, 0], None)


class Harmful:
    def __reduce__(self) -> object:
        return os.mkdir, ("ran",)


def objects() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, ids=np.array([Harmful(), Harmful()], dtype=object), scores=np.array(SCORES[:2]))
    return buffer.getvalue()


def unnamed() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, scores=np.array(SCORES), logits=np.array(SCORES))
    return buffer.getvalue()


def bomb() -> bytes:
    """An archive whose directory states that it unpacks to 4 GB."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.npy", "")
    data = bytearray(buffer.getvalue())
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = (0xF0000000).to_bytes(4, "little")
    return bytes(data)


FOREIGN = {
    "empty": ("a.txt", b"", "is empty"),
    "blank": ("a.txt", b"\n\n", "is no file of predictions"),
    "sound": ("a.wav", b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0" + bytes(40), "is no file of predictions"),
    "compressed": ("a.csv.gz", b"\x1f\x8b\x08\0" + bytes(20), "unpack it"),
    "array": ("a.npy", b"\x93NUMPY\x01\0", "savez"),
    "sheet": ("a.xlsx", b"", "save it as CSV"),
    "objects": ("a.npz", objects(), "was not read"),
    "arrays without names": ("a.npz", unnamed(), "seems to have no ids"),
    "bomb": ("a.npz", bomb(), "unpacks to more than"),
    "harmful": ("a.pkl", pickle.dumps({"a": Harmful()}), "was not read"),
    "names alone": ("a.csv", b"id,label\na,spoof\nb,spoof\n", "seems to have no scores"),
    "header alone": ("a.csv", b"id,score\n", "holds no predictions"),
    "text": ("a.txt", b"no scores here at all\n" * 3, "seems to have no"),
    "lengths": ("a.json", b'{"ids": ["a", "b"], "scores": [1]}', "different lengths"),
    "keys": ("a.json", b'[{"id": "a", "score": 1}, {"id": "b"}]', "entry 2"),
    "deep": ("a.json", b"[" * 10**5, "no complete JSON"),
    "nothing": ("a.json", b"{}", "holds no predictions"),
    "bytes": ("a.csv", b"id,score\n\xff\xfe,1\n", "no text"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_what_is_no_file_of_predictions_is_refused(name: str, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    file, content, complaint = FOREIGN[name]
    if name == "sheet":
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("xl/workbook.xml", "")
        content = buffer.getvalue()
    path = write(file, content)
    monkeypatch.chdir(path.parent)
    with pytest.raises(PredictionsError, match=complaint):
        read_predictions(path)
    assert not (path.parent / "ran").exists()


def test_a_folder_and_a_pipe_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(PredictionsError, match="is no file"):
            read_predictions(path)
    with pytest.raises(PredictionsError, match="check the path"):
        read_predictions(tmp_path / "none")
