"""One table for all detectors: what stands in a cell, and in which order the rows stand."""

import numpy as np
import pandas as pd

from core.results.joint import joint_table, other_figures


def figures(eer: float, *, low: float = np.nan, high: float = np.nan, n_spoof: int = 20) -> pd.DataFrame:
    row = {
        "slice": "all", "n_bonafide": 10, "n_spoof": n_spoof, "eer": eer, "eer_low": low, "eer_high": high,
        "auc": 1 - eer, "min_dcf": 0.5, "act_dcf": np.nan, "cllr": 0.75,
    }  # fmt: skip
    return pd.DataFrame([row, {**row, "slice": "published", "eer": np.nan}])


def test_a_cell_holds_rate_interval_and_count() -> None:
    table = joint_table({"a": figures(0.123, low=0.1, high=0.155), "panel": figures(0.05)}, members=["a"])
    assert table["detector"].tolist() == ["a", "panel"]
    assert table["all"].tolist() == ["12.3 [10.0, 15.5] n 30", "5.0 n 30"]
    assert table["published"].tolist() == ["-", "-"]
    assert table["seen attacks"].tolist() == ["-", "-"], "not known where the training is not known"


def test_the_best_stands_first_the_panel_last_and_its_members_bear_a_star() -> None:
    tables = {"a": figures(0.3), "b": figures(0.1), "c": figures(np.nan), "panel": figures(0.05)}
    assert joint_table(tables, members=["a", "b", "c"])["detector"].tolist() == ["b", "a", "c", "panel"]
    assert joint_table(tables, members=["a"])["detector"].tolist() == ["b", "a *", "c", "panel"]


def test_the_other_figures_fit_a_line() -> None:
    assert other_figures(figures(0.25)) == "AUC 0.750, min DCF 0.500, act DCF -, Cllr 0.750"
