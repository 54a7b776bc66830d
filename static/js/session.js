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
  const note = () => {
    own = now() + seconds;
    try { localStorage.setItem(KEY, String(own)); } catch { /* private window: this tab only */ }
  };
  let own = 0;
  let box = null;
  let before = null;
  note();
  document.addEventListener("app:session-extended", note); // a successful save is use of the session

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
      const answer = await fetch(meta.dataset.keepalive || location.href, { credentials: "same-origin", cache: "no-store", redirect: "manual" });
      if (answer.ok || answer.status === 204) { note(); hide(); }
      else location.reload();
    } catch {
      box.querySelector("p").textContent = "We could not reach MACE. Check your connection and try again.";
    }
  };
  setInterval(() => {
    const left = ends() - now();
    if (left <= 0) {
      document.dispatchEvent(new CustomEvent("app:save-now"));
      location.reload();
    } else if (left <= WARN) show();
    else hide();
  }, 1000);
})();
