// Saves a form to the server as it is filled in: <form data-autosave-url="…" data-version="3">, with components/saved.html inside.
//
// Sends the form's fields as a form POST that accepts JSON, with `version` (what the page was made from) and `op` (a random id
// for this content: a retry of the same content keeps it, so the server can tell a retry from a second change).
// Answer 200: {"saved_at": "14:32" or an ISO time, "version": 4}. Answer 409: {"theirs": {field: value}, "version": 5}, or
// {"role": "…"} when the person acts in another role by now.
// The form goes on working without this script: its button sends the same fields.
(() => {
  const PAUSE = 1500; // ms after the last key
  const LONGEST_WAIT = 60000;
  const BIG = 60000; // bytes; the browser refuses to send more than about 64 KB while the page is closing

  class Autosave {
    constructor(form) {
      this.form = form;
      this.url = form.dataset.autosaveUrl;
      this.status = form.querySelector(".app-saved") || this.addStatus();
      // A form that came back with errors holds what no save has seen yet.
      this.saved = document.querySelector(".govuk-error-summary") ? null : this.content();
      this.op = null;
      this.opContent = null;
      this.timer = 0;
      this.wait = 2000;
      this.busy = null;
      this.stopped = false;
      form.addEventListener("input", () => this.later(PAUSE));
      form.addEventListener("change", () => this.later(PAUSE));
      form.addEventListener("focusout", () => this.save());
      form.addEventListener("submit", (event) => this.submit(event));
      window.addEventListener("pageshow", (event) => { if (event.persisted) this.stopped = false; });
      document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") this.save(true); });
      window.addEventListener("pagehide", () => this.save(true));
      window.addEventListener("online", () => this.save());
      document.addEventListener("app:save-now", () => this.save(true));
    }

    addStatus() {
      const line = document.createElement("p");
      line.className = "app-saved";
      line.setAttribute("aria-live", "polite");
      this.form.append(line);
      return line;
    }

    // The fields as text, without the token and the bookkeeping, so that equal content is equal text.
    content() {
      const data = new URLSearchParams();
      for (const [name, value] of new FormData(this.form)) {
        if (typeof value === "string" && !["csrfmiddlewaretoken", "version", "op"].includes(name)) data.append(name, value);
      }
      return data.toString();
    }

    later(wait) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.save(), wait);
    }

    async save(closing = false) {
      clearTimeout(this.timer);
      const content = this.content();
      if (this.stopped || content === this.saved) return;
      if (this.busy && !closing) { this.again = true; return; }
      if (this.opContent !== content) {
        this.opContent = content;
        this.op = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      }
      const body = new URLSearchParams(content);
      body.set("version", this.form.dataset.version || "");
      body.set("op", this.op);
      const token = this.form.querySelector("[name=csrfmiddlewaretoken]");
      this.busy = content;
      try {
        const answer = await fetch(this.url, {
          method: "POST",
          body,
          credentials: "same-origin",
          redirect: "manual", // signed out: a redirect to the sign-in page is not a save
          keepalive: closing && content.length < BIG,
          headers: { Accept: "application/json", "X-Requested-With": "fetch", ...(token ? { "X-CSRFToken": token.value } : {}) },
        });
        this.busy = null;
        if (answer.status === 409) {
          const other = await answer.json();
          return other.role ? this.otherRole(other.role) : this.conflict(other);
        }
        if (answer.status === 422 || answer.status === 400) return this.refused();
        if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) return this.signedOut();
        if (!answer.ok) throw new Error(String(answer.status));
        this.done(content, await answer.json());
      } catch {
        this.busy = null;
        this.failed();
      }
    }

    done(content, { saved_at: savedAt, version }) {
      this.saved = content;
      this.wait = 2000;
      this.setVersion(version);
      const time = /^\d{4}-/.test(savedAt || "") ? new Date(savedAt) : null;
      const words = time ? time.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/London" }) : savedAt;
      this.say("saved", `Saved at ${words}`);
      document.dispatchEvent(new CustomEvent("app:session-extended"));
      if (!this.stopped && (this.again || this.content() !== content)) { this.again = false; this.later(PAUSE); }
    }

    setVersion(version) {
      if (version === undefined || version === null) return;
      this.form.dataset.version = version;
      const field = this.form.querySelector("input[name=version]"); // for the Save button
      if (field) field.value = version;
    }

    failed() {
      this.say("retrying", "Not saved. Trying again…");
      this.later(this.wait);
      this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
    }

    signedOut() {
      this.say("retrying", "Not saved. You have been signed out. Copy what you typed, then sign in again.");
    }

    // The role was switched in another window, or has ended: this page belongs to the former one.
    otherRole(role) {
      this.stopped = true;
      this.say("retrying", `Not saved. You now act as ${role}, and this page was opened in another role. Copy what you typed, then switch back.`);
    }

    refused() {
      this.say("retrying", "Not saved yet. Something in the form cannot be saved as it is. It is checked when you use the button.");
    }

    // Somebody else saved in between. What was typed stays; theirs is shown beside it; the next save is over their version.
    conflict({ theirs = {}, version }) {
      this.setVersion(version);
      this.op = this.opContent = null;
      this.say("conflict", "Not saved. Somebody else has changed this since you opened it. What you typed is still here.");
      const old = this.form.querySelector(".app-conflict");
      if (old) old.remove();
      const box = document.createElement("section");
      box.className = "app-conflict";
      box.tabIndex = -1;
      box.setAttribute("aria-label", "Somebody else has changed this");
      const title = document.createElement("h2");
      title.className = "govuk-heading-s";
      title.textContent = "Somebody else has changed this. Theirs reads:";
      const list = document.createElement("dl");
      list.className = "govuk-body";
      for (const [name, value] of Object.entries(theirs)) {
        const term = document.createElement("dt");
        const words = document.createElement("dd");
        term.textContent = this.labelOf(name);
        words.textContent = value === "" || value === null ? "(empty)" : String(value);
        list.append(term, words);
      }
      const button = document.createElement("button");
      button.type = "button";
      button.className = "govuk-button govuk-button--secondary govuk-!-margin-bottom-0";
      button.textContent = "Save what I typed";
      button.addEventListener("click", () => { box.remove(); this.stopped = false; this.save(); });
      const hint = document.createElement("p");
      hint.className = "govuk-body";
      hint.textContent = "Take over what you want to keep of theirs, then save.";
      box.append(title, list, hint, button);
      this.status.after(box);
      this.stopped = true;
    }

    labelOf(name) {
      const control = this.form.elements[name] || this.form.elements[`${name}_day`];
      const first = control && control.length !== undefined && !control.options ? control[0] : control;
      if (!first) return name;
      const legend = first.closest("fieldset") && first.closest("fieldset").querySelector("legend");
      const label = legend || (first.labels && first.labels[0]);
      return label ? label.textContent.trim() : name;
    }

    // The page is being left by its own button: no more saving behind its back. A save on its way is waited for, so that
    // the button does not send a version that this very page has just overtaken.
    async submit(event) {
      clearTimeout(this.timer);
      this.stopped = true;
      if (!this.busy) return;
      event.preventDefault();
      const button = event.submitter;
      for (let tries = 0; this.busy && tries < 50; tries += 1) await new Promise((resolve) => { setTimeout(resolve, 100); });
      this.busy = null;
      this.form.requestSubmit(button || undefined);
    }

    say(state, words) {
      this.status.dataset.state = state;
      if (this.status.textContent !== words) this.status.textContent = words;
    }
  }

  for (const form of document.querySelectorAll("form[data-autosave-url]")) new Autosave(form);
})();
