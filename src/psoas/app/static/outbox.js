// What a rest leaves to be stored, until the server has said that it is. Times and names of events only, no words.
// Kept in localStorage of this browser, on this computer, unencrypted; removed as soon as it is delivered.
const NAME = "psoas-outbox";
const GOING_ON = "psoas-current-"; // and the key of the rest
const PATIENCE = 20_000; // a server that hangs must not keep other tabs from delivering

export function waiting() {
  try { return JSON.parse(localStorage.getItem(NAME)) ?? []; } catch { return []; }
}

function keep(list) {
  if (list.length) localStorage.setItem(NAME, JSON.stringify(list));
  else localStorage.removeItem(NAME);
}

export function put(item) {
  keep([...waiting().filter((other) => other.key !== item.key), item]);
}

// A rest that is going on, written down as it is now; forgotten when it is over.
export function checkpoint(item) { localStorage.setItem(GOING_ON + item.key, JSON.stringify(item)); }
export function forget(key) { localStorage.removeItem(GOING_ON + key); }

// The page of a rest holds this as long as it lives, so that no other page takes the rest for lost.
export function hold(key) { navigator.locks?.request(GOING_ON + key, () => new Promise(() => {})); }

// A checkpoint that no open page holds is a rest whose page was lost.
export async function recover() {
  for (const name of Object.keys(localStorage).filter((one) => one.startsWith(GOING_ON))) {
    await navigator.locks?.request(name, { ifAvailable: true }, (free) => {
      const left = free && localStorage.getItem(name);
      if (!left) return;
      put(JSON.parse(left));
      localStorage.removeItem(name);
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

// One delivery at a time over all tabs, so that a reply of one is not undone by another's list.
async function handOver() {
  const all = await navigator.locks.request(NAME, async () => {
    for (let item = waiting()[0]; item; item = waiting()[0]) {
      try {
        const answer = await fetch(`/api/rest/${item.entry}/record`, {
          method: "POST", keepalive: true, signal: AbortSignal.timeout(PATIENCE),
          headers: { "content-type": "application/json", "idempotency-key": item.key },
          body: JSON.stringify(item.body),
        });
        // Stored, stored before, or no longer wanted (404, 410: erased meanwhile; 422: not a record).
        if (!answer.ok && ![404, 410, 422].includes(answer.status)) return false;
      } catch { return false; }
      keep(waiting().filter((other) => other.key !== item.key));
    }
    return true;
  });
  if (all) dispatchEvent(new Event("psoas-delivered"));
  return all;
}
