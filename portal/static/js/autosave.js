// Drafts keep themselves: <form data-autosave="/url"> and, inside it, <p class="saved" data-autosave-say role="status">
// with data-saved and data-unsaved holding the two sentences in the reader's language ("{time}" is replaced).
//
// Two seconds after the last change, and when the page is left, the form's fields (files excepted) are posted to the URL
// as an ordinary form; any 2xx answer means kept, and may carry JSON {version} for the form's hidden `version` field.

const PAUSE = 2000;

document.querySelectorAll("form[data-autosave]").forEach((form) => {
  const say = form.querySelector("[data-autosave-say]");
  let waiting = null;
  let sending = false;
  let again = false;
  let stopped = false;

  const body = () => {
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") fields.append(name, value);
    return fields;
  };

  // A colleague saved meanwhile: what is typed stays here, and Continue shows both beside each other.
  function theirs() {
    stopped = true;
    if (say) say.textContent = say.dataset.theirs;
  }

  async function save() {
    waiting = null;
    if (stopped) return;
    if (sending) return void (again = true);
    sending = true;
    try {
      const answer = await fetch(form.dataset.autosave, {
        method: "POST", body: body(), headers: { Accept: "application/json" }, redirect: "error",
      });
      if (answer.status === 409) return void theirs();
      if (!answer.ok) throw new Error(answer.status);
      const kept = await answer.json().catch(() => ({}));
      const version = form.querySelector("[name=version]");
      if (version && kept.version) version.value = kept.version;
      const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "numeric", minute: "2-digit" });
      if (say) say.textContent = say.dataset.saved.replace("{time}", time);
    } catch {
      if (say) say.textContent = say.dataset.unsaved;
    }
    sending = false;
    if (again) (again = false), save();
  }

  form.addEventListener("input", (event) => {
    if (event.target.type === "file") return;
    clearTimeout(waiting);
    waiting = setTimeout(save, PAUSE);
  });
  form.addEventListener("submit", () => { clearTimeout(waiting); waiting = null; });
  addEventListener("pagehide", () => {
    if (waiting && !stopped) navigator.sendBeacon(form.dataset.autosave, body());
  });
});
