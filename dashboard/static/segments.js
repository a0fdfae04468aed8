// The picture sounds: from where it is pressed; a segment again and again, from its button or its box, until it is pressed
// again or Escape.
(() => {
  const RATE_AXIS = 'yaxis2';
  const figure = () => document.querySelector('#ss-clip .js-plotly-plot');
  const buttons = () => [...document.querySelectorAll('.ss-segments .ss-loop')];
  const span = (button) => [Number(button.dataset.start), Number(button.dataset.end)];
  let loop = null;

  // The stretch that sounds, over the whole picture.
  const shade = (button) => {
    const plot = figure(), layout = plot && plot._fullLayout;
    if (!layout || !layout.xaxis) return;
    const size = layout._size, [from, to] = span(button).map((seconds) => Math.min(size.w, Math.max(0, layout.xaxis.l2p(seconds))));
    let band = plot.querySelector('.ss-looping');
    if (!band) plot.querySelector('.svg-container').append(band = Object.assign(document.createElement('div'), {className: 'ss-looping'}));
    band.style.cssText = `left:${size.l + from}px;width:${to - from}px;top:${size.t}px;height:${size.h}px`;
  };
  const stop = () => {
    if (!loop) return;
    const {sound, button} = loop;
    loop = null;
    sound.pause();
    button.setAttribute('aria-pressed', 'false');
    document.querySelectorAll('.ss-looping').forEach((band) => band.remove());
    window.spoofscope.place(null);
  };
  const again = () => {
    if (!loop) return;
    const {sound, button} = loop, [start, end] = span(button);
    if (!button.isConnected) { stop(); return; }
    const {ended} = sound;
    if (ended || sound.currentTime >= end || sound.currentTime < start - 0.05) sound.currentTime = start;
    if (ended) sound.play();
    shade(button);
    window.spoofscope.place(sound.currentTime);
  };
  const run = () => {
    if (!loop) return;
    again();
    requestAnimationFrame(run);
  };
  const start = (button) => {
    // A sound of its own: the players are drawn anew when the evidence comes.
    const source = document.querySelector('[data-play=clip] audio');
    if (!source) return;
    document.querySelectorAll('[data-play] audio').forEach((other) => other.pause());
    const sound = new Audio(source.src);
    loop = {sound, button};
    button.setAttribute('aria-pressed', 'true');
    // Frames are not drawn in a tab behind others: there the sound's own clock leads it back.
    sound.addEventListener('timeupdate', again);
    sound.addEventListener('ended', again);
    sound.addEventListener('pause', () => { if (!sound.ended) stop(); });
    sound.currentTime = span(button)[0];
    sound.play().then(run, stop);
  };
  const press = (button) => {
    const pressed = loop && loop.button === button;
    stop();
    if (!pressed) start(button);
  };

  // What sounds goes on there; where nothing does, the clip begins.
  const playFrom = (seconds) => {
    stop();
    const sounds = [...document.querySelectorAll('#ss-where [data-play] audio')];
    const sound = sounds.find((each) => !each.paused) || document.querySelector('[data-play=clip] audio');
    if (!sound) return;
    sound.currentTime = seconds;
    window.spoofscope.place(seconds);
    if (sound.paused) sound.closest('button').click();
  };

  document.addEventListener('click', (event) => {
    const button = event.target.closest('.ss-loop');
    if (button) { press(button); return; }
    if (event.target.closest('[data-play]')) { stop(); return; }
    if (event.target.closest('.modebar, #ss-clip button')) return;
    const plot = event.target.closest('#ss-clip .js-plotly-plot'), layout = plot && plot._fullLayout;
    if (!layout || !layout.xaxis || !layout[RATE_AXIS]) return;
    const box = plot.getBoundingClientRect(), size = layout._size, x = event.clientX - box.left - size.l;
    if (x < 0 || x > size.w) return;
    const seconds = layout.xaxis.p2l(x), height = event.clientY - box.top - layout[RATE_AXIS]._offset;
    const within = height >= 0 && height <= layout[RATE_AXIS]._length;
    const boxed = within && buttons().find((each) => span(each)[0] <= seconds && seconds <= span(each)[1]);
    if (boxed) press(boxed); else playFrom(seconds);
  });
  document.addEventListener('keydown', (event) => { if (event.key === 'Escape') stop(); });
  // For tests: where the sound is, in seconds, or nothing where none is looped.
  window.spoofscope = {...window.spoofscope, looping: () => (loop ? loop.sound.currentTime : null)};
})();
