// Boxes on the spectrogram: drawn with the pointer or typed as numbers, kept for the recording that is shown.
(() => {
  const KEY = 'spoofscope-boxes', MOST = 12, LEAST_PX = 6, TOP_HZ = 8000;
  const {ticket} = window.spoofscope;
  const all = (selector) => [...document.querySelectorAll(selector)];
  const figure = () => document.querySelector('#ss-clip .js-plotly-plot');
  const letter = (index) => String.fromCharCode(65 + index);
  let kept = {};
  try { kept = JSON.parse(sessionStorage.getItem(KEY)) || {}; } catch { /* what cannot be read is drawn again */ }
  let {owner = '', boxes = []} = kept, drawing = null, waiting = '';

  // The picture of this very recording, once it is drawn: its axes in pixels of the figure.
  const axes = () => {
    const plot = figure(), layout = plot && plot._fullLayout, meta = plot && plot.layout && plot.layout.meta;
    if (!layout || !layout.yaxis3 || !meta || meta.recording !== ticket()) return null;
    if (!(plot.data || []).some(({name}) => name === 'spectrogram')) return null;
    return {plot, host: plot.querySelector('.svg-container'), x: layout.xaxis, y: layout.yaxis3, size: layout._size};
  };
  const length = () => { const at = axes(); return at ? at.x.maxallowed ?? at.x.range[1] : 0; };
  const within = (value, low, high) => Math.min(high, Math.max(low, value));
  const save = () => sessionStorage.setItem(KEY, JSON.stringify({owner, boxes}));
  const change = (next) => { boxes = next; save(); list(); show(); };

  // -- on the picture ----------------------------------------------------------------------------------------------
  const part = (host, kind, make) => host.querySelector(`:scope > .${kind}`) || host.appendChild(make());
  const element = (tag, className, more = {}) => Object.assign(document.createElement(tag), {className, ...more});
  const frame = ({x, y, size}, box) => {
    const left = within(x.l2p(box.start_s), 0, size.w), right = within(x.l2p(box.end_s), 0, size.w);
    const top = within(y.l2p(box.high_hz / 1000), 0, y._length), bottom = within(y.l2p(box.low_hz / 1000), 0, y._length);
    return `left:${size.l + left}px;width:${right - left}px;top:${y._offset + top}px;height:${bottom - top}px`;
  };
  const layer = () => element('div', 'ss-drawn');
  const show = () => {
    const at = axes();
    if (!at || !at.host) return;
    const pen = part(at.host, 'ss-pen', () => element('button', 'ss-pen', {
      type: 'button', textContent: '▢ Draw a box', title: 'Draw a box on the spectrogram, to play and score the recording without it',
    }));
    pen.dataset.box = 'draw';
    pen.setAttribute('aria-pressed', String(Boolean(drawing)));
    const wide = at.plot.clientWidth - at.size.l - at.size.w > 96;
    pen.style.cssText = wide ? `left:${at.size.l + at.size.w + 8}px;top:${at.size.t}px` : `right:${at.plot.clientWidth - at.size.l - at.size.w + 2}px;top:${at.size.t}px`;
    const drawn = part(at.host, 'ss-drawn', layer);
    drawn.replaceChildren(...boxes.map((box, index) => {
      const one = element('div', 'ss-box');
      one.style.cssText = frame(at, box);
      one.append(element('b', '', {textContent: letter(index)}));
      return one;
    }));
    if (boxes.length) {
      const go = element('button', 'ss-go', {type: 'button', textContent: boxes.length > 1 ? `Try the ${boxes.length} boxes ↓` : 'Try this box ↓'});
      go.dataset.trial = 'boxes';
      go.style.cssText = `right:${at.plot.clientWidth - at.size.l - at.size.w + 4}px;top:${at.y._offset + 4}px`;
      drawn.append(go);
    }
  };
  const stopDrawing = () => {
    if (!drawing) return;
    const {pad} = drawing;
    drawing = null;
    // After the click that ends the drag: it is no wish to play from there.
    setTimeout(() => pad.remove());
    show();
    list();
  };
  const startDrawing = () => {
    const at = axes();
    if (!at) return;
    const pad = element('div', 'ss-pad'), {size, x, y} = at;
    const top = size.t, bottom = y._offset + y._length;
    pad.style.cssText = `left:${size.l}px;width:${size.w}px;top:${top}px;height:${bottom - top}px`;
    const ghost = pad.appendChild(element('div', 'ss-box'));
    let from = null;
    const point = (event) => {
      const box = pad.getBoundingClientRect();
      return [within(event.clientX - box.left, 0, box.width), within(event.clientY - box.top, 0, box.height)];
    };
    // Above the spectrogram a box has no frequency: it takes them all.
    const reach = ([, ay], [, by]) => {
      const shift = y._offset - top;
      return from.above ? [shift, shift + y._length] : [within(Math.min(ay, by), shift, shift + y._length), within(Math.max(ay, by), shift, shift + y._length)];
    };
    pad.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      pad.setPointerCapture(event.pointerId);
      const at = point(event);
      from = Object.assign(at, {above: at[1] < y._offset - top});
    });
    pad.addEventListener('pointermove', (event) => {
      if (!from) return;
      const to = point(event), [high, low] = reach(from, to), left = Math.min(from[0], to[0]);
      ghost.style.cssText = `left:${left}px;width:${Math.abs(from[0] - to[0])}px;top:${high}px;height:${low - high}px`;
    });
    pad.addEventListener('pointerup', (event) => {
      if (!from) return;
      const to = point(event), [high, low] = reach(from, to), [left, right] = [from[0], to[0]].sort((a, b) => a - b);
      from = null;
      if (right - left < LEAST_PX || low - high < LEAST_PX) { ghost.style.cssText = ''; return; }
      const shift = y._offset - top, hertz = (pixels) => within(1000 * y.p2l(pixels - shift), 0, TOP_HZ);
      add({start_s: x.p2l(left), end_s: x.p2l(right), low_hz: hertz(low), high_hz: hertz(high)});
      stopDrawing();
    });
    pad.addEventListener('click', (event) => event.stopPropagation());
    at.host.append(pad);
    drawing = {pad};
    at.plot.scrollIntoView({block: 'nearest'});
    show();
    list();
  };

  // -- as numbers --------------------------------------------------------------------------------------------------
  const add = (box) => {
    const start_s = within(box.start_s, 0, length()), end_s = within(box.end_s, 0, length());
    change([...boxes, {...box, start_s, end_s}].slice(0, MOST));
  };
  const fields = [
    ['start_s', 'from, in seconds', 1, 0.01], ['end_s', 'to, in seconds', 1, 0.01],
    ['low_hz', 'lowest frequency, in kilohertz', 1000, 0.05], ['high_hz', 'highest frequency, in kilohertz', 1000, 0.05],
  ];
  const number = (box, index, [key, what, scale, step]) => {
    const input = element('input', '', {type: 'number', min: '0', step: String(step), value: (box[key] / scale).toFixed(2)});
    input.max = key.endsWith('_s') ? length().toFixed(2) : String(TOP_HZ / 1000);
    input.setAttribute('aria-label', `Box ${letter(index)} ${what}`);
    input.dataset.field = `${index} ${key} ${scale}`;
    return input;
  };
  const row = (box, index) => {
    const item = element('li', ''), [start, end, low, high] = fields.map((field) => number(box, index, field));
    const loop = element('button', 'ss-loop', {type: 'button', textContent: '↻', title: 'Play these seconds over and over; Escape ends it'});
    Object.assign(loop.dataset, {start: box.start_s.toFixed(3), end: box.end_s.toFixed(3)});
    loop.setAttribute('aria-label', `Loop box ${letter(index)}`);
    loop.setAttribute('aria-pressed', 'false');
    const away = element('button', 'ss-act', {type: 'button', textContent: '×', title: 'Remove this box'});
    away.dataset.box = `remove ${index}`;
    away.setAttribute('aria-label', `Remove box ${letter(index)}`);
    const span = (...inside) => { const made = element('span', ''); made.append(...inside); return made; };
    item.append(element('b', '', {textContent: letter(index)}), span(start, ' to ', end, ' s'), span(low, ' to ', high, ' kHz'), loop, away);
    return item;
  };
  const list = () => {
    const ready = Boolean(axes());
    all('.ss-boxes').forEach((place) => {
      const shown = JSON.stringify([boxes, length()]);
      if (place.dataset.shown === shown) return;
      place.dataset.shown = shown;
      const focused = document.activeElement?.dataset?.field;
      place.replaceChildren(...boxes.map(row));
      if (focused) place.querySelector(`[data-field="${focused}"]`)?.focus();
    });
    const set = (selector, off) => all(selector).forEach((button) => { if (button.disabled !== off) button.disabled = off; });
    set('#ss-tried [data-box]', !ready);
    set('#ss-tried .ss-tools [data-trial=boxes]', !ready || !boxes.length);
    all('#ss-tried [data-box=draw]').forEach((button) => button.setAttribute('aria-pressed', String(Boolean(drawing))));
  };

  // -- what a person does ------------------------------------------------------------------------------------------
  const acts = {
    draw: () => (drawing ? stopDrawing() : startDrawing()),
    add: () => {
      const at = axes(), [from, to] = at ? at.x.range : [0, 0], third = (to - from) / 3;
      if (at) add({start_s: from + third, end_s: to - third, low_hz: 0, high_hz: TOP_HZ / 2});
    },
    remove: (index) => change(boxes.filter((_, place) => place !== Number(index))),
  };
  document.addEventListener('click', (event) => {
    const box = event.target.closest('[data-box]'), trial = event.target.closest('[data-trial]');
    if (box) { const [name, index] = box.dataset.box.split(' '); acts[name](index); }
    if (!trial) return;
    const [what, stop] = trial.dataset.trial.split(' ');
    waiting = what;
    document.dispatchEvent(new CustomEvent('spoofscope', {detail: stop ? {kind: 'leave', what} : {kind: 'try', what, boxes}}));
    if (trial.closest('#ss-clip')) document.getElementById('ss-tried').scrollIntoView({block: 'start', behavior: 'smooth'});
  });
  document.addEventListener('change', (event) => {
    const [index, key, scale] = (event.target.dataset?.field || '').split(' ');
    if (!key || !Number.isFinite(event.target.valueAsNumber)) return;
    change(boxes.map((box, place) => (place === Number(index) ? {...box, [key]: event.target.valueAsNumber * Number(scale)} : box)));
  });
  document.addEventListener('keydown', (event) => { if (event.key === 'Escape') stopDrawing(); });

  const watch = () => {
    const plot = figure();
    if (plot && plot.on && !plot.ssBoxed) { plot.ssBoxed = true; plot.on('plotly_afterplot', () => { stopDrawing(); show(); }); }
    if (owner !== ticket()) { owner = ticket(); stopDrawing(); change([]); }
    const at = axes();
    if (at && at.host && !at.host.querySelector('.ss-pen')) show();
    list();
    // What was pressed gives way to its progress, and that to the result: the keyboard stays at that place.
    if (waiting && document.activeElement === document.body) document.querySelector(`#ss-tried [data-trial^=${waiting}]:not(:disabled)`)?.focus({preventScroll: true});
  };
  document.addEventListener('pointerdown', () => { waiting = ''; });
  new MutationObserver(watch).observe(document.documentElement, {childList: true, subtree: true});
})();
