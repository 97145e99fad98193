// A list one walks through with the keyboard: <table data-rows> (or list) whose rows hold one link each, the row of the
// open item marked aria-current. J and K open the next and the previous; keys of verbs (A, C, R) are the data-key of the
// panel's own buttons, see comfort.js.

const rows = () => [...document.querySelectorAll("[data-rows] tbody tr, [data-rows] > li")].filter((row) => row.querySelector("a"));

document.addEventListener("keydown", (event) => {
  if (document.documentElement.dataset.keys === "off") return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  const step = { j: 1, k: -1 }[event.key.toLowerCase()];
  if (!step) return;
  const all = rows();
  const now = all.findIndex((row) => row.hasAttribute("aria-current"));
  const next = all[now < 0 ? 0 : now + step];
  if (!next) return;
  event.preventDefault();
  next.querySelector("a").click();
});
