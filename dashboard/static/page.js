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
    tell(dark);
  });
  new MutationObserver(() => document.body && apply()).observe(document.documentElement, {childList: true});
  document.addEventListener('DOMContentLoaded', apply);
})();
