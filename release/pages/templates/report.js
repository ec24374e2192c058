"use strict";
(() => {
  const root = document.documentElement;
  const button = document.getElementById("language");
  const titles = { fr: document.title, en: document.querySelector("title").dataset.en };
  const memory = {
    get: () => { try { return localStorage.getItem("prote-language"); } catch { return null; } },
    set: (value) => { try { localStorage.setItem("prote-language", value); } catch { /* none kept */ } },
  };
  const speak = (language) => {
    root.lang = language;
    root.classList.toggle("english", language === "en");
    document.title = titles[language];
    button.textContent = language === "en" ? "Français" : "English";
    button.lang = language === "en" ? "fr" : "en";
    for (const option of document.querySelectorAll("option[data-en]")) option.textContent = option.dataset[language];
  };
  speak(memory.get() === "en" ? "en" : "fr");
  button.hidden = false;
  button.addEventListener("click", () => {
    const language = root.lang === "fr" ? "en" : "fr";
    speak(language);
    memory.set(language);
  });

  // A link to a folded line opens what hides it.
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const fold = target && target.parentElement.closest("details");
    if (fold) { fold.open = true; target.scrollIntoView(); }
  };
  addEventListener("hashchange", reveal);
  reveal();

  const table = document.getElementById("documents");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const key = (row, column) => {
    const value = row.cells[column].dataset.value;
    return value === undefined || isNaN(value) || value === "" ? value || "" : Number(value);
  };
  const compare = new Intl.Collator("fr", { numeric: true }).compare;
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    head.querySelector("button").addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      rows.sort((one, two) => {
        const a = key(one, column), b = key(two, column);
        const order = typeof a === "number" && typeof b === "number" ? a - b : compare(a, b);
        return down ? -order : order;
      });
      sorted = true;
      filter();
    });
  });

  const filters = document.getElementById("filters");
  filters.hidden = false;
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const words = new Map(rows.map((row) => [row, fold(row.cells[0].textContent)]));
  const none = document.getElementById("none");
  const count = document.getElementById("count");
  const chosen = (name) => filters.elements.namedItem(name)?.value ?? "";
  // A browser lays out some hundred rows at a keystroke, not thousands.
  const STEP = 200;
  let most = STEP;
  let sorted = false;
  const more = document.getElementById("more");
  const filter = () => {
    const wanted = fold(document.getElementById("wanted").value);
    const [status, failed, genre, collection] = ["status", "failed", "genre", "collection"].map(chosen);
    let left = 0;
    for (const row of rows) {
      const { status: is, failed: fails, genre: of, collection: from } = row.dataset;
      const fits = (!status || is === status) && (!failed || (fails || "").split(" ").includes(failed)) &&
        (!genre || of === genre) && (!collection || from === collection) && words.get(row).includes(wanted);
      left += fits;
      const shown = fits && left <= most;
      if (row.hidden === shown) row.hidden = !shown;
    }
    none.hidden = left > 0;
    more.hidden = left <= most;
    if (sorted) body.prepend(...rows.filter((row) => !row.hidden));
    count.textContent = left;
  };
  filter();
  filters.addEventListener("input", () => { most = STEP; filter(); });
  more.addEventListener("click", () => { most += STEP; filter(); });
  filters.addEventListener("submit", (event) => event.preventDefault());
})();
