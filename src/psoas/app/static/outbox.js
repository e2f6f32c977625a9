// What a rest leaves to be stored, until the server has said that it is. Times and names of events only, no words.
// Kept in localStorage of this browser, on this computer, unencrypted; removed as soon as it is delivered. Where the browser
// refuses that, being full or told to keep nothing, it waits in this page alone. Nothing in here throws.
const NAME = "psoas-outbox";
const GOING_ON = "psoas-current-"; // and the key of the rest
const RESTING = "psoas-rest-"; // and the entry
const PATIENCE = 20_000; // a server that hangs must not keep other tabs from delivering

let loose = []; // what waits in this page alone
const over = new Set(); // keys that are done with, should the browser not let them be taken off its list

function read(name) {
  try { return localStorage.getItem(name); } catch { return null; }
}

// Whether the browser has taken it.
function write(name, text) {
  try { localStorage.setItem(name, text); return true; } catch { return false; }
}

function drop(name) {
  try { localStorage.removeItem(name); } catch { /* it keeps nothing, or will not let go */ }
}

function stored() {
  try {
    const list = JSON.parse(read(NAME));
    return Array.isArray(list) ? list.filter((item) => !over.has(item.key)) : [];
  } catch { return []; }
}

function keep(list) {
  if (list.length) return write(NAME, JSON.stringify(list));
  drop(NAME);
  return true;
}

export function waiting() { return [...stored(), ...loose]; }

// Whether something waits in this page alone, and goes with it.
export function unkept() { return loose.length > 0; }

// Whether the browser keeps it; otherwise this page does.
export function put(item) {
  const kept = keep([...stored().filter((other) => other.key !== item.key), item]);
  loose = loose.filter((other) => other.key !== item.key);
  if (!kept) loose.push(item);
  return kept;
}

function done(key) {
  over.add(key);
  loose = loose.filter((other) => other.key !== key);
  keep(stored());
}

// A rest that is going on, written down as it is now; forgotten when it is over.
export function checkpoint(item) { return write(GOING_ON + item.key, JSON.stringify(item)); }
export function forget(key) { drop(GOING_ON + key); }

// The page of a rest holds this as long as it lives, so that no other page takes the rest for lost.
export function hold(key) { navigator.locks?.request(GOING_ON + key, () => new Promise(() => {})).catch(() => {}); }

// And this, so that the same rest is not begun in two windows; whether no other one has it. Resolves in a moment.
const mine = new Set();
export function claim(entry) {
  if (mine.has(entry) || !navigator.locks) return Promise.resolve(true);
  return new Promise((tell) => {
    navigator.locks.request(RESTING + entry, { ifAvailable: true }, (free) => {
      if (free) mine.add(entry);
      tell(Boolean(free));
      return free ? new Promise(() => {}) : null;
    }).catch(() => tell(true));
  });
}

// A checkpoint that no open page holds is a rest whose page was lost.
export async function recover() {
  let names = [];
  try { names = Object.keys(localStorage).filter((one) => one.startsWith(GOING_ON)); } catch { /* nothing is kept here */ }
  for (const name of names) {
    await navigator.locks?.request(name, { ifAvailable: true }, (free) => {
      const left = free && read(name);
      if (!left) return;
      try {
        if (put(JSON.parse(left))) drop(name);
      } catch { drop(name); } // not written by this page's like
    });
  }
}

// Hands over what waits; whether nothing waits any more. Whoever asks while it is under way gets the same answer.
let running = null;
export function deliver() {
  if (!waiting().length) return Promise.resolve(true);
  running ??= handOver().finally(() => { running = null; });
  return running;
}

// What only this page has goes at once, before anything is waited for: the page may be about to close. The rest goes one
// delivery at a time over all tabs, so that a reply of one is not undone by another's list.
async function handOver() {
  const second = [];
  const held = loose.map((item) => send(item, second));
  let all = (await Promise.all(held)).every(Boolean);
  const rest = async () => {
    for (let item = stored()[0]; item; item = stored()[0]) if (!(await send(item, second))) return false;
    return true;
  };
  if (stored().length) all = (await (navigator.locks ? navigator.locks.request(NAME, rest) : rest())) && all;
  if (all || second.length) dispatchEvent(new CustomEvent("psoas-delivered", { detail: { all, second } }));
  return all;
}

// Hands over one rest; whether it is done with. A rest that another record came before is named in `second`.
async function send(item, second) {
  try {
    const answer = await fetch(`/api/rest/${item.entry}/record`, {
      method: "POST", keepalive: true, signal: AbortSignal.timeout(PATIENCE),
      headers: { "content-type": "application/json", "idempotency-key": item.key },
      body: JSON.stringify(item.body),
    });
    // Stored, stored before, or no longer wanted (404, 410: erased meanwhile; 422: not a record).
    if (!answer.ok && ![404, 410, 422].includes(answer.status)) return false;
    if (answer.ok && (await answer.json().catch(() => ({}))).another) second.push(item.key);
  } catch { return false; }
  done(item.key);
  return true;
}
