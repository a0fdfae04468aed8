// Figures: as high as Python asked or as their frame has room, fit for a phone, and told to who cannot see them.
(() => {
  const NARROW_PX = 560;
  const plain = (html) => new DOMParser().parseFromString(html || '', 'text/html').body.textContent.trim();
  const title = (object) => plain(object && object.title && object.title.text);

  // What a figure shows in words: its own summary, else the heading over it, its axes and what its legend names.
  const summary = (plot) => {
    const layout = plot._fullLayout, meta = layout.meta || {};
    if (meta.summary) return meta.summary;
    const frame = plot.closest('.ss-pane, .ss-card'), heading = frame && frame.querySelector('h2, h3');
    const traces = plot._fullData.filter((trace) => trace.visible === true);
    const axes = [title(layout.yaxis), title(layout.xaxis)].filter(Boolean).join(' against ');
    const named = traces.filter((trace) => trace.showlegend).map((trace) => plain(trace.name)).join(', ');
    const words = traces.length ? [] : (layout.annotations || []).map((note) => plain(note.text));
    return [heading && heading.textContent.trim(), axes, named, ...words].filter(Boolean).join('. ');
  };
  const describe = (plot) => plot.querySelectorAll('svg.main-svg').forEach((svg, index) => {
    if (index) { svg.setAttribute('aria-hidden', 'true'); return; }
    svg.setAttribute('role', 'img');
    svg.setAttribute('aria-label', summary(plot) || 'Figure');
  });

  // On a phone a figure takes the settings that it carries for narrow frames (dashboard/plots/frame.py).
  const suit = (plot) => {
    const narrow = (plot._fullLayout.meta || {}).narrow, small = plot.clientWidth < NARROW_PX;
    if (!narrow || !small || plot.ssNarrow) return;
    plot.ssNarrow = true;
    window.Plotly.update(plot, narrow.traces || {}, narrow.layout || {});
  };
  const fit = (plot) => {
    const layout = plot._fullLayout;
    if (!layout || !plot.clientWidth || !plot.clientHeight) return;
    if (Math.abs(plot.clientWidth - layout.width) > 1 || Math.abs(plot.clientHeight - layout.height) > 1)
      window.Plotly.Plots.resize(plot);
  };
  const sizes = new ResizeObserver((entries) => entries.forEach(({target}) => { suit(target); fit(target); }));

  const meet = (plot) => {
    if (plot.ssMet || !plot._fullLayout || !plot.on) return;
    plot.ssMet = true;
    // On the frame that stays, not on the figure, which Gradio makes anew each time it changes.
    const height = (plot._fullLayout.meta || {}).height, frame = plot.closest('.block') || plot;
    if (height) frame.style.setProperty('--ss-figure', `${height}px`);
    plot.on('plotly_afterplot', () => describe(plot));
    describe(plot);
    sizes.observe(plot);
  };
  const look = () => document.querySelectorAll('.js-plotly-plot').forEach(meet);
  new MutationObserver(look).observe(document.documentElement, {childList: true, subtree: true});
})();
