// One ticket for input and result: what carries another one is of a recording that was removed or replaced.
(() => {
  const KEY = 'spoofscope-visit';
  const word = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');
  let {visitor, number, own} = JSON.parse(sessionStorage.getItem(KEY) || '{}');
  visitor = visitor || word();
  number = number || 0;
  const keep = () => {
    sessionStorage.setItem(KEY, JSON.stringify({visitor, number, own}));
    mark('ss-own', Boolean(own));
  };
  // On the tab's own frame: Gradio puts its container before every selector of the page's sheet.
  const mark = (name, on) => document.getElementById('ss-answer')?.classList.toggle(name, on);
  const ticket = () => `${visitor}.${number}`;
  const next = (has = true) => {
    number += 1;
    own = has;
    keep();
    guard();
    return ticket();
  };
  // Gradio may still hand over what was on its way: it is taken out before the browser paints it.
  const guard = () => {
    document.querySelectorAll('[data-recording]').forEach((frame) => {
      if (frame.dataset.recording !== ticket() && frame.childNodes.length) frame.replaceChildren();
    });
    document.querySelectorAll('#ss-clip .js-plotly-plot, #ss-error-map .js-plotly-plot').forEach((plot) => {
      const meta = plot.layout && plot.layout.meta;
      const hidden = meta && meta.recording && meta.recording !== ticket() ? 'hidden' : '';
      if (plot.style.visibility !== hidden) plot.style.visibility = hidden;
    });
  };
  new MutationObserver(() => { guard(); mark('ss-own', Boolean(own)); }).observe(document.documentElement, {childList: true, subtree: true});
  keep();
  window.spoofscope = {...window.spoofscope, ticket, next, mark};
})();

// A recording is dropped in anywhere (unless the open tab takes files of its own), chosen, or taken from the examples; the cross takes it away again.
(() => {
  const {ticket, next, mark} = window.spoofscope;
  let sending = null;
  const ask = (detail) => document.dispatchEvent(new CustomEvent('spoofscope', {detail}));
  const note = (text) => {
    const line = document.querySelector('.ss-drop-note');
    if (line) line.textContent = text;
  };
  const megabytes = (bytes) => (bytes / 1048576).toFixed(bytes < 10485760 ? 1 : 0);
  const stop = () => { if (sending) sending.abort(); sending = null; };
  const showAnalyse = () => {
    const tab = document.querySelector('[role=tab][data-tab-id=analyse]');
    if (tab && tab.getAttribute('aria-selected') !== 'true') tab.click();
  };
  const send = (file) => {
    const mine = next(), request = new XMLHttpRequest(), body = new FormData();
    sending = request;
    body.append('files', file);
    request.upload.onprogress = (event) => {
      note(`Uploading ${file.name}: ${megabytes(event.loaded)} of ${megabytes(event.total)} MB.`);
    };
    request.onload = () => {
      if (mine !== ticket()) return;
      sending = null;
      note('');
      if (request.status === 200) ask({kind: 'file', stored: JSON.parse(request.responseText)[0], name: file.name});
      else refuse(request.status === 413 ? tooLarge(file) : `${file.name} could not be uploaded (status ${request.status}): try again.`);
    };
    request.onerror = () => {
      if (mine === ticket()) refuse(`${file.name} could not be uploaded: check that the page is still being served, and try again.`);
    };
    request.open('POST', `gradio_api/upload?upload_id=${mine.replace('.', '')}`);
    request.send(body);
  };
  const refuse = (text) => { remove(); note(text); };
  const limit = () => Number(document.querySelector('.ss-drop').dataset.maxMb);
  const tooLarge = (file) => `${file.name} has ${megabytes(file.size)} MB and at most ${limit()} MB are taken: ` +
    'cut out the part to examine, or compress it (FLAC, Opus, MP3).';
  const take = (files, folders) => {
    showAnalyse();
    if (folders) return note('A folder cannot be analysed: drop the recordings in it.');
    if (!files.length) return note('Nothing that was dropped is a file: drop a recording from your computer.');
    if (files.length > 1 || window.spoofscope.isListing()) return window.spoofscope.add(files, false);
    const file = files[0];
    if (file.size > limit() * 1048576) return note(tooLarge(file));
    if (file.size === 0) return note(`${file.name} is empty (0 bytes): record or export it again.`);
    stop();
    note('');
    send(file);
  };
  const open = (detail) => {
    stop();
    note('');
    next();
    window.scrollTo({top: 0});
    ask(detail);
  };
  const remove = () => {
    stop();
    next(false);
    note('');
    ask({kind: 'remove'});
  };
  document.addEventListener('change', (event) => {
    if (!event.target.matches('.ss-drop input[type=file]') || !event.target.files.length) return;
    const files = [...event.target.files];
    // The same file may be chosen again.
    event.target.value = '';
    take(files, false);
  });
  const hasFiles = (event) => event.dataTransfer && [...event.dataTransfer.types].includes('Files');
  for (const kind of ['dragenter', 'dragover', 'dragleave', 'drop']) {
    document.addEventListener(kind, (event) => {
      if (!event.dataTransfer) return;
      event.preventDefault();
      event.stopPropagation();
      const leaves = kind === 'drop' || (kind === 'dragleave' && !event.relatedTarget);
      mark('ss-dragging', hasFiles(event) && !leaves);
      if (kind !== 'drop') return;
      const other = [...document.querySelectorAll('[data-takes-drops]')].find((zone) => zone.checkVisibility());
      if (other) {
        const detail = {files: [...event.dataTransfer.files]};
        return other.dispatchEvent(new CustomEvent('ss-drop', {bubbles: true, detail}));
      }
      const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry && item.webkitGetAsEntry());
      take([...event.dataTransfer.files], entries.some((entry) => entry && entry.isDirectory));
    }, true);
  }
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-act]');
    if (!button) return;
    if (button.dataset.act === 'remove') remove();
    if (button.dataset.act === 'example') open({kind: 'example', value: button.dataset.value});
  });
  window.spoofscope = {...window.spoofscope, open, limit, megabytes, tooLarge};
})();

// The open tab stands in the address: links, Back and a page loaded anew lead to it.
(() => {
  const tabs = () => [...document.querySelectorAll('#ss-tabs [role=tab][data-tab-id]')];
  const named = () => {
    const asked = location.hash.slice(1) || new URLSearchParams(location.search).get('tab') || 'analyse';
    return tabs().find((tab) => tab.dataset.tabId === asked) || null;
  };
  const isOpen = (tab) => tab.getAttribute('aria-selected') === 'true';
  const follow = () => {
    const tab = named();
    if (tab && !isOpen(tab)) tab.click();
  };
  let ready = false;
  const record = () => {
    const open = tabs().find(isOpen);
    if (!open) return;
    if (!ready) {
      // Tabs are mounted one after the other, and take a click only then.
      const asked = named();
      if (asked && isOpen(asked)) ready = true;
      else if (asked) asked.click();
      return;
    }
    const id = open.dataset.tabId;
    if ((location.hash.slice(1) || 'analyse') === id) return;
    const url = new URL(location.href);
    url.searchParams.delete('tab');
    url.hash = id;
    // A link with ?tab= becomes the same entry with #.
    history[new URLSearchParams(location.search).has('tab') ? 'replaceState' : 'pushState'](null, '', url);
  };
  new MutationObserver(record).observe(document.documentElement, {
    childList: true, subtree: true, attributes: true, attributeFilter: ['aria-selected'],
  });
  // Whoever presses a tab goes there, whatever the address asked for.
  document.addEventListener('click', (event) => {
    if (event.isTrusted && event.target.closest('#ss-tabs [role=tab]')) ready = true;
  }, true);
  window.addEventListener('popstate', follow);
  window.addEventListener('hashchange', follow);
})();
