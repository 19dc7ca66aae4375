// Proofs as data: what they may hold, how an address holds them, and what this tab keeps.
//
//   {version: 1, frame: {given: {mu: "real()"}, meanings: {q: "…"}}, lines: [[text, reason], …]}
//
// kl_utils/derivation/proof_texts.py reads the same, and says what the texts may be.

(() => {
  const PREFIX = "#proof=";
  const LONGEST = 8000; // characters of an address after the page's own
  const KEPT = "kl-workbench";
  const [MOST_NAMES, MOST_LINES] = [20, 60];
  const [NAME, KIND, TEXT] = [60, 200, 1000]; // characters

  const isText = (value, longest) => typeof value === "string" && value.length <= longest;
  const isObject = (value) => Boolean(value) && typeof value === "object" && !Array.isArray(value);
  const hasOnly = (value, ...names) =>
    isObject(value) && Object.keys(value).sort().join() === names.sort().join();

  function areTexts(value, longest) {
    if (!isObject(value)) return false;
    const pairs = Object.entries(value);
    const isPair = ([name, text]) => isText(name, NAME) && isText(text, longest);
    return pairs.length <= MOST_NAMES && pairs.every(isPair);
  }

  function isProof(value) {
    if (!hasOnly(value, "version", "frame", "lines") || value.version !== 1) return false;
    const { frame, lines } = value;
    if (!hasOnly(frame, "given", "meanings")) return false;
    if (!areTexts(frame.given, KIND) || !areTexts(frame.meanings, TEXT)) return false;
    const isLine = (line) =>
      Array.isArray(line) && line.length === 2 && line.every((part) => isText(part, TEXT));
    return Array.isArray(lines) && lines.length <= MOST_LINES && lines.every(isLine);
  }

  /** What a text says in JSON. Signs without a shape are left out: what is seen is what is there. */
  function parsed(text) {
    const seen = (part) => (typeof part === "string" ? part.replace(/\p{C}/gu, "") : part);
    return JSON.parse(text, (_, part) => seen(part));
  }

  /** What stands behind the address of the page; longer than can be, it is nothing. */
  function toFragment(proof) {
    const bytes = new TextEncoder().encode(JSON.stringify(proof));
    const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
    const fragment = PREFIX + text.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
    return fragment.length <= LONGEST ? fragment : undefined;
  }

  /** The proof that an address holds, or nothing. */
  function fromFragment(fragment) {
    if (!fragment.startsWith(PREFIX) || fragment.length > LONGEST) return undefined;
    try {
      const text = atob(fragment.slice(PREFIX.length).replace(/-/g, "+").replace(/_/g, "/"));
      const bytes = Uint8Array.from(text, (sign) => sign.charCodeAt(0));
      const value = parsed(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
      return isProof(value) ? value : undefined;
    } catch {
      return undefined;
    }
  }

  /** Keep a proof in this tab until it is closed, and whether it came with an address. */
  function keep({ proof, isShared }) {
    try {
      sessionStorage.setItem(KEPT, JSON.stringify({ proof, isShared }));
    } catch {
      // Where the browser refuses, a reload loses it.
    }
  }

  /** What this tab keeps, or nothing. */
  function kept() {
    try {
      const { proof, isShared } = parsed(sessionStorage.getItem(KEPT));
      return isProof(proof) ? { proof, isShared } : undefined;
    } catch {
      return undefined;
    }
  }

  kl.proofs = { LONGEST, PREFIX, isProof, toFragment, fromFragment, keep, kept };
})();
