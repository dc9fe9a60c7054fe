// What a button of the form would show in a part of the page comes while somebody types: <button data-asks="similar">.
let asking;
document.addEventListener("input", (event) => {
  const button = event.target.form?.querySelector("button[data-asks]");
  if (!button) return;
  clearTimeout(asking);
  asking = setTimeout(() => ask(button).catch(() => {}), 500); // without a connection the button still says why
});
async function ask(button) {
  const mine = asking;
  const part = document.getElementById(button.dataset.asks);
  const answer = await fetch(button.formAction, { method: "POST", body: new URLSearchParams(new FormData(button.form)) });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(part.id);
  if (mine !== asking) return; // more was typed meanwhile
  if (answer.ok && fresh && fresh.innerHTML !== part.innerHTML) part.innerHTML = fresh.innerHTML;
}
