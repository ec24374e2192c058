"use strict";
// One key, one action: each does what the button or link that names it does, so that all works without this.
(() => {
  const store = {
    get: (name) => { try { return localStorage.getItem(name); } catch { return null; } },
    set: (name, value) => { try { localStorage.setItem(name, value); } catch { /* not kept */ } },
  };
  const help = document.getElementById("help");
  const keysOn = document.getElementById("keys-on");
  if (keysOn) {
    keysOn.checked = store.get("prote-keys") !== "off";
    keysOn.addEventListener("change", () => store.set("prote-keys", keysOn.checked ? "on" : "off"));
  }

  // What the chosen scope would change.
  const scopes = [...document.querySelectorAll("input[name=scope]")];
  const showReach = () => {
    const chosen = scopes.find((scope) => scope.checked);
    for (const reach of document.querySelectorAll("div.reach")) {
      reach.hidden = !chosen || reach.dataset.reach !== chosen.dataset.reach;
    }
  };
  scopes.forEach((scope) => scope.addEventListener("change", showReach));
  showReach();
  const nextScope = () => {
    const at = scopes.findIndex((scope) => scope.checked);
    const scope = scopes[(at + 1) % scopes.length];
    scope.checked = true;
    scope.focus({ preventScroll: true });
    showReach();
  };

  // A form is sent once, however long a key is held.
  let leaving = false;
  addEventListener("submit", (event) => {
    if (leaving) event.preventDefault();
    else if (event.target.method === "post") leaving = true;
  });
  addEventListener("pageshow", () => { leaving = false; });

  const writing = (target) => target.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const target = event.target;
    if (event.key === "Escape") {
      const away = document.querySelector("[data-escape]");
      if (away) away.click();
      else if (writing(target)) target.blur();
      return;
    }
    if (writing(target)) {
      if (event.key === "Enter" && target.id === "why" && target.form.id === "decide") event.preventDefault();
      return;
    }
    if (event.repeat || leaving || (help && help.open) || (keysOn && !keysOn.checked)) return;
    if (event.key === "1" && document.querySelector("[data-key='a']")) { press(document.querySelector("[data-key='a']"), event); return; }
    const found = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === event.key);
    if (found) press(found, event);
  });
  const press = (found, event) => {
    event.preventDefault();
    if (found.dataset.key === "?") help.showModal();
    else if (found.dataset.key === "s") nextScope();
    else if (found.matches("input")) {
      if (!found.value && found.dataset.start) found.value = found.dataset.start;
      found.focus();
      found.select();
    } else found.click();
  };
  for (const button of document.querySelectorAll("button[data-key='?']")) {
    button.hidden = false;
    button.addEventListener("click", () => { if (!help.open) help.showModal(); });
  }
  const instead = document.getElementById("instead");
  if (instead) instead.addEventListener("focus", () => { if (!instead.value) { instead.value = instead.dataset.start; instead.select(); } });

  // A document that was sent through again says how far it is.
  const work = document.querySelector("#work[data-working]");
  if (work) {
    const bar = work.querySelector("progress");
    const ask = async () => {
      try {
        const answer = await fetch(`/progress?name=${encodeURIComponent(work.dataset.name)}`);
        const now = await answer.json();
        if (!now.working) { location.reload(); return; }
        if (now.total) { bar.max = now.total; bar.value = now.done; }
      } catch { /* the desk is away: ask again */ }
      setTimeout(ask, 1000);
    };
    setTimeout(ask, 500);
  }
})();
