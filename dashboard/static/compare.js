// Several recordings: uploaded one after the other, listed, opened one by one, and back to the list.
(() => {
  const KEY = 'spoofscope-listing';
  const {megabytes, tooLarge, limit} = window.spoofscope;
  const ask = (detail) => document.dispatchEvent(new CustomEvent('spoofscope', {detail}));
  const entries = () => Number(document.querySelector('#ss-list [data-entries]')?.dataset.entries || 0);
  let listing = sessionStorage.getItem(KEY) === 'on', queue = [], sending = false;

  // The list alone, or one recording with the list below it.
  const show = (on) => {
    listing = on;
    sessionStorage.setItem(KEY, on ? 'on' : 'off');
    look();
  };
  // On the column itself: a rule with :has() would be matched anew for all of the page whenever a figure is drawn.
  const mark = (name, on) => document.getElementById('ss-answer')?.parentElement.classList.toggle(name, on);
  const look = () => {
    mark('ss-listing', listing);
    mark('ss-listed', entries() > 1);
  };
  const note = (text) => {
    const line = document.querySelector('#ss-compare .ss-sending');
    if (line && line.textContent !== text) line.textContent = text;
  };

  const next = () => {
    if (sending || !queue.length) { if (!queue.length) note(''); return; }
    const {file, beside} = queue.shift(), {name} = file;
    const listed = (more) => { sending = false; ask({kind: 'listed', name, beside, ...more}); next(); };
    if (file.size > limit() * 1048576) { listed({problem: tooLarge(file)}); return; }
    if (file.size === 0) { listed({problem: 'It is empty (0 bytes): record or export it again.'}); return; }
    sending = true;
    const request = new XMLHttpRequest(), body = new FormData();
    body.append('files', file);
    request.upload.onprogress = (event) => {
      const more = queue.length ? ` ${queue.length} more after it.` : '';
      note(`Uploading ${name}: ${megabytes(event.loaded)} of ${megabytes(event.total)} MB.${more}`);
    };
    request.onload = () => {
      if (request.status === 200) listed({stored: JSON.parse(request.responseText)[0]});
      else listed({problem: request.status === 413 ? tooLarge(file) : `It could not be uploaded (status ${request.status}): try again.`});
    };
    request.onerror = () => listed({problem: 'It could not be uploaded: check that the page is still being served, and try again.'});
    request.open('POST', 'gradio_api/upload');
    request.send(body);
  };
  // What is added to the recording that is open stands beside it; what is dropped in stands for itself.
  const add = (files, beside) => {
    queue.push(...files.map((file) => ({file, beside})));
    show(true);
    window.scrollTo({top: 0});
    next();
  };

  document.addEventListener('change', (event) => {
    if (!event.target.matches('#ss-compare input[type=file]') || !event.target.files.length) return;
    const files = [...event.target.files];
    // The same file may be chosen again.
    event.target.value = '';
    add(files, true);
  });
  document.addEventListener('click', (event) => {
    if (event.target.closest('[data-act=list]')) { show(true); window.scrollTo({top: 0}); return; }
    const opened = event.target.closest('#ss-compare .ss-open');
    if (opened) {
      const {entry, start, end} = opened.dataset;
      show(false);
      window.spoofscope.open({kind: 'entry', value: entry, ...(start ? {start, end} : {})});
      return;
    }
    const pressed = event.target.closest('#ss-compare [data-listed]');
    if (!pressed) return;
    const {listed, value} = pressed.dataset;
    if (listed === 'clear') { queue = []; show(false); }
    ask({kind: 'listing', what: listed, value: value || ''});
  });
  document.addEventListener('DOMContentLoaded', () => {
    new MutationObserver(look).observe(document.documentElement, {childList: true, subtree: true});
  });
  window.spoofscope = {...window.spoofscope, add, isListing: () => listing};
})();
