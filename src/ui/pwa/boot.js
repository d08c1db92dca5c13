// Starts the console. A file of its own, because the content policy allows no inline script.
const script = document.querySelector('script[data-wasm]');
import(script.dataset.js)
  .then(console_ => console_.default({ module_or_path: script.dataset.wasm }))
  // For whoever wants to know how much memory it takes, in bytes.
  .then(wasm => { window.daybookMemory = () => wasm.memory.buffer.byteLength; });
