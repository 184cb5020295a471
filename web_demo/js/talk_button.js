// The one large button: a press begins or ends the conversation; with push to talk it is held, as is the
// space bar anywhere but in a field.

export class TalkButton {
  // isHold(): whether it is held now rather than pressed.
  constructor(button, { isHold, onToggle, onPress, onRelease }) {
    Object.assign(this, { button, isHold, onToggle, onPress, onRelease });
    this.holding = false;
    button.addEventListener("click", () => this.click());
    button.addEventListener("pointerdown", (event) => this.pointerDown(event));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      button.addEventListener(end, () => this.end());
    }
    button.addEventListener("contextmenu", (event) => event.preventDefault()); // a long press on a phone
    document.addEventListener("keydown", (event) => this.keyDown(event));
    document.addEventListener("keyup", (event) => this.keyUp(event));
    window.addEventListener("blur", () => this.end());
  }

  show(talking, pushToTalk) {
    const label = !talking ? "Talk" : pushToTalk ? "Hold" : "Stop";
    this.button.setAttribute("aria-pressed", String(talking));
    this.button.querySelector("#talk-label").textContent = label;
  }

  // A hold ends in a click as well, which is none.
  click() {
    if (!this.isHold() && !this.wasHeld) this.onToggle();
    this.wasHeld = false;
  }

  pointerDown(event) {
    if (!this.isHold()) return;
    this.button.setPointerCapture(event.pointerId);
    this.begin();
  }

  keyDown(event) {
    const talking = this.button.getAttribute("aria-pressed") === "true";
    if (event.code === "Escape" && talking && this.isPage(event)) {
      this.onToggle();
    } else if (event.code === "Space" && this.isHold() && this.isPage(event)) {
      event.preventDefault();
      if (!event.repeat) this.begin();
    }
  }

  keyUp(event) {
    if (event.code !== "Space" || !this.holding) return;
    event.preventDefault();
    this.end();
  }

  // Neither a field nor another button nor a dialog is meant.
  isPage({ target }) {
    return target === this.button || !target.closest("input, textarea, select, button, dialog, a");
  }

  begin() {
    this.holding = this.wasHeld = true;
    this.onPress();
  }

  end() {
    if (!this.holding) return;
    this.holding = false;
    this.onRelease();
  }
}
