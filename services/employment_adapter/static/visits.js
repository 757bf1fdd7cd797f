/* Entries of a visit survive a lost connection. Everything works without it, as plain forms.
   form[data-queue="attempt"]  what is entered is first kept in this browser, then sent to data-to as JSON until the
                               server has answered; its key makes it count once, however often it is sent
   #unsent                     says what is still waiting and what was refused (which can be put right or dropped)
*/
"use strict";
(() => {
  const who = document.body.dataset.who;
  const shelf = `entries:${who}`;
  const LATE = 60 * 1000;
  const PAUSE = 10 * 1000;
  const box = document.getElementById("unsent");
  if (!box || !who) return;
  let halted = "";
  let done = "";

  const read = () => {
    try { return JSON.parse(localStorage.getItem(shelf)) || []; } catch { return []; }
  };
  const write = (entries) => {
    if (entries.length) localStorage.setItem(shelf, JSON.stringify(entries)); else localStorage.removeItem(shelf);
    show();
  };
  const change = (id, make) => write(read().flatMap((one) => (one.id === id ? make(one) : [one])));
  const drop = (id) => change(id, () => []);
  const key = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

  const typed = (form) => [...form.elements]  /* as desk.js keeps a draft */
    .filter((field) => field.name && !/^(hidden|submit|button)$/.test(field.type))
    .map((field) => [field.name, /^(radio|checkbox)$/.test(field.type) ? [field.value, field.checked] : field.value]);

  /* What is waiting, and what to do about it. */
  const line = (text) => { const p = document.createElement("p"); p.textContent = text; return p; };
  const button = (text, act) => {
    const made = document.createElement("button");
    made.type = "button"; made.textContent = text; made.addEventListener("click", act);
    return made;
  };
  const show = () => {
    const entries = read();
    const waiting = entries.filter((one) => !one.refused);
    box.replaceChildren();
    box.hidden = !entries.length;
    if (waiting.length) box.append(line(box.dataset.waiting.replace("{n}", waiting.length)));
    if (waiting.length && halted) box.append(line(halted));
    for (const one of entries.filter((each) => each.refused)) {
      const row = line(`${one.label}：${one.refused} `);
      row.append(button(box.dataset.again, () => again(one)), " ", button(box.dataset.drop, () => drop(one.id)));
      box.append(row);
    }
  };
  const again = (one) => {  /* back into its form, as a draft that desk.js restores */
    localStorage.setItem(`draft:${who}:${one.draft}`, JSON.stringify({ at: Date.now(), fields: one.fields }));
    drop(one.id);
    location.assign(one.page);
  };

  /* Sending: one after the other, since the order of a visit's entries matters. */
  const send = async (one) => {
    const said = { ...one.said };
    if (one.name === "attempt" && Date.now() - one.at > LATE) said.happened_at = new Date(one.at).toISOString();
    const csrf = document.querySelector('meta[name="csrf"]').content;
    return fetch(one.to, {
      method: "POST", body: JSON.stringify(said),
      headers: { "Content-Type": "application/json", "Idempotency-Key": one.id, "X-CSRF-Token": csrf },
    });
  };
  const settle = async (one) => {
    const answer = await send(one);
    if (answer.ok) {
      localStorage.removeItem(`draft:${who}:${one.draft}`);
      drop(one.id);
      if (one.page === location.pathname) done = one.name;
      return true;
    }
    const told = await answer.json().catch(() => ({}));
    if (answer.status === 401 || /\/foreign-form$/.test(told.type)) { halted = box.dataset.signin; show(); return false; }
    if (answer.status >= 500 || answer.status === 429 || answer.status === 408) return false;
    const why = [told.detail || told.title || answer.status, ...(told.errors || []).map((each) => each.problem)];
    change(one.id, (kept) => [{ ...kept, refused: [...new Set(why.filter(Boolean))].join(" ") }]);
    return true;
  };
  const round = async () => {
    const stuck = new Set(read().filter((one) => one.refused).map((one) => one.page));
    for (const one of read()) {
      if (one.refused || stuck.has(one.page)) continue;  /* what follows a refused one waits for it */
      if (!(await settle(one))) return;
      if (read().some((each) => each.id === one.id)) stuck.add(one.page);
    }
  };
  let busy = null;
  const flush = () => {
    busy ??= round().catch(() => { /* no line: later */ }).finally(() => {
      busy = null;
      show();
      if (done) location.assign(`${location.pathname}?done=${done}`);
    });
    return busy;
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("form[data-forget-drafts]") && read().length && !confirm(box.dataset.leave)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (!form.matches("form[data-queue]")) return;
    if (form.dataset.kept) { event.preventDefault(); return; }
    const name = form.dataset.queue;
    const said = {};
    for (const [field, value] of new FormData(form, event.submitter)) {
      if (!field.startsWith(`${name}_`)) continue;
      const short = field.slice(name.length + 1);
      if (short === "vacancies") (said[short] ??= []).push(value); else said[short] = value;
    }
    const label = [form.dataset.label, event.submitter?.textContent.trim()].filter(Boolean).join(" ");
    const entry = {
      id: key(), at: Date.now(), to: form.dataset.to, page: location.pathname, name, said, label,
      draft: form.dataset.draft, fields: typed(form),
    };
    try { write([...read(), entry]); } catch { return; }  /* no room: send it as a plain form */
    event.preventDefault();
    form.dataset.kept = entry.id;
    (busy || Promise.resolve()).then(flush).then(() => {
      if (read().some((one) => one.id === entry.id && one.refused)) { delete form.dataset.kept; box.scrollIntoView(); }
    });
  }, true);

  window.addEventListener("online", flush);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) flush(); });
  setInterval(() => { if (read().some((one) => !one.refused)) flush(); }, PAUSE);
  window.addEventListener("storage", show);
  show();
  flush();
})();
