// A case is made and saved; a recording of before is opened again, or forgotten, here and on the server.
(() => {
  const {ticket, next} = window.spoofscope;
  const ask = (detail) => document.dispatchEvent(new CustomEvent('spoofscope', {detail}));
  const acts = {
    keep: () => ask({kind: 'keep'}),
    reopen: (number) => {
      next();
      window.scrollTo({top: 0});
      ask({kind: 'reopen', number});
    },
    // The recording that is shown goes as by its cross; one of before, from the list alone.
    forget: (number) => (number === undefined ? document.querySelector('.ss-remove').click() : ask({kind: 'forget', number})),
  };
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-keep]');
    if (button) acts[button.dataset.keep](button.dataset.number === undefined ? undefined : Number(button.dataset.number));
  });
  new MutationObserver(() => {
    for (const link of document.querySelectorAll('a[data-save]')) {
      const mine = link.closest('[data-recording]')?.dataset.recording === ticket();
      link.removeAttribute('data-save');
      if (mine) link.click();
    }
  }).observe(document.documentElement, {childList: true, subtree: true});
})();
