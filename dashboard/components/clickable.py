"""Containers that tell Python what was clicked: points of a Plotly figure, rows of HTML.

Gradio's plot has no click event. A container around it hooks the figure's own events and passes on what
lies in ``customdata``; it hooks again whenever the figure is drawn anew.
"""

from typing import Any

import gradio as gr

__all__ = ["clickable_html", "clickable_plot"]

_HOOK_PLOTS = r"""
const ids = (points) => (points || []).map((p) => Array.isArray(p.customdata) ? p.customdata[0] : p.customdata)
    .filter((id) => id !== undefined && id !== null);
const hook = () => element.querySelectorAll('.js-plotly-plot').forEach((plot) => {
  if (plot.ssHooked || !plot.on) return;
  plot.ssHooked = true;
  plot.on('plotly_click', (event) => {
    const found = ids(event.points);
    if (found.length) trigger('select', {ids: found});
  });
  plot.on('plotly_selected', (event) => {
    const corners = event && (event.lassoPoints || event.range);
    if (corners && corners.x) trigger('lasso', {x: Array.from(corners.x), y: Array.from(corners.y)});
  });
  plot.on('plotly_relayout', (change) => {
    const {xaxis, yaxis, dragmode} = plot._fullLayout, keys = Object.keys(change);
    const whole = keys.some((key) => key.endsWith('autorange'));
    const moved = whole || keys.some((key) => /axis.range/.test(key));
    if (!moved && !('dragmode' in change)) return;
    trigger('zoom', {moved, dragmode, window: whole ? null : [...xaxis.range, ...yaxis.range]});
  });
  plot.on('plotly_restyle', () => {
    const hidden = plot.data.filter((t) => t.visible === 'legendonly').map((t) => t.legendgroup || t.name);
    trigger('input', {hidden: [...new Set(hidden)]});
  });
});
hook();
new MutationObserver(hook).observe(element, {childList: true, subtree: true});
"""
_HOOK_ROWS = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-page]'), row = event.target.closest('[data-value]');
  if (button && element.contains(button)) trigger('select', {value: '', page: Number(button.dataset.page)});
  else if (row && element.contains(row)) trigger('select', {value: row.dataset.value});
});
element.addEventListener('ss-whole', (event) => trigger('select', {value: '', ...event.detail}));
"""


def clickable_plot(elem_id: str, **more: Any) -> tuple[gr.HTML, gr.Plot]:
    """Return a container and the plot inside it.

    Listen with ``container.select(fn, inputs, outputs)``; ``fn`` takes an ``event: gr.EventData`` whose
    ``event.ids`` is the list of ``customdata`` (its first entry where it is a list). With ``container.input`` it
    learns of ``event.hidden``, the legend groups that a person has switched off; with ``container.lasso`` of the
    corners ``event.x`` and ``event.y`` of what was drawn around points (two of a box); with ``container.zoom`` of
    ``event.window`` (left, right, bottom, top; None for the whole figure), where ``event.moved``, and of
    ``event.dragmode``. Figures go to the plot.

    Parameters
    ----------
    elem_id : str
        Of the container; the plot's is ``<elem_id>-plot``.
    **more
        For ``gr.Plot``.
    """
    with gr.HTML(
        html_template="@children", js_on_load=_HOOK_PLOTS, elem_id=elem_id, elem_classes="ss-plot", padding=False
    ) as container:
        plot = gr.Plot(elem_id=f"{elem_id}-plot", show_label=False, container=False, **more)
    return container, plot


def clickable_html(elem_id: str, value: str = "", **more: Any) -> gr.HTML:
    """Return HTML whose elements with ``data-value`` can be clicked.

    Listen with ``html.select(fn, ...)``; ``fn`` takes an ``event: gr.EventData`` with ``event.value``, or with
    ``event.page`` where an element with ``data-page`` was clicked, and with ``event.save`` where all rows of a table in
    pages are asked for as a file (see ``dashboard.components.pager``).
    """
    return gr.HTML(value, js_on_load=_HOOK_ROWS, elem_id=elem_id, padding=False, apply_default_css=False, **more)
