"""Figures: pure functions from values and ``dark`` to Plotly figures."""
