// Starts the console. A file of its own, because the content policy allows no inline script.
const { js, wasm, first } = document.querySelector('script[data-wasm]').dataset;
// The program's code is fetched beside its script, not after it.
const start = (js, wasm) => {
  const fetched = fetch(wasm);
  fetched.catch(() => {});
  return import(js).then(program => program.default({ module_or_path: fetched }));
};

// What comes before the console (src/ui/way_in.rs): the form on a new device, or that the console is missing.
let wayIn;
const begin = () => wayIn ??= start(first + '.js', first + '_bg.wasm').catch(error => { wayIn = undefined; console.error(error); });
const open = () => start(js, wasm).then(
  // For whoever wants to know how much memory it takes, in bytes.
  exports => { window.daybookMemory = () => exports.memory.buffer.byteLength; },
  error => { console.error(error); begin().then(() => dispatchEvent(new Event('daybook-missing'))); });
addEventListener('daybook-again', open);

// A tablet of a store has left a mark (src/ui/marker.rs).
const isTablet = () => { try { return !!localStorage.getItem('daybook.marker'); } catch { return true; } };
if (isTablet()) open(); else begin().then(open);
