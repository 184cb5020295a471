// What the page says in its states, and when something is wrong.

export const STATE_TEXTS = {
  off: () => ({
    text: "Press the button and say something.",
    hint: "Headphones or loudspeaker: both are fine. You may interrupt at any time.",
  }),
  connecting: () => ({ text: "Connecting", hint: "A moment." }),
  waiting: () => ({ text: "Not connected", hint: "The page tries again by itself." }),
  ready: () => ({ text: "Hold to talk", hint: "Hold the button or the space bar while you speak." }),
  listening: () => ({ text: "Listening", hint: "Say something. A pause ends your turn." }),
  hearing: (talk) => ({
    text: "Hearing you",
    hint: talk.pushToTalk ? "Let go when you have finished." : "Take your time.",
  }),
  thinking: () => ({ text: "Thinking", hint: "An answer is on its way." }),
  speaking: (talk) => ({
    text: "Speaking",
    hint: interruptHint(talk),
  }),
};

function interruptHint({ talking, pushToTalk }) {
  if (!talking) return "Write something else to interrupt.";
  return pushToTalk ? "Press to interrupt." : "Just speak to interrupt.";
}

export const MICROPHONE_TEXTS = {
  refused:
    "The browser may not give this page the microphone. Allow it by the sign beside the address, then " +
    "press the button again. You can write meanwhile.",
  missing: "No microphone was found. Plug one in and press the button again. You can write meanwhile.",
  busy: "The microphone could not be opened: another program may hold it. Close that one and press again.",
  insecure:
    "Browsers give a microphone only to pages with https, or from this machine itself. Open this page at " +
    "https or at localhost; whoever runs the server gives it a certificate. You can write meanwhile.",
  lost: "The microphone is gone. Plug it in again and press the button.",
};

export const LINK_TEXTS = {
  full: "The server is full: all its places are taken. The page tries again every few seconds.",
  lost: "The connection was lost. The page connects again, and the conversation goes on.",
  unreachable: "The server can't be reached. It may be restarting; the page tries again by itself.",
  key: "The server does not know this key, or you gave none. Press the button to try another.",
  origin: "The server does not let pages from this address in (its setting security.allowed_origins).",
};

export function chipText(state, { kind }) {
  if (state === "open") return "Connected";
  if (state === "connecting") return "Connecting";
  if (state === "waiting") return kind === "full" ? "Server full" : "Reconnecting";
  return "Not connected";
}
