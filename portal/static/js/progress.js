// Live progress: <div data-progress="/url"> as made by the `progress` macro of components/status.html.
//
// The URL answers JSON {done, total, state, failed, count, say}: state is "running" or "finished"; count ("12 of
// 800") and say (what goes on) are in the reader's language. When the work ends the page is loaded again once, unless
// it says data-progress-stay; and whenever other than data-progress-failed has failed.

const PAUSE = 1000;

async function follow(box) {
  const bar = box.querySelector("progress");
  const count = box.querySelector("[data-progress-count]");
  const say = box.querySelector("[data-progress-say]");
  for (let pause = PAUSE; box.isConnected; ) {
    await new Promise((resolve) => setTimeout(resolve, document.hidden ? 5 * pause : pause));
    try {
      const answer = await fetch(box.dataset.progress, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.status);
      const now = await answer.json();
      bar.max = now.total || 1;
      bar.value = now.done;
      if (now.count && count.textContent !== now.count) count.textContent = now.count;
      if (now.say && say.textContent !== now.say) say.textContent = now.say;
      pause = PAUSE;
      if ("failed" in now && String(now.failed) !== box.dataset.progressFailed) return location.reload();
      if (now.state !== "running") {
        if (!("progressStay" in box.dataset)) location.reload();
        return;
      }
    } catch {
      pause = Math.min(2 * pause, 30_000); // the server is away: ask less and less often
    }
  }
}

document.querySelectorAll("[data-progress]").forEach(follow);
