// The session as a pure state machine: psoas.session's rules, from the same table, with the same arithmetic. No clock
// and no page in here: `at` is seconds of a clock that does not run backward, `plan` is Plan.as_dict(), `table` is
// machine(). A test runs both machines side by side.

export function start(plan) {
  return {
    mode: "ready", at: 0, position: 0, rested: 0, played: 0, paused: 0, total: 0, within: 0, ending: null, events: [],
  };
}

// The next state; an event that the mode does not take, or that nobody knows, changes nothing.
export function step(table, plan, state, event, at) {
  const change = changeFor(table, state, event);
  if (change === null && event !== "tick") return state;
  const now = clean(table, at, state.at);
  const moved = later(table, plan, state, now);
  if (moved.mode !== state.mode || change === null) return moved;
  if (!taken(plan, change, moved)) return state;
  return entered(table, plan, { ...moved, at: now }, change, event);
}

// The events that can be chosen now, in the order in which a page shows them.
export function offers(table, plan, state) {
  return table.modes[state.mode].offers.filter((event) => taken(plan, table.on[state.mode][event], state));
}

// The step of the plan that a place on it [s] lies in; the last one after the end.
export function stepAt(plan, position) {
  return plan.steps.find((s) => position < s.start + s.seconds) ?? plan.steps[plan.steps.length - 1];
}

// What is kept of a session.
export function record(plan, state) {
  return {
    way: plan.way, minutes: plan.minutes, options: plan.options, planned_seconds: plan.total_seconds,
    position: state.position, rested_seconds: state.rested, played_seconds: state.played,
    paused_seconds: state.paused, total_seconds: state.total, ending: state.ending, events: state.events,
  };
}

function changeFor(table, state, event) {
  const changes = Object.hasOwn(table.on, state.mode) ? table.on[state.mode] : {};
  return Object.hasOwn(changes, event) ? changes[event] : null;
}

// Whole parts of a second; the last reading where this one says nothing.
function clean(table, at, last) {
  if (typeof at !== "number" || !(Math.abs(at) <= table.horizon)) return last;
  return Math.floor(at * table.grain) / table.grain;
}

// The same session when the clock says `at`, ended where its plan or its silence ran out before.
function later(table, plan, state, at) {
  const mode = table.modes[state.mode];
  if (mode.counts === undefined) return state;
  const playing = mode.counts === "played";
  const passed = Math.max(0, at - state.at);
  const left = playing ? plan.total_seconds - state.position : mode.after - state.within;
  const over = passed >= left;
  const spent = over ? left : passed;
  const position = playing ? state.position + spent : state.position;
  const between = Math.min(position, plan.rest_end) - Math.max(state.position, plan.rest_start);
  const moved = {
    ...state, position,
    at: over ? state.at + spent : at,
    rested: state.rested + Math.max(0, between),
    played: state.played + (playing ? spent : 0),
    paused: state.paused + (playing ? 0 : spent),
    total: state.total + spent,
    within: state.within + spent,
  };
  if (!over) return moved;
  return entered(table, plan, moved, { to: "ended", ending: mode.ending }, playing ? "run-out" : "quiet");
}

function taken(plan, change, state) {
  return change.before === undefined || state.position < plan[change.before];
}

function entered(table, plan, state, change, event) {
  return {
    ...state,
    mode: change.to,
    position: change.jump === undefined ? state.position : plan[change.jump],
    within: 0,
    ending: change.ending ?? state.ending,
    events: [...state.events.slice(0, table.events_kept - 1), [state.total, event]],
  };
}
