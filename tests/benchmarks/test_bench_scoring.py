"""The benchmark of scoring: the best of each figure, and the ratios."""

from pathlib import Path

from tests.benchmarks.bench_scoring import Round, best, first_clips, report


def test_of_each_figure_the_best_counts() -> None:
    assert best([Round(9.0, 20.0, 7.0), Round(8.0, 10.0, 6.0)]) == Round(8.0, 20.0, 6.0)


def test_the_report_states_both_ratios() -> None:
    builds = {
        "the other build, 2 cores": Round(30.0, 8.0, 30.0), "this build, 1 core": Round(28.0, 10.0, 27.0),
        "this build, 2 cores": Round(15.0, 18.0, 28.0),
    }  # fmt: skip
    lines = report(builds, 200).splitlines()
    assert lines[-2:] == [
        "two cores against one, under way: 1.80", "against the other build: 2.25 under way, 2.00 as a whole",
    ]  # fmt: skip


def test_the_first_clips_come_with_their_manifest(tmp_path: Path) -> None:
    corpus, copy = tmp_path / "corpus", tmp_path / "copy"
    (corpus / "a").mkdir(parents=True)
    for number in range(3):
        (corpus / f"a/{number}.wav").write_bytes(b"x")
    (corpus / "manifest.csv").write_text("path,label\n" + "".join(f"a/{n}.wav,spoof\n" for n in range(3)))
    first_clips(corpus, copy, 2)
    assert (copy / "manifest.csv").read_text().split() == ["path,label", "a/0.wav,spoof", "a/1.wav,spoof"]
    assert sorted(path.name for path in (copy / "a").iterdir()) == ["0.wav", "1.wav"]
