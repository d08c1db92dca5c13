// The same orders in other libraries, each set up as its documentation advises. A page is opened as `?peer=dexie`; the
// bench calls `write`, opens the page anew, and calls `boot` and `filter`.
import Dexie from 'dexie';
import Loki from 'lokijs';
import LokiIndexedAdapter from 'lokijs/src/incremental-indexeddb-adapter.js';
import PouchDB from 'pouchdb-browser';
import PouchFind from 'pouchdb-find';
import { createRxDatabase } from 'rxdb/plugins/core';
import { getRxStorageDexie } from 'rxdb/plugins/storage-dexie';
import { createStore } from 'tinybase';
import { createIndexedDbPersister } from 'tinybase/persisters/persister-indexed-db';

const NEWEST = 50;
const chunks = (all, size) => Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
const promised = request => new Promise((ok, no) => { request.onsuccess = () => ok(request.result); request.onerror = () => no(request.error); });
const committed = tx => new Promise((ok, no) => { tx.oncomplete = () => ok(); tx.onabort = tx.onerror = () => no(tx.error); });

const raw = {
  async open() {
    const request = indexedDB.open('raw', 1);
    request.onupgradeneeded = () => {
      const store = request.result.createObjectStore('orders', { keyPath: 'id' });
      store.createIndex('placedAt', 'placedAt');
      store.createIndex('state', ['state', 'placedAt']);
    };
    this.db = await promised(request);
  },
  async write(orders) {
    for (const some of chunks(orders, 5000)) {
      const tx = this.db.transaction('orders', 'readwrite', { durability: 'relaxed' });
      const store = tx.objectStore('orders');
      for (const order of some) store.put(order);
      await committed(tx);
    }
  },
  newest() {
    return new Promise((ok, no) => {
      const found = [];
      const cursor = this.db.transaction('orders').objectStore('orders').index('placedAt').openCursor(null, 'prev');
      cursor.onsuccess = () => {
        if (!cursor.result || found.length === NEWEST) return ok(found);
        found.push(cursor.result.value);
        cursor.result.continue();
      };
      cursor.onerror = () => no(cursor.error);
    });
  },
  filter(state, since) {
    const range = IDBKeyRange.bound([state, since], [state, Infinity]);
    return promised(this.db.transaction('orders').objectStore('orders').index('state').getAll(range));
  },
};

const dexie = {
  async open() {
    this.db = new Dexie('dexie');
    this.db.version(1).stores({ orders: 'id, placedAt, [state+placedAt]' });
    await this.db.open();
  },
  async write(orders) { for (const some of chunks(orders, 5000)) await this.db.orders.bulkAdd(some); },
  newest() { return this.db.orders.orderBy('placedAt').reverse().limit(NEWEST).toArray(); },
  filter(state, since) { return this.db.orders.where('[state+placedAt]').between([state, since], [state, Dexie.maxKey]).toArray(); },
};

const text = { type: 'string', maxLength: 100 };
const whole = { type: 'number', multipleOf: 1, minimum: 0, maximum: 9e12 };
const rxdb = {
  async open() {
    this.db = await createRxDatabase({ name: 'rxdb', storage: getRxStorageDexie() });
    await this.db.addCollections({
      orders: {
        schema: {
          version: 0, primaryKey: 'id', type: 'object',
          properties: { id: text, number: text, channel: text, state: text, placedAt: whole, total: whole, paid: whole, customer: text, lines: { type: 'array' } },
          required: ['id', 'placedAt', 'state'],
          indexes: ['placedAt', ['state', 'placedAt']],
        },
      },
    });
  },
  async write(orders) { for (const some of chunks(orders, 2000)) await this.db.orders.bulkInsert(some); },
  async newest() { return (await this.db.orders.find({ sort: [{ placedAt: 'desc' }], limit: NEWEST }).exec()).map(d => d.toJSON()); },
  async filter(state, since) {
    return (await this.db.orders.find({ selector: { state, placedAt: { $gte: since } } }).exec()).map(d => d.toJSON());
  },
};

PouchDB.plugin(PouchFind);
const pouchdb = {
  async open() { this.db = new PouchDB('pouchdb', { auto_compaction: true, revs_limit: 1 }); },
  async write(orders) {
    // Its documentation asks for identifiers that sort as they are read.
    for (const some of chunks(orders, 2000)) await this.db.bulkDocs(some.map(o => ({ _id: `${o.placedAt}-${o.id}`, ...o })));
    await this.db.createIndex({ index: { fields: ['state', 'placedAt'] } });
  },
  async newest() { return (await this.db.allDocs({ include_docs: true, descending: true, limit: NEWEST, startkey: '9\uffff' })).rows.map(r => r.doc); },
  async filter(state, since) { return (await this.db.find({ selector: { state, placedAt: { $gte: since } }, limit: 1e6 })).docs; },
};

const lokijs = {
  open() {
    return new Promise(ok => {
      this.db = new Loki('lokijs', {
        adapter: new LokiIndexedAdapter(), autoload: true,
        autoloadCallback: () => {
          this.orders = this.db.getCollection('orders') || this.db.addCollection('orders', { unique: ['id'], indices: ['placedAt', 'state'] });
          ok();
        },
      });
    });
  },
  write(orders) {
    this.orders.insert(orders);
    return new Promise((ok, no) => this.db.saveDatabase(error => (error ? no(error) : ok())));
  },
  async newest() { return this.orders.chain().simplesort('placedAt', true).limit(NEWEST).data(); },
  async filter(state, since) { return this.orders.chain().find({ placedAt: { $gte: since } }).find({ state }).data(); },
};

const tinybase = {
  async open() {
    this.store = createStore();
    this.persister = createIndexedDbPersister(this.store, 'tinybase');
    await this.persister.load();
  },
  async write(orders) {
    const table = {};
    // Cells hold primitives.
    for (const { id, lines, ...rest } of orders) table[id] = { ...rest, lines: JSON.stringify(lines) };
    this.store.setTable('orders', table);
    await this.persister.save();
  },
  async newest() { return this.store.getSortedRowIds('orders', 'placedAt', true, 0, NEWEST).map(id => this.store.getRow('orders', id)); },
  async filter(state, since) {
    const found = [];
    this.store.forEachRow('orders', id => {
      const row = this.store.getRow('orders', id);
      if (row.state === state && row.placedAt >= since) found.push(row);
    });
    return found;
  },
};

const peer = { raw, dexie, rxdb, pouchdb, lokijs, tinybase }[new URLSearchParams(location.search).get('peer')];

async function timed(run) {
  const begun = performance.now();
  const result = await run();
  return [performance.now() - begun, result];
}

const median = times => times.sort((a, b) => a - b)[Math.floor(times.length / 2)];

window.bench = {
  async write() {
    const orders = await (await fetch('/orders.json')).json();
    await peer.open();
    const [ms] = await timed(() => peer.write(orders));
    return { ms };
  },
  async boot() {
    const [ms, found] = await timed(async () => { await peer.open(); return peer.newest(); });
    return { ms, found: found.length, first: found[0] && found[0].number };
  },
  async filter(state, since) {
    await peer.open();
    const times = [];
    let found;
    for (let i = 0; i < 5; i++) {
      const [ms, rows] = await timed(() => peer.filter(state, since));
      times.push(ms);
      found = rows.length;
    }
    return { ms: median(times), found };
  },
  async disk() {
    const { usage, usageDetails } = await navigator.storage.estimate();
    return { bytes: (usageDetails && usageDetails.indexedDB) || usage };
  },
};
window.ready = true;
