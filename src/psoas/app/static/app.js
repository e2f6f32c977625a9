// On every page: hand over what waited while the server was away, and small conveniences. All pages work without it.
import { deliver, recover } from "./outbox.js";

// The session page does it before it offers to begin.
if (!document.getElementById("session-data")) recover().then(deliver);
setInterval(deliver, 10_000); // for a page that stays open until psoas is back; asks nothing while nothing waits

// "None of these" and a tick exclude each other.
for (const box of document.querySelectorAll("input[type=checkbox]")) {
  box.addEventListener("change", () => {
    if (!box.checked) return;
    for (const other of document.getElementsByName(box.name)) {
      if (other !== box && ("none" in box.dataset || "none" in other.dataset)) other.checked = false;
    }
  });
}

for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => window.print());

// The picture: asked for once the page stands.
for (const figure of document.querySelectorAll("[data-estimate]")) {
  const waiting = figure.querySelector(".waiting");
  waiting.hidden = false;
  fetch(figure.dataset.estimate)
    .then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status)))
    .then((html) => { figure.innerHTML = html; })
    .catch(() => { waiting.textContent = "The picture could not be drawn now. The numbers above hold without it."; });
}

document.getElementById("problem")?.scrollIntoView({ block: "center" });
