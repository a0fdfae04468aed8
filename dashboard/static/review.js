// Judging disputed clips: the desk hides the rest of its view; keys press its buttons; the reviewer's name stays here.
(() => {
  const NAME = 'spoofscope-reviewer';
  const desk = () => document.querySelector('.ss-reviewing #review');
  const typing = (element) => element.matches('textarea, select, [contenteditable], input:not([type=radio]):not([type=checkbox])');
  const focus = () => { const here = desk(); if (here) { here.tabIndex = -1; here.focus({preventScroll: true}); } };
  const acts = {
    note: () => desk().querySelector('#review-note :is(textarea, input)')?.focus(),
    play: () => {
      const sound = desk().querySelector('#review-clip audio');
      if (sound) { if (sound.paused) sound.play(); else sound.pause(); }
    },
  };
  document.addEventListener('click', (event) => {
    const button = event.target.closest?.('[data-reviewing], #review-keys button');
    if (!button) return;
    const mode = button.dataset.reviewing;
    if (mode) button.closest('.ss-view').classList.toggle('ss-reviewing', mode === 'on');
    acts[button.dataset.review]?.();
    // Space plays: it must not press the button that was pressed last.
    if (event.detail && button.dataset.review !== 'note' || mode) focus();
  });
  document.addEventListener('keydown', (event) => {
    const here = desk(), at = document.activeElement || document.body;
    if (!here || !here.checkVisibility() || event.ctrlKey || event.metaKey || event.altKey) return;
    if (at !== document.body && !here.contains(at)) return;
    if (typing(at)) { if (event.key === 'Escape') focus(); return; }
    if (event.key === ' ' && at.matches('button, input, audio, a, summary')) return;
    const arrow = {ArrowRight: 'j', ArrowLeft: 'k'}[event.key];
    if (arrow && at.matches('input, audio')) return;
    const key = event.key === ' ' ? 'space' : arrow || event.key.toLowerCase();
    const button = [...here.querySelectorAll('#review-keys button')].find((each) => each.dataset.key === key);
    if (!button) return;
    event.preventDefault();
    button.click();
  });
  window.spoofscope = {
    ...window.spoofscope,
    // Without a name returns the one that is kept.
    reviewer: (name) => {
      try {
        if (name !== undefined) localStorage.setItem(NAME, name || '');
        return localStorage.getItem(NAME) || '';
      } catch { return name || ''; }
    },
  };
})();
