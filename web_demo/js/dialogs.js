// The notice at the top, the settings, and the question for a key.

const at = (id) => document.getElementById(id);

export class Notice {
  constructor() {
    this.aboutLink = false;
    at("notice-close").addEventListener("click", () => this.hide());
    at("notice-action").addEventListener("click", () => this.run?.());
  }

  // `action`: {label, run}. aboutLink: it goes when the connection is there again.
  show(text, { action = null, aboutLink = false } = {}) {
    this.aboutLink = aboutLink;
    this.run = action?.run;
    if (at("notice-text").textContent !== text) at("notice-text").textContent = text;
    at("notice-action").hidden = !action;
    at("notice-action").textContent = action?.label ?? "";
    at("notice").hidden = false;
  }

  hide() {
    this.aboutLink = false;
    at("notice").hidden = true;
    at("notice-text").textContent = "";
  }
}

export class SettingsDialog {
  constructor({ settings, onChange, keys, onForgetKey, models }) {
    Object.assign(this, { settings, onChange, keys, onForgetKey, models });
    this.form = at("settings-form");
    at("open-settings").addEventListener("click", () => this.open());
    this.form.addEventListener("input", () => this.take());
    at("settings").addEventListener("close", () => this.onChange(this.settings));
    at("forget-key").addEventListener("click", () => {
      keys.set(null);
      onForgetKey();
      at("forget-key").hidden = true;
    });
  }

  open() {
    for (const [name, value] of Object.entries(this.settings)) {
      if (name !== "codec") this.form.elements[name].value = value;
    }
    this.form.elements.codec.checked = this.settings.codec === "opus";
    at("forget-key").hidden = !this.keys.get();
    this.showValues();
    this.showVoice();
    at("settings").showModal();
  }

  take() {
    const values = Object.fromEntries(new FormData(this.form));
    values.codec = this.form.elements.codec.checked ? "opus" : "pcm";
    this.settings = {
      ...values, silenceMs: Number(values.silenceMs), speed: Number(values.speed),
    };
    this.showValues();
  }

  showValues() {
    const { turns, silenceMs, speed } = this.settings;
    at("eagerness-row").hidden = turns !== "semantic_vad";
    at("silence-row").hidden = turns !== "server_vad";
    at("silence-value").textContent = `${silenceMs} ms`;
    at("speed-value").textContent = `${Number(speed).toFixed(2)} times`;
  }

  // The last model that the server lists is its voice.
  async showVoice() {
    try {
      const response = await this.models();
      if (response.ok) at("voice-name").textContent = (await response.json()).data.at(-1).id;
    } catch {
      // It stays "the server's".
    }
  }
}

export class KeyDialog {
  constructor() {
    this.dialog = at("key-dialog");
    at("key-cancel").addEventListener("click", () => this.dialog.close("cancel"));
    at("key-form").addEventListener("submit", () => {
      this.dialog.returnValue = "given";
    });
  }

  // Resolves to the key, or to null.
  ask() {
    at("key").value = "";
    this.dialog.returnValue = "";
    this.dialog.showModal();
    return new Promise((resolve) => {
      this.dialog.addEventListener(
        "close",
        () => resolve(this.dialog.returnValue === "cancel" ? null : at("key").value.trim() || null),
        { once: true },
      );
    });
  }
}
