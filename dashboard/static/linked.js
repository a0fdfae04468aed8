// The address names the run and the selection that are shown, so that a link or a page loaded anew brings them back.
(() => {
  let shown = {run: '', select: ''};
  const record = () => {
    const url = new URL(location.href);
    for (const [name, value] of Object.entries(shown)) {
      if (value) url.searchParams.set(name, value); else url.searchParams.delete(name);
    }
    if (url.href !== location.href) history.replaceState(history.state, '', url);
  };
  window.spoofscope = {
    ...window.spoofscope,
    address: (run, select) => { shown = {run, select}; record(); },
  };
  // What shows something else than what is asked for is greyed until the answer is there: another run or selection, or
  // in any case (null), where a control was pressed.
  const shownAs = {}, awaited = {};
  const mark = (id, on) => {
    const element = document.getElementById(id);
    if (!element) return;
    element.toggleAttribute('data-awaits', on);
    if (on) element.setAttribute('aria-busy', 'true'); else element.removeAttribute('aria-busy');
  };
  Object.assign(window.spoofscope, {
    asked: (ids, shows) => ids.forEach((id) => {
      awaited[id] = shows;
      mark(id, shows === null || (id in shownAs && shownAs[id] !== shows));
    }),
    answered: (ids) => ids.forEach((id) => { shownAs[id] = awaited[id]; mark(id, false); }),
  });
  // Back leads to a tab; run and selection stay as they are.
  window.addEventListener('popstate', record);
})();
