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
  // Back leads to a tab; run and selection stay as they are.
  window.addEventListener('popstate', record);
})();
