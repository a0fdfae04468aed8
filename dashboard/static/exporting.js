// Beside each figure a menu that saves it as PNG, SVG or HTML, beside each table one that saves it as CSV or Parquet.
(() => {
  const MENU = 'ss-export';
  const name = (element) => {
    const frame = element.closest('.ss-pane, .ss-card'), heading = frame && frame.querySelector('h2, h3');
    const text = (heading ? heading.textContent : 'spoofscope').trim().toLowerCase();
    return text.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '').slice(0, 60) || 'spoofscope';
  };
  const save = (content, file, type) => {
    const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], {type}));
    Object.assign(document.createElement('a'), {href: url, download: file}).click();
    setTimeout(() => URL.revokeObjectURL(url), 60000);
  };

  // Figures. What travels as typed arrays is written as plain lists; a script's end in a text may not end the script.
  const plain = (value) => JSON.stringify(value, (_, one) => (ArrayBuffer.isView(one) ? Array.from(one) : one))
    .replace(/</g, '\\u003c');
  const page = async (plot, title) => {
    const script = await (await fetch('figures/plotly.min.js')).text();
    const layout = {...plot.layout, width: undefined, autosize: true};
    const dark = document.body.classList.contains('dark'), ground = getComputedStyle(document.body).backgroundColor;
    // Written so that this file can itself stand inside a script of the page.
    const open = '\x3cscript>', close = '\x3c/script>';
    return `<!doctype html><html><head><meta charset="utf-8"><title>${title}</title><style>body{margin:24px;background:${ground};color-scheme:${dark ? 'dark' : 'light'}}</style>`
      + `${open}${script.replace(/<\/(script)/gi, '\x3c\\/$1')}${close}</head><body><div id="figure"></div>`
      + `${open}Plotly.newPlot('figure', ${plain(plot.data)}, ${plain(layout)}, {responsive: true});${close}</body></html>`;
  };
  const saveFigure = async (plot, ending) => {
    const file = name(plot);
    if (ending === 'html') { save(await page(plot, file), `${file}.html`, 'text/html'); return; }
    const {width, height} = plot._fullLayout, scale = ending === 'png' ? 2 : 1;
    // The figure's own ground is clear: on paper and in a reader of pictures it needs one.
    const ground = getComputedStyle(document.body).getPropertyValue('--ss-card') || '#ffffff';
    const layout = {...plot.layout, paper_bgcolor: ground.trim(), width, height};
    const url = await window.Plotly.toImage({data: plot.data, layout}, {format: ending, width, height, scale});
    save(await (await fetch(url)).blob(), `${file}.${ending}`);
  };

  // Tables. A cell that would begin a formula in a spreadsheet has an apostrophe before it; a dash alone means no value.
  const cell = (text) => {
    const safe = /^([=+@\t\r\0]|-(?![\d.]+$)[^])/.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
  };
  const words = (element) => {
    const copy = element.cloneNode(true);
    copy.querySelectorAll('[aria-hidden=true], button, script').forEach((part) => part.remove());
    return copy.textContent.replace(/\s+/g, ' ').trim();
  };
  const rows = (table) => [...table.rows].map((row) => [...row.cells].map(words));
  // Of a table in pages only one is here: whoever made it writes all of its rows.
  const pages = (table) => (table.closest('.ss-tall, .ss-scroll') || table).parentElement.querySelector(':scope > .ss-pager');
  const saveTable = (table, ending) => {
    const pager = pages(table), open = pager?.querySelector('[aria-current]');
    if (open) {
      table.dispatchEvent(new CustomEvent('ss-whole', {bubbles: true, detail: {save: ending, page: Number(open.dataset.page)}}));
      return;
    }
    const [head, ...body] = rows(table), file = name(table);
    if (ending === 'csv') { save('\ufeff' + [head, ...body].map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n', `${file}.csv`, 'text/csv'); return; }
    const box = document.querySelector('#ss-table-request textarea, #ss-table-request input');
    box.value = JSON.stringify({name: file, head, rows: body, at: Date.now()});
    box.dispatchEvent(new Event('input', {bubbles: true}));
  };

  const menu = (kind, endings) => {
    const details = document.createElement('details');
    details.className = `ss-menu ${MENU}`;
    details.innerHTML = `<summary title="Save this ${kind}" aria-label="Save this ${kind}">⤓</summary><div class="ss-drawer">`
      + endings.map((ending) => `<button type="button" data-save="${ending}">${ending === 'parquet' ? 'Parquet' : ending.toUpperCase()}</button>`).join('') + '</div>';
    return details;
  };
  const furnish = () => {
    for (const plot of document.querySelectorAll('.ss-view .js-plotly-plot')) {
      const frame = plot.parentElement;
      if (!plot._fullData || !frame || frame.querySelector(`:scope > .${MENU}`)) continue;
      const made = menu('figure', ['png', 'svg', 'html']);
      made.ssSave = (ending) => saveFigure(frame.querySelector('.js-plotly-plot'), ending);
      frame.style.position ||= 'relative';
      frame.append(made);
    }
    for (const table of document.querySelectorAll('.ss-view table.ss-table')) {
      const frame = table.parentElement.closest('.ss-tall, .ss-scroll') || table.parentElement;
      if (frame.previousElementSibling?.classList.contains(MENU)) continue;
      const made = menu('table', ['csv', 'parquet']);
      made.ssSave = (ending) => saveTable(table, ending);
      frame.before(made);
    }
  };
  let due = 0;
  new MutationObserver(() => { due ||= setTimeout(() => { due = 0; furnish(); }, 200); })
    .observe(document.documentElement, {childList: true, subtree: true});
  document.addEventListener('click', async (event) => {
    const button = event.target.closest(`.${MENU} [data-save]`);
    if (!button) return;
    const details = button.closest('details');
    details.open = false;
    await details.ssSave(button.dataset.save);
  });
})();
