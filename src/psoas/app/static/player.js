// The session page. The state machine is the server's own table, run here, so that a rest goes on when the server is gone.
// The sound is one file, fetched whole before Begin; where it cannot be had, bells are made here and timers keep the time.
import { record, start, step, stepAt } from "./machine.js";
import { checkpoint, claim, deliver, forget, hold, put, recover, unkept, waiting } from "./outbox.js";

const data = JSON.parse(document.getElementById("session-data").textContent);
const { plan, machine, entry } = data;
const $ = (id) => document.getElementById(id);
const sections = ["ready", "stage", "stopped", "changing", "helping", "worried", "ended"];
const sound = $("sound");
const key = crypto.randomUUID();
const ASKING = 5_000; // how long the server has to say that this rest may not begin

let state = start(plan);
let began = null;
let lock = null;
let silent = false; // no file: bells come from here
let rung = -1;
let stored = false;

// A clock that neither daylight saving nor a set clock touches; the file follows it.
const clock = () => performance.now() / 1000;
let last = clock();
let heard = 0; // seconds on the machine's clock
function at() {
  const now = clock();
  heard += Math.max(0, now - last);
  last = now;
  return heard;
}

// -- sound

async function load() {
  // A page that was left or lost in the middle of this rest: what was rested until then is the rest.
  await recover();
  if (waiting().some((one) => one.entry === entry)) {
    state = { ...state, mode: "ended" };
    stored = true;
    show("ended");
    told(await deliver());
    return;
  }
  deliver();
  try {
    const answer = await fetch(data.audio);
    if (answer.redirected) { location.replace(answer.url); return; } // rested already, or other answers meanwhile
    if (!answer.ok) throw new Error(String(answer.status));
    sound.src = URL.createObjectURL(await answer.blob());
    $("loading").textContent = "";
  } catch {
    silent = true;
    $("loading").textContent = "The sound file could not be had. The page itself rings the bells, with the screen on.";
  }
  $("begin").disabled = $("hear").disabled = false;
  $("begin").focus({ preventScroll: true });
}

let tones = null;
function ring(level) {
  tones ??= new AudioContext();
  const now = tones.currentTime;
  for (const [ratio, part] of [[1, 0.6], [2.76, 0.2], [5.4, 0.06]]) {
    const tone = tones.createOscillator();
    const gain = tones.createGain();
    tone.frequency.value = 220 * ratio;
    gain.gain.setValueAtTime(0, now);
    gain.gain.linearRampToValueAtTime(0.4 * part * level, now + 0.3);
    gain.gain.exponentialRampToValueAtTime(1e-4, now + 7);
    tone.connect(gain).connect(tones.destination);
    tone.start(now);
    tone.stop(now + 7.2);
  }
  navigator.vibrate?.(200);
}

function say(text) {
  if (!("speechSynthesis" in window)) return;
  const words = new SpeechSynthesisUtterance(text);
  words.rate = 0.8;
  speechSynthesis.speak(words);
}

// Bells and words of the fallback: what lies between the last moment and this one.
function fallback() {
  if (!silent || state.mode !== "playing") return;
  for (const mark of data.marks) {
    if (mark.at > rung && mark.at <= state.position) mark.bell ? ring(mark.bell === "halfway" ? 0.5 : 1) : say(mark.text);
  }
  rung = state.position;
}

function play() {
  if (silent) return;
  if (Math.abs(sound.currentTime - state.position) > 0.5) sound.currentTime = Math.min(state.position, sound.duration || state.position);
  sound.play().catch((problem) => {
    if (problem.name !== "AbortError") { silent = true; rung = state.position; } // aborted: stopped before it sounded
  });
}

// The bell beforehand, so that it is as loud as the person likes.
function hear() {
  if (silent) { ring(1); return; }
  sound.currentTime = plan.rest_start;
  sound.play().catch(() => {});
  setTimeout(() => { if (state.mode === "ready") sound.pause(); }, 9000);
}

function hush() {
  sound.pause();
  if (tones) { tones.close(); tones = null; }
  window.speechSynthesis?.cancel();
}

async function awake(on) {
  try {
    if (on && document.visibilityState === "visible") lock = await navigator.wakeLock?.request("screen");
    else { await lock?.release(); lock = null; }
  } catch { /* a screen that goes dark is no harm: the sound goes on */ }
}

if ("mediaSession" in navigator) {
  navigator.mediaSession.metadata = new MediaMetadata({ title: "Quiet" });
  navigator.mediaSession.setActionHandler("pause", () => send("stop"));
  navigator.mediaSession.setActionHandler("stop", () => send("stop"));
  navigator.mediaSession.setActionHandler("play", () => send(state.mode === "ready" ? "begin" : "resume"));
}

// -- the machine

function send(event) {
  const before = state.mode;
  state = step(machine, plan, state, event, at());
  if (before === "ready" && state.mode === "playing") { began = new Date(); hold(key); check(); }
  if (event === "skip" || event === "shorten") rung = state.position - 1 / machine.grain; // what was jumped over is not rung
  fallback();
  if (state.mode !== before || event === "skip" || event === "shorten") enter(before);
  else if (state.mode === "playing") follow();
  draw();
}

// Whether it may begin after all: the page may have stood open while the answers changed in another one, or over night, and
// another window may have begun the same rest. It begins meanwhile, since getting down comes first and the server may be
// gone; where there is no answer it goes on.
async function check() {
  const begun = began;
  if (!(await claim(entry))) {
    takeBack(begun, "This rest has begun in another window. It can go on there; or close that one, and begin here.");
    return;
  }
  try {
    const answer = await fetch(data.ready, { signal: AbortSignal.timeout(ASKING) });
    const { go } = await answer.json();
    if (go && takeBack(begun)) location.replace(go);
  } catch { /* nobody there: the rest needs nobody */ }
}

// As if it had not begun; unless it is over already, or another has begun.
function takeBack(begun, words = "") {
  if (stored || began !== begun || state.mode === "worried") return false;
  began = null;
  forget(key);
  hush();
  awake(false);
  state = start(plan);
  rung = -1;
  $("loading").textContent = words;
  show("ready");
  $("begin").focus({ preventScroll: true });
  return true;
}

// The file goes where the clock is: after a sleep of the computer, or a stall of the sound.
function follow() {
  if (silent || sound.paused) return;
  if (Math.abs(sound.currentTime - state.position) > 2) sound.currentTime = Math.min(state.position, sound.duration || state.position);
}

function enter(before) {
  if (state.mode === "playing") { play(); awake(true); }
  else { hush(); awake(false); }
  if (state.mode === "ended" && !began) { location.assign(data.home); return; }
  // What worries is shown until the person leaves it; once it has ended the rest, nothing leads back.
  $("mistake").hidden = state.mode === "ended";
  show(state.mode === "ended" && before === "worried" ? "worried" : state.mode === "playing" ? "stage" : state.mode);
  // Only now, so that whatever the browser does with it, the page shows what is so.
  if (!began || stored) return;
  if (state.mode === "ended") store();
  else checkpoint(item());
}

function show(shown) {
  for (const name of sections) $(name).hidden = name !== shown;
  const focus = shown === "stage" ? $("surface") : $(shown);
  focus.focus({ preventScroll: shown === "stage" });
  window.scrollTo(0, 0);
}

function draw() {
  if (state.mode !== "playing") return;
  const now = stepAt(plan, state.position);
  if ($("word").textContent !== now.word) {
    $("word").textContent = now.word;
    $("live").textContent = now.word;
  }
  $("gone").setAttribute("stroke-dashoffset", String(1 - state.position / plan.total_seconds));
  $("skip").hidden = now.kind !== "down";
  $("hint").hidden = state.position > 20;
}

function item() {
  return { key, entry, body: { record: record(plan, state), started_at: began.toISOString(), person: data.person } };
}

async function store() {
  stored = true;
  put(item());
  forget(key);
  told(await deliver());
}

let second = false; // another record of this rest had come before
function told(kept) {
  const where = unkept() ? "in this page, since the browser keeps nothing: leave it open" : "in this browser";
  if (second) $("kept").textContent = "Another window had handed over this rest before, and that one is kept. What was rested here is not added to it.";
  else $("kept").textContent = kept ? "" : `psoas itself is not running. The times of this rest wait ${where} until it is back.`;
  for (const link of document.querySelectorAll("[data-after]")) link.hidden = !kept && link.closest("#ended") !== null && link.classList.contains("primary");
}

// -- hands

addEventListener("psoas-delivered", ({ detail }) => {
  second ||= detail.second.includes(key);
  if (stored && (detail.all || second)) told(true);
});
$("begin").addEventListener("click", () => send("begin"));
$("hear").addEventListener("click", hear);
// The second half of a double click or double tap is nobody's wish.
const once = (act) => (press) => { if (press.detail <= 1) act(press); };
$("surface").addEventListener("click", once(() => send("stop")));
$("skip").addEventListener("click", () => send("skip"));
for (const button of document.querySelectorAll("[data-event]")) button.addEventListener("click", once(() => send(button.dataset.event)));
for (const button of document.querySelectorAll("[data-symptom]")) {
  button.addEventListener("click", () => {
    const { symptom } = button.dataset;
    send("symptom");
    for (const said of document.querySelectorAll("[data-said]")) said.hidden = said.dataset.said !== symptom;
    $("asking").hidden = true;
    document.querySelector(`[data-said="${symptom}"]`).focus();
    window.scrollTo(0, 0);
  });
}
document.addEventListener("keydown", (press) => {
  if (state.mode === "playing" && press.repeat && press.target === $("surface")) press.preventDefault(); // Begin held down
  if (state.mode !== "playing" || press.repeat || press.ctrlKey || press.metaKey || press.altKey) return;
  const skipping = press.target === $("skip") && (press.code === "Space" || press.code === "Enter");
  if (!skipping && (press.code === "Space" || press.code === "Escape")) { press.preventDefault(); send("stop"); }
});
$("loudness").addEventListener("input", () => { sound.volume = Number($("loudness").value) / 100; });
// Word of a pause of ours may come late, when the sound plays again.
sound.addEventListener("pause", () => { if (state.mode === "playing" && sound.paused && !sound.ended) send("stop"); });
sound.addEventListener("ended", () => send("tick"));
sound.addEventListener("error", () => { silent = true; rung = state.position; });
document.addEventListener("visibilitychange", () => { send("tick"); if (state.mode === "playing") awake(true); });
// Whoever leaves the page has finished; what was rested until then is kept.
addEventListener("pagehide", () => { if (began && !stored) send("finish"); });
addEventListener("beforeunload", (leave) => { if (state.mode === "playing" || unkept()) leave.preventDefault(); });
setInterval(() => { if (state.mode !== "ready" && state.mode !== "ended") send("tick"); }, 500);
// Against a browser that is killed: the rest so far, to be handed over by the next page that opens.
setInterval(() => { if (began && !stored) checkpoint(item()); }, 10_000);

load();
