// Keeps the parts of a page that say where from up to date: <div data-live="/matching/live">…</div>.

for (const part of document.querySelectorAll("[data-live]")) {
  let source;
  const listen = () => {
    source = new EventSource(part.dataset.live);
    source.onmessage = (event) => show(part, event.data);
    source.onopen = () => delete part.dataset.lost;
    // The browser tries again by itself, unless the server refuses: then the rights have ended.
    source.onerror = () => (part.dataset.lost = part.dataset.lostSays ?? "");
  };
  // A page that nobody looks at, and one that is kept to be gone back to, listens to nothing.
  const follow = () => {
    source?.close();
    if (document.visibilityState === "visible") listen();
  };
  document.addEventListener("visibilitychange", follow);
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => event.persisted && follow());
  follow();
}

function show(part, html) {
  const fresh = document.createElement("div");
  fresh.innerHTML = html;
  if (fresh.innerHTML.trim() === part.innerHTML.trim()) return;
  // Not under the hands of somebody: what they are about to press stays until they are elsewhere.
  if (part.contains(document.activeElement)) {
    part.addEventListener("focusout", () => setTimeout(() => show(part, html)), { once: true });
  } else {
    part.innerHTML = html;
  }
}
