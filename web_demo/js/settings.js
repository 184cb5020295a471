// What the user has chosen, kept in the browser; and what of it the server is told.

const STORE = "antiphon.settings";
const DEFAULTS = {
  turns: "semantic_vad", // or server_vad, push_to_talk
  eagerness: "medium",
  silenceMs: 500,
  speed: 1,
  codec: "opus", // where the browser has it; or pcm
  instructions: "",
};

export function loadSettings(store = localStorage) {
  try {
    return { ...DEFAULTS, ...JSON.parse(store.getItem(STORE) ?? "{}") };
  } catch {
    return { ...DEFAULTS };
  }
}

export function saveSettings(settings, store = localStorage) {
  store.setItem(STORE, JSON.stringify(settings));
}

function turnDetection({ turns, eagerness, silenceMs }) {
  if (turns === "push_to_talk") return null;
  if (turns === "server_vad") return { type: "server_vad", silence_duration_ms: silenceMs };
  return { type: "semantic_vad", eagerness };
}

// The session of a session.update. Without instructions the server keeps its own.
export function sessionOf(settings, defaultInstructions = null) {
  const format = { type: "audio/pcm", rate: 24000 };
  const session = {
    type: "realtime",
    output_modalities: ["audio"],
    audio: {
      input: { format, transcription: { model: "antiphon" }, turn_detection: turnDetection(settings) },
      output: { format, speed: settings.speed },
    },
  };
  const instructions = settings.instructions.trim() || defaultInstructions;
  if (instructions !== null) session.instructions = instructions;
  return session;
}

// Whose memory it is: this browser's, under a name of its own that nobody could guess.
export function userName(store = localStorage) {
  let name = store.getItem("antiphon.user");
  if (!name) {
    name = `page-${Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join("")}`;
    store.setItem("antiphon.user", name);
  }
  return name;
}

// The key that the user gave, for as long as the tab is open.
export const keyStore = {
  get: () => sessionStorage.getItem("antiphon.key"),
  set(key) {
    if (key) sessionStorage.setItem("antiphon.key", key);
    else sessionStorage.removeItem("antiphon.key");
  },
};
