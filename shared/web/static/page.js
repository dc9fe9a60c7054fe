// What makes pages a little better where scripts run. Nothing here is needed: every page works without it.

// A button that is pressed twice: the second press goes nowhere. The command would take effect once in any case.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method === "get" || event.target.method === "dialog") return;
  if (event.target.dataset.sent) return event.preventDefault();
  event.target.dataset.sent = "yes";
  // After this event, since a disabled button would not be sent along.
  setTimeout(() => event.target.querySelectorAll("button").forEach((button) => (button.disabled = true)));
});

// Back from where the form led to: the browser shows the page as it was left.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelectorAll("button").forEach((button) => (button.disabled = false));
  }
});

// What opens in place without a script, opens over the page as a dialog.
document.addEventListener("click", (event) => {
  const summary = event.target.closest(".ask > summary");
  if (!summary) return;
  event.preventDefault();
  const details = summary.parentElement;
  const dialog = details.querySelector("dialog");
  dialog.open = false; // and not close(), which would be told as if somebody had closed it
  details.open = true;
  dialog.addEventListener("close", () => { details.open = false; dialog.open = true; summary.focus(); }, { once: true });
  dialog.querySelector("[data-close]").hidden = false;
  dialog.showModal();
  dialog.querySelector("select, input:not([type=hidden]), button").focus();
});
document.addEventListener("click", (event) => {
  if (event.target.matches("dialog:modal, dialog:modal [data-close]")) event.target.closest("dialog").close();
});

// What others will see, beside what is typed.
document.addEventListener("input", (event) => {
  for (const shown of document.querySelectorAll(`[data-shows="${CSS.escape(event.target.name ?? "")}"]`)) {
    shown.textContent = event.target.value || shown.dataset.empty;
    shown.classList.toggle("unsaid", !event.target.value);
  }
});

// Who leaves a form with something typed is asked first.
const isTyped = (field) => field.type !== "hidden" && field.value !== field.defaultValue;
addEventListener("beforeunload", (event) => {
  const forms = [...document.querySelectorAll("form[data-guard]:not([data-sent])")];
  if (forms.some((form) => [...form.querySelectorAll("input, textarea")].some(isTyped))) event.preventDefault();
});
