// Two minutes before the session ends, offers to stay signed in; at the end, saves the draft and leads to signing in.
// Reads <meta name="session-seconds" content="900" data-keepalive="/session/">. Another open tab that was used counts.
(() => {
  const meta = document.querySelector('meta[name="session-seconds"]');
  const seconds = Number(meta && meta.content);
  if (!seconds) return;
  const KEY = "mace-session-ends";
  const WARN = 120;
  const now = () => Date.now() / 1000;
  const ends = () => Math.max(own, Number(read()) || 0);
  const read = () => { try { return localStorage.getItem(KEY); } catch { return null; } };
  const note = (left = seconds) => {
    own = now() + left;
    try { localStorage.setItem(KEY, String(own)); } catch { /* private window: this tab only */ }
  };
  let own = 0;
  let box = null;
  let before = null;
  note();
  let unsaved = false;
  document.addEventListener("input", () => { unsaved = true; });
  document.addEventListener("app:session-extended", () => { unsaved = false; note(); }); // a successful save is use of the session

  // How long the server still keeps the session; 0 when it has ended. Asking (GET) does not prolong it, staying (POST) does.
  const ask = async (method) => {
    const token = document.querySelector("[name=csrfmiddlewaretoken]");
    const answer = await fetch(meta.dataset.keepalive, {
      method,
      credentials: "same-origin",
      cache: "no-store",
      redirect: "manual", // signed out: a redirect to the sign-in page
      headers: { Accept: "application/json", ...(token ? { "X-CSRFToken": token.value } : {}) },
    });
    return answer.ok ? Number((await answer.json()).seconds) : 0;
  };

  const build = () => {
    const made = document.createElement("section");
    made.className = "app-session";
    made.hidden = true;
    made.setAttribute("role", "alertdialog");
    made.setAttribute("aria-labelledby", "app-session-title");
    made.setAttribute("aria-describedby", "app-session-text");
    made.innerHTML = `<div class="govuk-width-container"><h2 class="govuk-heading-m govuk-!-margin-bottom-2" id="app-session-title">You will be signed out soon</h2>
      <p class="govuk-body" id="app-session-text">For safety we sign you out in 2 minutes. What you have typed into a form that saves as you type is kept.</p>
      <div class="govuk-button-group"><button type="button" class="govuk-button">Stay signed in</button></div></div>`;
    made.querySelector("button").addEventListener("click", stay);
    document.body.append(made);
    return made;
  };
  const show = () => {
    box = box || build();
    if (!box.hidden) return;
    before = document.activeElement;
    box.hidden = false;
    box.querySelector("button").focus();
  };
  const hide = () => {
    if (!box || box.hidden) return;
    box.hidden = true;
    if (before && before.focus) before.focus();
  };
  const stay = async () => {
    try {
      const left = await ask("POST");
      if (left > 0) { note(left); hide(); } else location.reload();
    } catch {
      box.querySelector("p").textContent = "We could not reach MACE. Check your connection and try again.";
    }
  };
  // A form that saves as it is filled in has been saved; the page leads to signing in, and back here.
  let leaving = false;
  const leave = async () => {
    if (leaving) return;
    leaving = true;
    const left = await ask("GET").catch(() => 0);
    leaving = false;
    if (left > 0) note(left);
    else if (unsaved) cover();
    else location.reload();
  };
  // What was typed and not saved stays in the page, out of sight, until the person has signed in again.
  const cover = () => {
    clearInterval(clock);
    box = box || build();
    const others = [...document.body.children].filter((part) => part !== box);
    for (const part of others) part.style.display = "none";
    box.querySelector("h2").textContent = "You have been signed out";
    box.querySelector("p").textContent = "What you typed is kept in this window, covered. Sign in again in a new window, then come back here and uncover it.";
    const link = document.createElement("a");
    link.className = "govuk-link";
    link.href = "/";
    link.target = "_blank";
    link.textContent = "Sign in in a new window";
    box.querySelector("p").append(" ", link);
    const button = box.querySelector("button");
    button.textContent = "Uncover what I typed";
    button.removeEventListener("click", stay);
    button.addEventListener("click", async () => {
      if (await ask("GET").catch(() => 0) <= 0) return link.focus();
      for (const part of others) part.style.display = "";
      box.remove();
    });
    box.hidden = false;
    link.focus();
  };
  const clock = setInterval(() => {
    const left = ends() - now();
    if (left <= 5) {
      document.dispatchEvent(new CustomEvent("app:save-now")); // while it still can be saved
      if (left <= 0) leave();
    } else if (left <= WARN) show();
    else hide();
  }, 1000);
})();
