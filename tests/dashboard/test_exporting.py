import io
import json

import gradio as gr
import pandas as pd
import pytest

from core.errors import ResultsError
from dashboard.exporting import handed_over, page_table
from dashboard.server import _plotly


def test_a_table_of_the_page_comes_back_as_parquet() -> None:
    name, data = page_table(json.dumps({"name": "the-attacks/../x", "head": ["a", "n"], "rows": [["=1", "2"]]}))
    assert name == "the-attacksx.parquet"
    frame = pd.read_parquet(io.BytesIO(data))
    assert frame.to_dict("list") == {"a": ["=1"], "n": [2]}


@pytest.mark.parametrize("request_", [
    "", "[]", '{"name":"x","head":["a"],"rows":[["1","2"]]}', '{"name":1,"head":[],"rows":[]}',
    '{"name":"x","head":["a"],"rows":[[1]]}', '{"name":"x","head":["a"],"rows":3}', "[" * 50_000,
])  # fmt: skip
def test_what_is_no_table_of_the_page_is_refused(request_: str) -> None:
    with pytest.raises(ResultsError, match="no table of the page"):
        page_table(request_)


def test_a_file_is_handed_over_by_a_link_that_is_pressed_once() -> None:
    owner = gr.HTML()
    link = handed_over(owner, b"x", 'a"b.csv')
    assert "data-fresh" in link
    assert 'download="a&#34;b.csv"' in link
    assert len(owner.temp_files) == 1


def test_a_figure_saved_as_html_finds_the_script_that_it_carries() -> None:
    answer = _plotly()
    assert b"plotly.js v" in answer.body[:500]
    assert answer.media_type == "text/javascript"
