// Comfort on every page; nothing depends on it.
//
// data-focus               what a screen reader should hear first (an error summary) takes the focus
// form[data-guard]         a second press on the same form, while it is on its way, does nothing
// [data-key="/"]           that key presses the button or link, or enters the field; never while one types
// [data-keys-switch]       turns those single keys off and on, for this browser (WCAG 2.1.4)
// data-progress, data-autosave, data-rows bring their own module when they are on the page

const here = (selector) => document.querySelector(selector);

here("[data-focus]")?.focus();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-guard]")) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 10_000);
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

const root = document.documentElement;
const keys = here("[data-keys-switch]");
root.dataset.keys = localStorage.getItem("keys") ?? "on";
if (keys) {
  keys.hidden = false;
  keys.setAttribute("aria-pressed", root.dataset.keys === "on");
  keys.addEventListener("click", () => {
    root.dataset.keys = root.dataset.keys === "on" ? "off" : "on";
    localStorage.setItem("keys", root.dataset.keys);
    keys.setAttribute("aria-pressed", root.dataset.keys === "on");
  });
}

const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") here("details.menu[open]")?.removeAttribute("open");
  if (root.dataset.keys === "off" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const target = here(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!target) return;
  event.preventDefault();
  if (typing(target)) target.select?.(), target.focus();
  else target.click();
});

document.addEventListener("click", (event) => {
  document.querySelectorAll("details.menu[open]").forEach((menu) => menu.contains(event.target) || menu.removeAttribute("open"));
});

if (here("[data-progress]")) import("./progress.js");
if (here("[data-autosave]")) import("./autosave.js");
if (here("[data-rows]")) import("./rows.js");
