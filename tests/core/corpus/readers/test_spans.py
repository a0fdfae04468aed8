"""Which seconds of partial spoofs are spoofed, by the corpora's own labels."""

import numpy as np
import pytest

from core.corpus.reader import READERS
from core.corpus.tree import Tree
from core.errors import CorpusError


def spans(name, root):
    return READERS.get(name)().spoofed_spans(Tree(root))


def test_partialspoof_reads_the_finest_labels_of_each_split(made_up):
    root = made_up("partialspoof")
    folder = root / "database" / "segment_labels"
    folder.mkdir()
    np.save(folder / "dev_seglab_0.64.npy", {"LA_D_1": np.array(["0"]), "CON_D_1": np.array(["0"])}, allow_pickle=True)
    fine = {"LA_D_1": np.array(list("111")), "CON_D_1": np.array(list("1001110")), "CON_D_9": np.array(["0"])}
    np.save(folder / "dev_seglab_0.16.npy", fine, allow_pickle=True)
    np.save(folder / "eval_seglab_0.02.npy", {"CON_E_1": np.array(list("01"))}, allow_pickle=True)
    found = spans("partialspoof", root)
    assert found == {
        "database/dev/con_wav/LA_D_1.wav": (),
        "database/dev/con_wav/CON_D_1.wav": (pytest.approx((0.16, 0.48)), pytest.approx((0.96, 1.12))),
        "database/eval/con_wav/CON_E_1.wav": (pytest.approx((0.0, 0.02)),),
    }


def test_partialspoof_refuses_labels_that_are_none_of_its_two(made_up):
    root = made_up("partialspoof")
    with pytest.raises(CorpusError, match="has no segment labels: add"):
        spans("partialspoof", root)
    np.save(root / "dev_seglab_0.16.npy", {"CON_D_1": np.array(["1", "x"])}, allow_pickle=True)
    with pytest.raises(CorpusError, match="not 'x'"):
        spans("partialspoof", root)


def test_llama_partialspoof_reads_the_segments_of_each_row(made_up):
    found = spans("llama-partialspoof", made_up("llama-partialspoof"))
    assert found == {
        "R01TTS.0.a/dev-clean_84_1.wav": (), "R01TTS.0.a/dev01_84_2-full.wav": ((0.0, 3.5),),
        "R01TTS.0.b/dev01_84_3-partial-cp.wav": ((1.25, 2.5),),
    }  # fmt: skip


@pytest.mark.parametrize("segment", ["0.0-1.0", "a-1.0-spoof", "0.0-1.0-maybe", "0.0-1.0-spoof-2"])
def test_llama_partialspoof_refuses_what_is_no_segment(segment, made_up):
    root = made_up("llama-partialspoof")
    (root / "label_R01TTS.0.b.txt").write_text(f"dev01_84_3-partial-cp 4.00 spoof {segment}\n")
    with pytest.raises(CorpusError, match=r"row 1: .* is no segment such as 0.00-1.25-spoof"):
        spans("llama-partialspoof", root)


@pytest.mark.parametrize("name", ["hq-mpsd", "in-the-wild"])
def test_a_corpus_without_such_labels_is_refused(name, made_up):
    with pytest.raises(CorpusError, match="read without labels of which seconds are spoofed"):
        spans(name, made_up(name))
