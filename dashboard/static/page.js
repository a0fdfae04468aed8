// Light or dark: the reader's last choice, else the system's. A hidden checkbox tells Python.
(() => {
  const key = 'spoofscope-scheme';
  const tell = (dark) => {
    const box = document.querySelector('#ss-dark input[type=checkbox]');
    if (box && box.checked !== dark) box.click();
  };
  const apply = () => {
    const chosen = localStorage.getItem(key);
    if (chosen && document.body) document.body.classList.toggle('dark', chosen === 'dark');
  };
  document.addEventListener('click', (event) => {
    if (!event.target.closest('[data-scheme]')) return;
    const dark = document.body.classList.toggle('dark');
    localStorage.setItem(key, dark ? 'dark' : 'light');
  });
  new MutationObserver(() => document.body && apply()).observe(document.documentElement, {childList: true});
  // Whatever changes the scheme, a press or the system while the page is open: figures are drawn by Python and follow.
  const attend = () => {
    apply();
    new MutationObserver(() => { apply(); tell(document.body.classList.contains('dark')); })
      .observe(document.body, {attributes: true, attributeFilter: ['class']});
  };
  if (document.body) attend(); else document.addEventListener('DOMContentLoaded', attend);
})();

// Players: one sounds at a time, and a cursor runs over the figure.
(() => {
  const STEP_S = 0.5;
  // Where in the recording a sound begins that is a part of it.
  const since = (sound) => Number(sound.dataset.from || 0);
  const figure = () => document.querySelector('#ss-clip .js-plotly-plot');
  // Known clips have another time than the figure's.
  const playing = () => [...document.querySelectorAll('[data-play]:not([data-play=known]) audio')].find((sound) => !sound.paused);
  const mark = (button, on) => {
    button.classList.toggle('ss-on', on);
    button.querySelector('i').textContent = on ? '❚❚' : '▶';
  };
  const place = (seconds) => {
    const plot = figure(), axis = plot && plot._fullLayout && plot._fullLayout.xaxis;
    if (!axis) return;
    const host = plot.querySelector('.svg-container');
    let line = host.querySelector('.ss-cursor');
    if (seconds === null) { if (line) line.remove(); return; }
    if (!line) host.append(line = Object.assign(document.createElement('div'), {className: 'ss-cursor'}));
    const size = plot._fullLayout._size, x = axis.l2p(seconds);
    line.style.cssText = `left:${size.l + x}px;top:${size.t}px;height:${size.h}px`;
    line.hidden = x < 0 || x > size.w;
  };
  const run = () => {
    const sound = playing();
    if (!sound) return;
    place(since(sound) + sound.currentTime);
    requestAnimationFrame(run);
  };
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-play]');
    const sound = button && button.querySelector('audio');
    if (!sound) return;
    document.querySelectorAll('[data-play] audio').forEach((other) => other !== sound && other.pause());
    if (sound.paused) sound.play(); else sound.pause();
  });
  for (const kind of ['play', 'pause', 'ended']) {
    document.addEventListener(kind, (event) => {
      const button = event.target.closest && event.target.closest('[data-play]');
      if (!button) return;
      mark(button, kind === 'play');
      if (kind === 'play') run();
    }, true);
  }
  // Under the keyboard the arrows go through the sound of the player that is focused.
  document.addEventListener('keydown', (event) => {
    const step = {ArrowLeft: -STEP_S, ArrowRight: STEP_S}[event.key];
    const sound = step && event.target.closest && event.target.closest('[data-play]')?.querySelector('audio');
    if (!sound) return;
    event.preventDefault();
    sound.currentTime = Math.max(0, sound.currentTime + step);
    place(since(sound) + sound.currentTime);
  });
  document.addEventListener('click', (event) => {
    document.querySelectorAll('details.ss-menu[open]').forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') document.querySelectorAll('details.ss-menu[open]').forEach((menu) => { menu.open = false; });
  });
  // The evidence's opacity changes in the browser: the figure need not travel again.
  window.spoofscope = {
    ...window.spoofscope,
    place,
    opacity: (value) => {
      const plot = figure();
      const index = plot && plot.data ? plot.data.findIndex((trace) => trace.name === 'evidence') : -1;
      if (index >= 0 && window.Plotly) window.Plotly.restyle(plot, {opacity: value}, [index]);
    },
  };
})();

// A screen reader announces the verdict when it comes, once for each recording, wherever the reader is.
(() => {
  let last = '';
  const words = (selector) => document.querySelector(selector)?.textContent.trim() || '';
  const announce = () => {
    const region = document.getElementById('ss-announce'), badge = words('#ss-verdict .ss-badge');
    const text = badge && `${words('#ss-record .ss-meta b')}: ${badge}, P(spoof) ${words('#ss-verdict .ss-big')}`;
    if (!region || text === last) return;
    last = region.textContent = text;
  };
  new MutationObserver(announce).observe(document.documentElement, {childList: true, subtree: true});
})();

// Arrow keys go from tab to tab, as in every other list of tabs; Gradio listens to clicks alone.
document.addEventListener('keydown', (event) => {
  const tab = event.target.closest && event.target.closest('#ss-tabs > .tab-wrapper [role=tab]');
  if (!tab) return;
  const tabs = [...tab.closest('[role=tablist]').querySelectorAll('[role=tab]')], at = tabs.indexOf(tab);
  const to = {ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1}[event.key];
  if (to === undefined) return;
  const next = tabs[(to + tabs.length) % tabs.length];
  event.preventDefault();
  next.focus();
  next.click();
});
