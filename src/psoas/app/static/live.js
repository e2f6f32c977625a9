// The set-up page: sliders that one body follows at once, and the range of others once the hand rests; and the change from
// the sources' numbers to the model's own, when these are found. Without it the same is had by typing and asking.

const LYING = ["way", "heel_distance", "foot_width", "shoulders", "height", "seat", "arms", "surface", "prop", "thickness", "layer"];
const RESTS = 500; // a hand that has not moved for so long has come to rest [ms]
let touched = false, moved = false, timer = 0, busy = false, wanted = false, asked = 0;

const form = () => document.querySelector('form[action$="/set-up"]');
const plate = () => document.querySelector(".plate");

// Every number as the form holds it now.
function lying() {
  return new URLSearchParams([...new FormData(form())].filter(([name, text]) => LYING.includes(name) && text));
}

async function follow(box) {
  if (busy) { wanted = true; return; }
  busy = true;
  const query = lying();
  query.set("theme", matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  query.set("layout", matchMedia("(min-width: 62rem)").matches ? "wide" : "narrow");
  try {
    const answer = await fetch(`${box.dataset.live}?${query}`);
    if (!answer.ok) throw new Error(String(answer.status));
    show(await answer.json());
  } catch {
    say("This could not be drawn now. What you set holds without it.");
  }
  busy = false;
  if (wanted) { wanted = false; follow(box); }
}

function show(found) {
  if (found.problem) { say(found.problem); return; }
  const figure = plate();
  figure.style.minHeight = `${figure.offsetHeight}px`; // so that nothing below it jumps
  const sketch = Object.assign(document.createElement("div"), { className: "sketch" });
  const drawn = new DOMParser().parseFromString(found.picture, "image/svg+xml").documentElement;
  sketch.append(document.adoptNode(drawn));
  figure.replaceChildren(sketch);
  document.getElementById("sentence").textContent = found.sentence;
  const sheet = document.querySelector("[data-sheet]");
  sheet.href = `${sheet.getAttribute("href").split("?")[0]}?${found.query}`;
  say(`One body of this size: ${found.rows.map(([title, text]) => `${title.toLowerCase()} ${text}`).join("; ")}.`);
}

function say(words) { document.getElementById("glimpsed").textContent = words; }

// The range of others, and the numbers below, once the hand rests.
async function settle(box) {
  const mine = ++asked, query = lying();
  const [part, page] = await Promise.all([
    fetch(`${box.dataset.estimateAt}?${query}`).then((answer) => answer.text()),
    fetch(`${form().getAttribute("action")}?${own()}`).then((answer) => answer.text()),
  ]).catch(() => [null, null]);
  if (mine !== asked || part === null) return;
  const figure = plate();
  figure.innerHTML = part;
  const picture = figure.querySelector("img");
  if (picture && !picture.complete) await new Promise((done) => { picture.onload = picture.onerror = done; });
  if (mine !== asked) return;
  figure.style.minHeight = "";
  const numbers = new DOMParser().parseFromString(page, "text/html").getElementById("numbers");
  if (numbers) document.getElementById("numbers").replaceWith(document.adoptNode(numbers));
  say("The picture shows the middle of many bodies again, and their range.");
}

// As an address of the page: what the page had filled in is left to it.
function own() {
  const query = lying();
  for (const hidden of form().querySelectorAll("[name^=shown_]")) {
    const name = hidden.name.slice("shown_".length);
    if (query.get(name) === hidden.value) query.delete(name);
  }
  return query;
}

// What else is on the picture: its boxes change the picture and the address, and nothing that is lain in.
async function layer(boxes) {
  const query = lying(), here = new URL(location.href), sheet = document.querySelector("[data-sheet]");
  const said = document.getElementById("layered"), on = [...boxes.querySelectorAll(":checked")];
  for (const address of [here, sheet]) {
    const told = new URLSearchParams(address.search);
    told.delete("layer");
    for (const one of on) told.append("layer", one.value);
    address.search = told;
  }
  history.replaceState(history.state, "", here);
  for (const link of document.querySelectorAll(".tabs a")) {
    const way = new URLSearchParams(link.search).get("way");
    link.search = new URLSearchParams([["way", way], ...on.map((one) => ["layer", one.value])]);
  }
  const figure = plate();
  if (!figure) return;
  said.textContent = "Drawing …";
  const names = on.map((one) => one.labels[0].textContent.trim());
  const done = names.length ? `On the picture: ${names.join(", ")}.` : "The picture is as it was.";
  const box = document.querySelector("[data-live]");
  if (moved && box) { // a hand that has just moved waits for the range of others as well
    clearTimeout(timer);
    await settle(box);
    said.textContent = done;
    return;
  }
  const mine = ++asked;
  const part = await fetch(`${figure.dataset.estimate.split("?")[0]}?${query}`)
    .then((answer) => (answer.ok ? answer.text() : null)).catch(() => null);
  if (mine !== asked) return;
  if (part === null) { said.textContent = "This could not be drawn now."; return; }
  figure.style.minHeight = `${figure.offsetHeight}px`;
  figure.innerHTML = part;
  const picture = figure.querySelector("img");
  if (picture && !picture.complete) await new Promise((done) => { picture.onload = picture.onerror = done; });
  if (mine !== asked) return;
  figure.style.minHeight = "";
  said.textContent = done;
}

function bind() {
  touched = moved = false;
  const box = document.querySelector("[data-live]");
  if (box && plate()) {
    box.hidden = false;
    box.addEventListener("input", ({ target }) => {
      const { field } = target.dataset;
      const text = `${target.value} ${box.dataset.unit}`;
      form().elements[field].value = text;
      document.getElementById(`now-${field}`).textContent = text;
      const pile = form().elements.shoulders;
      if (field === "height" && pile?.value.includes(" + ")) pile.value = pile.value.split("=")[0];
      moved = true;
      asked += 1;
      follow(box);
      clearTimeout(timer);
      timer = setTimeout(() => settle(box), RESTS);
    });
  }
  const layers = document.getElementById("layers");
  if (layers) layers.addEventListener("change", () => layer(layers));
  const search = document.querySelector("[data-search]");
  if (search) wait(search);
}

// The model's own numbers take the place of the sources', unless somebody has begun to change something.
async function wait(search) {
  const answer = await fetch(search.dataset.search).catch(() => null);
  if (!search.isConnected) return;
  if (!answer?.ok) { search.querySelector("span").textContent = "The model could not look for its own now."; return; }
  if (touched || moved || document.activeElement?.closest("form")) {
    search.hidden = true;
    document.getElementById("late").hidden = false;
    return;
  }
  const page = await fetch(location.href).then((found) => found.text()).catch(() => null);
  if (page === null || !search.isConnected || touched) return;
  const found = new DOMParser().parseFromString(page, "text/html");
  document.getElementById("main").replaceWith(document.adoptNode(found.getElementById("main")));
  document.dispatchEvent(new Event("psoas-stand"));
  bind();
}

document.addEventListener("input", ({ target }) => { if (target.closest("form")) touched = true; });
document.addEventListener("psoas-page", bind);
bind();
