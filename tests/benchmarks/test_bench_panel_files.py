"""The benchmark of files of predictions measures both ways on the same files."""

from pathlib import Path

from tests.benchmarks.bench_panel_files import pandas_way, panel_way, write_files


def test_both_ways_are_measured(tmp_path: Path) -> None:
    files, key = write_files(tmp_path, clips=300, detectors=3)
    rows: list[tuple[str, float, float]] = []
    assert 0 < panel_way(files, key, rows) < 300
    assert pandas_way(files, rows) == 300
    assert {row[0].split(":")[0] for row in rows} == {"panel", "pandas"}
