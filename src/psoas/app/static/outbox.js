// What a rest leaves to be stored, until the server has said that it is. Times and names of events only, no words.
// Kept in localStorage of this browser, on this computer, unencrypted; removed as soon as it is delivered.
const NAME = "psoas-outbox";
const CURRENT = "psoas-current";

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

// A rest that is going on, written down as if it had been finished now; null when it is over.
export function checkpoint(item) {
  if (item) localStorage.setItem(CURRENT, JSON.stringify(item));
  else localStorage.removeItem(CURRENT);
}

// A checkpoint that no open page is adding to is a rest whose page was lost.
export async function recover() {
  await navigator.locks?.request("psoas-session", { ifAvailable: true }, (free) => {
    const left = free && localStorage.getItem(CURRENT);
    if (left) { put(JSON.parse(left)); checkpoint(null); }
  });
}

// One delivery at a time over all tabs, so that a reply of one is not undone by another's list.
export async function deliver() {
  if (!waiting().length) return true;
  return navigator.locks.request(NAME, async () => {
    for (const item of waiting()) {
      let answer;
      try {
        answer = await fetch(`/api/rest/${item.entry}/record`, {
          method: "POST", keepalive: true,
          headers: { "content-type": "application/json", "idempotency-key": item.key },
          body: JSON.stringify(item.body),
        });
      } catch { return false; }
      // Stored, stored before, or no longer wanted (404, 410: erased meanwhile; 422: not a record).
      if (answer.ok || [404, 410, 422].includes(answer.status)) keep(waiting().filter((other) => other.key !== item.key));
      else return false;
    }
    return true;
  });
}
