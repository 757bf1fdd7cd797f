/* The desk's keyboard, drafts and fresh lists. Everything works without it; it saves the hands.
   data-key="n" or "g i"      that key clicks (or focuses) the element; "?" lists them all
   form[data-submit]          Ctrl+Enter sends the form, also from a text field
   form[data-draft="name"]    what was typed is kept in this browser until the server says it is saved
   form[data-check="path"]    what was typed is sent there after a pause; the answer stands in #data-hints
   [data-refresh="seconds"]   the content is fetched again from data-src (or this page's address); data-now: at once, too
   [data-ask="id"]            opens the <dialog id="id">, whose button sends the form
*/
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const KEEP = 12 * 3600 * 1000;
  const prefix = `draft:${document.body.dataset.who}:`;

  /* Keys */
  const typing = (element) =>
    element.isContentEditable || /^(TEXTAREA|SELECT)$/.test(element.tagName) ||
    (element.tagName === "INPUT" && !/^(radio|checkbox|button|submit)$/.test(element.type));
  const labelOf = (element) => {
    const named = element.getAttribute("aria-label");
    if (named) return named;
    const label = (element.labels?.[0] || element).cloneNode(true);
    for (const key of all("kbd, small", label)) key.remove();
    return label.textContent.trim();
  };
  const press = (element) => {
    if (typing(element)) { element.focus(); element.select?.(); } else { element.focus(); element.click(); }
  };
  let before = "";
  let timer = 0;
  const showHelp = () => {
    const help = document.getElementById("help");
    const list = help.querySelector("dl");
    list.replaceChildren();
    for (const element of all("[data-key]")) {
      const term = document.createElement("dt");
      const key = document.createElement("kbd");
      const text = document.createElement("dd");
      key.textContent = element.dataset.key;
      text.textContent = labelOf(element);
      term.append(key);
      list.append(term, text);
    }
    help.showModal();
  };
  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = event.target.closest?.("form[data-submit]") || document.querySelector("form[data-submit]");
      if (form) { event.preventDefault(); form.requestSubmit(); }
      return;
    }
    if (event.key === "Escape" && typing(event.target)) { event.target.blur(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "?") { event.preventDefault(); showHelp(); return; }
    const keys = all("[data-key]");
    const wanted = before ? `${before} ${event.key}` : event.key;
    const found = keys.find((element) => element.dataset.key === wanted && !element.disabled);
    clearTimeout(timer);
    before = "";
    if (found) { event.preventDefault(); press(found); return; }
    if (keys.some((element) => element.dataset.key.startsWith(`${event.key} `))) {
      before = event.key;
      timer = setTimeout(() => { before = ""; }, 1500);
    }
  });

  /* Dialogs that ask first */
  document.addEventListener("click", (event) => {
    const asks = event.target.closest("[data-ask]");
    if (asks) document.getElementById(asks.dataset.ask).showModal();
    if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
  });

  /* Drafts */
  const kept = (field) => field.name && !/^(hidden|password|file|submit|button)$/.test(field.type);
  const read = (name) => {
    try {
      const draft = JSON.parse(localStorage.getItem(prefix + name));
      return draft && Date.now() - draft.at < KEEP ? draft.fields : null;
    } catch { return null; }
  };
  const write = (form) => {
    const fields = [...form.elements].filter(kept).map((field) =>
      [field.name, /^(radio|checkbox)$/.test(field.type) ? [field.value, field.checked] : field.value]);
    try { localStorage.setItem(prefix + form.dataset.draft, JSON.stringify({ at: Date.now(), fields })); } catch { /* full */ }
  };
  const restore = (form, fields) => {
    for (const [name, value] of fields) {
      for (const field of [...form.elements].filter((each) => each.name === name && kept(each))) {
        if (!Array.isArray(value)) { if (!field.value) field.value = value; }
        else if (field.value === value[0]) field.checked = value[1];
      }
    }
    form.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const forget = (start) => {
    for (const key of Object.keys(localStorage)) if (key.startsWith(start)) localStorage.removeItem(key);
  };
  const { saved } = document.body.dataset;
  if (saved) localStorage.removeItem(prefix + saved);
  for (const form of all("form[data-draft]")) {
    const fields = read(form.dataset.draft);
    if (fields) restore(form, fields);
    form.addEventListener("input", () => write(form));
    form.addEventListener("reset", () => localStorage.removeItem(prefix + form.dataset.draft));
  }
  for (const form of all("form[data-forget-drafts]")) form.addEventListener("submit", () => forget("draft:"));

  /* Checks: what was typed is looked up meanwhile and shown beside the form, which is not touched. */
  const check = async (form, state) => {
    const hints = document.getElementById(form.dataset.hints);
    state.asked?.abort();
    state.asked = new AbortController();
    try {
      const answer = await fetch(form.dataset.check, {
        method: "POST", body: new URLSearchParams(new FormData(form)), signal: state.asked.signal,
        headers: { Accept: "text/html", "X-Fragment": "1" },
      });
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      const text = await answer.text();
      if (!hints.contains(document.activeElement)) hints.innerHTML = text;
      hints.classList.remove("stale");
    } catch (error) { if (error.name !== "AbortError") hints.classList.add("stale"); }
  };
  for (const form of all("form[data-check]")) {
    const state = {};
    const soon = () => { clearTimeout(state.timer); state.timer = setTimeout(() => check(form, state), 500); };
    form.addEventListener("input", soon);
    form.addEventListener("change", soon);
    if (all("input, textarea", form).some((field) => kept(field) && typing(field) && field.value)) soon();
  }

  /* One submit per form: a second click waits for the first answer. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "dialog" || event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    setTimeout(() => { delete form.dataset.sent; }, 10000);
  });
  window.addEventListener("pageshow", () => all("form[data-sent]").forEach((form) => delete form.dataset.sent));

  /* Fresh lists */
  const refresh = async (element) => {
    if (document.hidden || element.contains(document.activeElement)) return;
    try {
      const answer = await fetch(element.dataset.src || location.href, { headers: { Accept: "text/html", "X-Fragment": "1" } });
      if (answer.redirected) { location.reload(); return; }
      if (!answer.ok) throw new Error(answer.status);
      element.innerHTML = await answer.text();
      element.classList.remove("stale");
    } catch { element.classList.add("stale"); }
  };
  for (const element of all("[data-refresh]")) {
    if ("now" in element.dataset) refresh(element);
    setInterval(() => refresh(element), Math.max(2, Number(element.dataset.refresh)) * 1000);
  }

  /* Toasts go away by themselves; the error summary is where the reader begins. */
  for (const toast of all(".toast")) setTimeout(() => toast.remove(), 8000);
  document.querySelector(".summary")?.focus();
})();
