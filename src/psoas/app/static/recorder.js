// Own voice: records from the microphone as plain WAV, since the server reads no browser's own container.
const MOST_SECONDS = 60;

function wav(blocks, rate) {
  const count = blocks.reduce((sum, block) => sum + block.length, 0);
  const view = new DataView(new ArrayBuffer(44 + 2 * count));
  const text = (at, word) => [...word].forEach((letter, i) => view.setUint8(at + i, letter.charCodeAt(0)));
  text(0, "RIFF"); view.setUint32(4, 36 + 2 * count, true); text(8, "WAVEfmt ");
  view.setUint32(16, 16, true); view.setUint16(20, 1, true); view.setUint16(22, 1, true);
  view.setUint32(24, rate, true); view.setUint32(28, 2 * rate, true); view.setUint16(32, 2, true); view.setUint16(34, 16, true);
  text(36, "data"); view.setUint32(40, 2 * count, true);
  let at = 44;
  for (const block of blocks) for (const x of block) { view.setInt16(at, 32767 * Math.max(-1, Math.min(1, x)), true); at += 2; }
  return new Blob([view], { type: "audio/wav" });
}

async function record(button, input) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, noiseSuppression: false, autoGainControl: false } });
  const blocks = [];
  let context = null;
  try {
    context = new AudioContext();
    await context.audioWorklet.addModule("/static/tap.js");
    const node = new AudioWorkletNode(context, "tap");
    node.port.onmessage = ({ data }) => blocks.push(data);
    context.createMediaStreamSource(stream).connect(node);
    button.textContent = "Stop recording";
    await new Promise((done) => { button.onclick = done; setTimeout(done, 1000 * MOST_SECONDS); });
  } finally {
    for (const track of stream.getTracks()) track.stop(); // whatever went wrong: nobody leaves a microphone on
    await context?.close().catch(() => {});
  }
  const files = new DataTransfer();
  files.items.add(new File([wav(blocks, context.sampleRate)], "own.wav", { type: "audio/wav" }));
  input.files = files.files;
  button.textContent = "Record again";
}

function offer() {
  if (!navigator.mediaDevices?.getUserMedia || !window.AudioWorkletNode) return;
  for (const form of document.querySelectorAll("[data-record]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Record";
    const start = () => record(button, form.querySelector("input[type=file]"))
      .catch(() => { button.textContent = "No microphone; choose a file instead"; })
      .finally(() => { button.onclick = start; });
    button.onclick = start;
    form.querySelector(".actions").prepend(button);
  }
}

offer();
document.addEventListener("psoas-page", offer);
