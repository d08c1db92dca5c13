// Runs in every page of a bench before anything else: notes how long writes take and when things are first painted.
// The whole history is kept on the tablet, whatever its age: that is what is measured.
try {
  const key = 'daybook.preferences';
  if (!localStorage.getItem(key)) localStorage.setItem(key, JSON.stringify({ history_months: 0 }));
} catch {
  // A page without an origin has no storage.
}
window.daybookTimings = [];
window.writes = [];
window.firsts = {};
window.longTasks = [];
const transaction = IDBDatabase.prototype.transaction;
IDBDatabase.prototype.transaction = function (...how) {
  const begun = performance.now();
  const made = transaction.apply(this, how);
  if (how[1] === 'readwrite') {
    made.addEventListener('complete', () => window.writes.push([(how[2] || {}).durability || 'default', performance.now() - begun, begun]));
  }
  return made;
};
const painted = () => new Promise(done => requestAnimationFrame(() => { const c = new MessageChannel(); c.port1.onmessage = done; c.port2.postMessage(0); }));
new MutationObserver(() => {
  for (const [kind, css] of [['order-row', '.virtual .order-row'], ['tile', '.virtual .tile'], ['form', '.enrol form']]) {
    if (kind in window.firsts || !document.querySelector(css)) continue;
    window.firsts[kind] = performance.now();
    painted().then(() => { window.firsts[kind + ' painted'] = performance.now(); });
  }
}).observe(document, { childList: true, subtree: true });
new PerformanceObserver(list => window.longTasks.push(...list.getEntries().map(e => e.duration))).observe({ type: 'longtask', buffered: true });

const seen = (what, since) => new Promise(done => {
  const look = () => { const found = what(); if (found && found !== since) { observer.disconnect(); done(found); } };
  const observer = new MutationObserver(look);
  observer.observe(document, { childList: true, subtree: true, attributes: true });
  look();
});

// The journal's entry, counters, the cart; and as an order elsewhere would have: the order and its index.
const RAW_SIZES = [900, 120, 160, 350, 60];

// Sells one piece of something so many times; how long each took from the tap on "cash" to "taken" on the screen.
window.sell = async (name, times, pause = 0) => {
  const took = [];
  const number = () => { const t = document.querySelector('[data-taken]'); return t && t.dataset.taken; };
  for (let i = 0; i < times; i++) {
    const before = number();
    const tile = [...document.querySelectorAll('.virtual .tile')].find(t => t.textContent.includes(name));
    tile.click();
    // A hand takes a moment from one button to the next; the cart is kept meanwhile.
    if (pause) await new Promise(done => setTimeout(done, pause));
    const cash = await seen(() => { const b = document.querySelector('[data-tender=cash]'); return b && !b.disabled && b; });
    const begun = performance.now();
    cash.click();
    await seen(number, before);
    await painted();
    took.push(performance.now() - begun);
    if (pause) {
      await new Promise(done => setTimeout(done, pause));
      // Beside each of ours a raw one, in the same breath.
      await window.rawWrites(1, RAW_SIZES);
      await new Promise(done => setTimeout(done, pause));
    }
  }
  window.sold = took;
};

// A raw strict transaction of as many records, as large, into a database of its own.
window.rawWrites = async (times, sizes) => {
  const stores = sizes.map((_, i) => 's' + i);
  if (!window.rawDb) {
    const request = indexedDB.open('bench-raw', 1);
    request.onupgradeneeded = () => stores.forEach(s => request.result.createObjectStore(s));
    window.rawDb = await new Promise(done => { request.onsuccess = () => done(request.result); });
    window.rawTook = [];
  }
  const db = window.rawDb;
  for (let n = 0; n < times; n++) {
    const begun = performance.now();
    const tx = transaction.call(db, stores, 'readwrite', { durability: 'strict' });
    sizes.forEach((size, i) => tx.objectStore('s' + i).put(new Uint8Array(size).fill(n), i === 0 ? n : 1));
    tx.commit();
    await new Promise(done => { tx.oncomplete = done; });
    window.rawTook.push(performance.now() - begun);
  }
};

// Scrolls a list by so many pixels a frame; time between frames and time in our own handlers.
window.scrollList = async (frames, step) => {
  const list = document.querySelector('.virtual');
  const between = [], own = [];
  let nodes = 0, last = 0;
  for (let i = 0; i < frames; i++) {
    await new Promise(done => requestAnimationFrame(now => { if (last) between.push(now - last); last = now; done(); }));
    const begun = performance.now();
    list.scrollTop += step;
    list.dispatchEvent(new Event('scroll'));
    // What was asked for is done in microtasks, and what those ask for in further ones.
    for (let turn = 0; turn < 30; turn++) await Promise.resolve();
    own.push(performance.now() - begun);
    nodes = Math.max(nodes, list.querySelectorAll('.order-row').length);
  }
  window.scrolled = { between, own, nodes };
};
