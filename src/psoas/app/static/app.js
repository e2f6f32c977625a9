// On every page: hand over what waited while the server was away, and small conveniences. All pages work without it.
import { deliver, recover } from "./outbox.js";

// The session page does it before it offers to begin.
if (!document.getElementById("session-data")) recover().then(deliver);
setInterval(deliver, 10_000); // for a page that stays open until psoas is back; asks nothing while nothing waits
addEventListener("psoas-delivered", ({ detail }) => {
  if (detail.second.length && !document.getElementById("session-data")) {
    note("A rest that had waited in this browser was handed over. Another window had handed over the same rest before, and that one is kept.");
  }
});

// A tick takes "none of these" back; "none of these" takes no tick back, so that no warning sign goes unseen.
document.addEventListener("change", ({ target: box }) => {
  if (box.type !== "checkbox" || !box.checked) return;
  const others = [...document.getElementsByName(box.name)].filter((other) => other !== box);
  if ("none" in box.dataset) box.checked = !others.some((other) => other.checked);
  else for (const other of others) if ("none" in other.dataset) other.checked = false;
});

document.addEventListener("click", ({ target }) => { if (target.closest("[data-print]")) window.print(); });

// Forms are sent from here, since a browser keeps what it has sent itself on the disk, to restore a page whose form came
// back, long after everything has been erased. And where psoas does not run, what was written stays where it is.
let sending = false;
document.addEventListener("submit", async (sent) => {
  const form = sent.target;
  if (form.method !== "post") return;
  const fields = new FormData(form, sent.submitter);
  sent.preventDefault();
  if (sending) return;
  sending = true;
  try {
    const answer = await fetch(form.action, {
      method: "POST", headers: { accept: "text/html" },
      body: form.enctype === "multipart/form-data" ? fields : new URLSearchParams(fields),
    });
    if (answer.redirected) { leave(answer.url); return; }
    if (answer.headers.get("content-type")?.startsWith("text/html")) show(await answer.text());
    else save(await answer.blob(), answer.headers.get("content-disposition"));
    sending = false;
  } catch {
    sending = false;
    say(form, "psoas does not answer. What you wrote is still here; once psoas runs again, this can be sent again.");
  }
});

// Until the next page is there, a second press sends nothing; unless the way there was broken off.
function leave(address) {
  setTimeout(() => { sending = false; }, 5_000);
  location.assign(address);
}
addEventListener("pageshow", ({ persisted }) => { if (persisted) sending = false; });

// A page in place of this one, at the same address.
function show(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  document.title = page.title;
  document.body = document.adoptNode(page.body);
  stand();
  document.dispatchEvent(new Event("psoas-page"));
  if (!document.getElementById("problem")) { document.getElementById("main").focus(); window.scrollTo(0, 0); }
}

function save(file, disposition) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = disposition?.match(/filename="([^"]+)"/)?.[1] ?? "psoas";
  link.click();
  URL.revokeObjectURL(link.href);
}

function note(words) {
  const box = Object.assign(document.createElement("p"), { className: "said", textContent: words });
  box.setAttribute("role", "status");
  document.getElementById("main").prepend(box);
}

function say(form, words) {
  document.getElementById("problem")?.remove();
  const box = document.createElement("div");
  box.id = "problem";
  box.className = "problem";
  box.setAttribute("role", "alert");
  box.append(Object.assign(document.createElement("p"), { textContent: words }));
  form.before(box);
  point(box);
}

// What is wrong, under the eyes and under the fingers.
function point(box) {
  box.tabIndex = -1;
  box.focus({ preventScroll: true });
  box.scrollIntoView({ block: "center" });
}

// What a link on the page leads to may lie in a drawer.
function unfold() {
  const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let drawer = place?.closest("details"); drawer; drawer = drawer.parentElement.closest("details")) drawer.open = true;
  place?.scrollIntoView();
}
addEventListener("hashchange", unfold);

// What is done once for each page.
function stand() {
  if (location.hash) unfold();
  // The picture: asked for once the page stands.
  for (const figure of document.querySelectorAll("[data-estimate]")) {
    const waiting = figure.querySelector(".waiting");
    waiting.hidden = false;
    fetch(figure.dataset.estimate)
      .then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status)))
      .then((html) => { figure.innerHTML = html; })
      .catch(() => { waiting.textContent = figure.dataset.otherwise ?? "The picture could not be drawn now. The numbers above hold without it."; });
  }
  const problem = document.getElementById("problem");
  if (problem) point(problem);
}

document.addEventListener("psoas-stand", stand);
stand();
