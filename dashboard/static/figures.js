// Figures: as high as Python asked or as their frame has room, fit for a phone, and read out to who cannot see them.
(() => {
  const NARROW_PX = 560, SETTLED_MS = 60;
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

  // In a narrow frame a figure takes the settings that it carries for one (dashboard/plots/frame.py), and gives them back.
  const read = (object, path) => path.replace(/\[(\d+)\]/g, '.$1').split('.')
    .reduce((inside, key) => (inside === undefined || inside === null ? undefined : inside[key]), object);
  const before = (plot, {layout, traces}) => [
    Object.fromEntries(Object.keys(traces).map((key) => [key, plot.data.map((trace) => read(trace, key) ?? null)])),
    Object.fromEntries(Object.keys(layout).map((key) => [key, structuredClone(read(plot.layout, key) ?? null)])),
  ];
  const suit = async (plot) => {
    const narrow = (plot._fullLayout.meta || {}).narrow, small = plot.clientWidth < NARROW_PX;
    if (!narrow || small === Boolean(plot.ssWide)) return;
    const [traces, layout] = small ? [narrow.traces, narrow.layout] : plot.ssWide;
    plot.ssWide = small ? before(plot, narrow) : null;
    await window.Plotly.update(plot, traces, layout);
  };
  const isFitting = (plot) => {
    const {width, height} = plot._fullLayout || {};
    return Math.abs(plot.clientWidth - width) <= 1 && Math.abs(plot.clientHeight - height) <= 1;
  };
  // On the frame that stays, not on the figure, which Gradio makes anew each time it changes.
  const makeRoom = (plot, {height} = {}) => {
    if (height) (plot.closest('.block') || plot).style.setProperty('--ss-figure', `${height}px`);
  };
  // Gradio draws a new figure where the old one stands, which it then takes away, in its place as high as Python asked,
  // and at once again to resize it. Here it is drawn once: in its place, when what came with it has taken its room.
  const drawOnce = () => {
    const {Plotly} = window, {Plots, react} = Plotly, {resize} = Plots;
    if (resize.ssOnce) return;
    Plots.resize = (plot) => (!plot._fullLayout || isFitting(plot) ? Promise.resolve(plot) : resize(plot));
    Plots.resize.ssOnce = true;
    Plotly.react = async (plot, data, layout, config) => {
      if (plot.ssMet) return plot;
      plot.classList.add('js-plotly-plot');
      makeRoom(plot, layout.meta);
      await new Promise((laidOut) => { setTimeout(laidOut); });
      const {clientHeight: height} = plot;
      return react(plot, data, height ? {...layout, height} : layout, config);
    };
  };
  const fit = async (plot) => {
    // The picture of another recording is hidden, and never shown again: drawing it would hold up the verdict.
    const hidden = plot.style.visibility === 'hidden';
    const seen = () => plot.isConnected && plot._fullLayout && plot.clientWidth && plot.clientHeight && !hidden;
    if (!seen()) return;
    await suit(plot);
    const {_size: {t: top}} = plot._fullLayout;
    if (!seen() || isFitting(plot)) return;
    await window.Plotly.Plots.resize(plot);
    // A legend that takes fewer lines than before is put where the margin was before; drawn again, it is right.
    if (seen() && plot._fullLayout._size.t !== top) await window.Plotly.redraw(plot);
  };
  // A frame is of many sizes while it is laid out: the last one counts.
  const sizes = new ResizeObserver((entries) => entries.forEach(({target}) => {
    clearTimeout(target.ssTimer);
    target.ssTimer = setTimeout(fit, SETTLED_MS, target);
  }));

  const meet = (plot) => {
    if (plot.ssMet || !plot._fullLayout || !plot.on) return;
    plot.ssMet = true;
    drawOnce();
    makeRoom(plot, plot._fullLayout.meta);
    plot.on('plotly_afterplot', () => describe(plot));
    describe(plot);
    sizes.observe(plot);
  };
  const look = () => document.querySelectorAll('.js-plotly-plot').forEach(meet);
  new MutationObserver(look).observe(document.documentElement, {childList: true, subtree: true});
})();
