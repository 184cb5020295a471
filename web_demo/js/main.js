// Puts the page together.
import { NoMicrophone } from "./audio.js";
import { HealthView } from "./health_view.js";
import { EntriesView } from "./entries_view.js";
import { KeyDialog, Notice, SettingsDialog } from "./dialogs.js";
import { MICROPHONE_TEXTS, LINK_TEXTS, STATE_TEXTS, chipText } from "./texts.js";
import { MemoryView } from "./memory_view.js";
import { keyStore, loadSettings, saveSettings, userName } from "./settings.js";
import { Talk } from "./talk.js";
import { TalkButton } from "./talk_button.js";
import { TurnsView } from "./turns_view.js";

const HEALTH_EVERY_MS = 500;

const at = (id) => document.getElementById(id);

const notice = new Notice();
const entries = new EntriesView();
const turns = new TurnsView();
const keyDialog = new KeyDialog();

const user = userName();
const memory = new MemoryView({
  remembers: () => talk.link.remembers,
  request: (path, method) =>
    fetch(`/v1/memory/${encodeURIComponent(user)}${path}`, { method, headers: talk.link.headers() }),
});

const talk = new Talk({
  settings: loadSettings(),
  user,
  keys: keyStore,
  askForKey: () => keyDialog.ask(),
  onState: showState,
  onLink: showLink,
  onLevel: showLevel,
  onEntry: (entry) => entries.show(talk.conversation.entries, entry),
  onTurn: (turn) => turns.show(talk.conversation.turns, turn),
  onAnswered: () => memory.askSoon(),
  onError: (message) => notice.show(MICROPHONE_TEXTS[message] ?? `The server says: ${message}`),
});

const button = new TalkButton(at("talk"), {
  isHold: () => talk.talking && talk.pushToTalk,
  onToggle: toggle,
  onPress: () => talk.press(),
  onRelease: () => talk.release(),
});

const health = new HealthView(talk);
setInterval(() => health.show(), HEALTH_EVERY_MS);
health.show();

new SettingsDialog({
  settings: talk.settings,
  onChange: (settings) => {
    saveSettings(settings);
    talk.applySettings(settings);
    showState(talk.state);
  },
  keys: keyStore,
  onForgetKey: () => talk.link.close(),
  models: () => fetch("/v1/models", { headers: talk.link.headers() }),
});

async function toggle() {
  if (talk.talking) return talk.stop();
  notice.hide();
  try {
    await talk.start();
  } catch (error) {
    if (!(error instanceof NoMicrophone)) throw error;
    notice.show(MICROPHONE_TEXTS[error.kind]);
  }
}

at("write").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = at("text").value.trim();
  if (text && (await talk.type(text))) at("text").value = "";
});

function showState(state) {
  const { text, hint } = STATE_TEXTS[state](talk);
  document.body.dataset.state = state;
  at("state").textContent = text;
  at("hint").textContent = hint;
  button.show(talk.talking, talk.pushToTalk);
}

function showLink(state, detail) {
  at("connection").dataset.state = state;
  at("connection-text").textContent = chipText(state, detail);
  const text = LINK_TEXTS[detail.kind];
  if (text) {
    const action = state === "waiting" ? { label: "Try now", run: () => talk.link.open() } : null;
    notice.show(text, { action, aboutLink: true });
  } else if (state === "open" && notice.aboutLink) {
    notice.hide();
  }
}

let shownLevel = 0;
function showLevel(level) {
  shownLevel = Math.max(level, shownLevel * 0.85);
  document.body.style.setProperty("--level", shownLevel.toFixed(3));
  at("meter").setAttribute("aria-valuenow", Math.round(shownLevel * 100));
}
