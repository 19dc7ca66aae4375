// The worker behind engine.js. It loads Python once, and answers one job after the other.

const TYPES = { json: "application/json", mjs: "text/javascript", wasm: "application/wasm" };
const NOWHERE = "https://from-disk.invalid/"; // an address that is never asked

let address = (file) => new URL(file, import.meta.url).href;
let python;

onmessage = ({ data: { files, job } }) => {
  if (files) takeFilesFrom(files);
  if (job) respond(job);
};

async function respond(job) {
  try {
    const answer = await (python ??= load());
    postMessage({ begins: true, progress: "Checking …", share: 1 });
    postMessage({ result: JSON.parse(answer(JSON.stringify(job))) });
  } catch (error) {
    // After a fatal error Python is in no state to go on: engine.js ends this worker.
    postMessage({ failure: inWords(String(error)) });
  }
}

function inWords(error) {
  if (/call stack|recursion/i.test(error)) {
    return "A line is nested too deeply for this page. Split it into steps.";
  }
  const reason = error.trim().split("\n").pop();
  return `Python failed in this page (${reason}). The next check starts it anew.`;
}

async function load() {
  const manifest = await fetched("pyodide/MANIFEST.json");
  const stopCounting = countWhatIsLoaded(await manifest.json());
  const [{ loadPyodide }, { default: createPyodideModule }] = await Promise.all([
    import(address("pyodide/pyodide.mjs")),
    import(address("pyodide/pyodide.asm.mjs")),
  ]);
  const folder = address("pyodide/");
  const pyodide = await loadPyodide({
    indexURL: folder,
    packageBaseUrl: folder, // else Pyodide knows a host of its own
    createPyodideModule,
    packages: ["numpy"],
    checkIntegrity: true,
    stdout: () => {},
    stderr: () => {},
  });
  stopCounting();
  const code = await fetched("kl_utils.zip");
  pyodide.unpackArchive(await code.arrayBuffer(), "zip");
  return pyodide.pyimport("answer").answer;
}

/** Fetch a file that changes with the course: the browser asks whether its copy is still good. */
async function fetched(file) {
  const response = await fetch(address(file), { cache: "no-cache" });
  if (!response.ok) throw new Error(`${file} could not be loaded`);
  return response;
}

/** Report the share of the files that has come, while Pyodide fetches them. */
function countWhatIsLoaded({ files }) {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const size = `${Math.round(total / 1e6)} MB`;
  const plainFetch = self.fetch;
  let loaded = 0;
  let shown = -1;

  function add(bytes) {
    loaded += bytes;
    const share = Math.min(1, loaded / total);
    const percent = Math.floor(100 * share);
    if (percent === shown) return;
    shown = percent;
    postMessage({ progress: `Loading Python: ${percent} % of ${size}. Your browser keeps it for the next time.`, share });
  }

  self.fetch = async (...request) => {
    const response = await plainFetch(...request);
    if (!response.ok || !response.body) return response;
    // Not a stream of our own making: the browser keeps what it compiled of a response as it came.
    countBytes(response.clone().body.getReader(), add).catch(() => {});
    return response;
  };
  // These are imported, which nobody can watch.
  for (const { file, bytes } of files) if (file.endsWith(".mjs")) add(bytes);
  return () => (self.fetch = plainFetch);
}

async function countBytes(reader, add) {
  for (let part; !(part = await reader.read()).done; ) add(part.value.byteLength);
}

/** Answer every request from base64 texts: a page that was opened as a file may not fetch. */
function takeFilesFrom(files) {
  const bytes = (file) => {
    const text = atob(files[file]);
    const found = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) found[i] = text.charCodeAt(i);
    return found;
  };
  const type = (file) => TYPES[file.split(".").pop()] ?? "application/octet-stream";
  address = (file) =>
    file.endsWith(".mjs")
      ? URL.createObjectURL(new Blob([bytes(file)], { type: type(file) }))
      : NOWHERE + file;
  self.fetch = async (request) => {
    const file = String(request.url ?? request).replace(NOWHERE, "");
    if (!(file in files)) return new Response("", { status: 404 });
    return new Response(bytes(file), { headers: { "content-type": type(file) } });
  };
}
