"use strict";
// The page is complete without this script: it sorts, filters, moves and compares words. All state lives in the address.
(() => {
  const cases = [...document.querySelectorAll("article.case")];
  const form = document.getElementById("filters");
  const matrix = document.getElementById("matrix-table");
  const empty = () => ({ anchor: "", c: "", show: "all", q: "", at: "", words: "", sort: "", dir: "" });
  const numbers = new Map(form ? [...form.elements.c.options].map((option) => [option.value, option.dataset.id]) : []);
  let state = empty();

  const read = () => {
    const hash = location.hash.slice(1);
    const cut = hash.indexOf("?");
    const next = empty();
    next.anchor = cut < 0 ? hash : hash.slice(0, cut);
    if (cut >= 0) {
      for (const [key, value] of new URLSearchParams(hash.slice(cut + 1))) if (key in next && key !== "anchor") next[key] = value;
    }
    return next;
  };

  const address = () => {
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(state)) if (key !== "anchor" && value && !(key === "show" && value === "all")) query.set(key, value);
    const text = query.toString();
    return "#" + state.anchor + (text ? "?" + text : "");
  };

  const write = () => history.replaceState(null, "", address());

  const has = (element, name, id) => (element.dataset[name] || "").split(" ").includes(id);

  const tests = {
    all: () => true,
    disputed: (element) => element.dataset.disputed === "yes",
    right: (element, id) => has(element, "right", id),
    wrong: (element, id) => has(element, "asked", id) && !has(element, "right", id) && !has(element, "failed", id) && !has(element, "unknown", id),
    failed: (element, id) => has(element, "failed", id),
    slow: (element, id) => has(element, "slow", id),
    only: (element, id) => element.dataset.right === id,
    differs: (element, id) => has(element, "right", id) !== has(element, "right", form.dataset.incumbent),
  };
  const anyone = new Set(["all", "disputed"]);

  const shown = () => cases.filter((element) => !element.hidden);

  const filter = () => {
    if (!numbers.has(state.c)) state.c = "";
    const id = numbers.get(state.c);
    const show = Object.hasOwn(tests, state.show) && (state.c !== "" || anyone.has(state.show)) ? state.show : "all";
    const words = state.q.toLowerCase();
    for (const element of cases) {
      element.hidden = !(tests[show](element, id) && (!words || element.textContent.toLowerCase().includes(words)));
    }
    const left = shown().length;
    document.getElementById("count").textContent = left === 0
      ? "No case on this page fits."
      : `${left} of ${cases.length} cases on this page`;
    form.elements.c.value = state.c;
    form.elements.show.value = show;
    if (form.elements.q.value !== state.q) form.elements.q.value = state.q;
    form.elements.words.checked = state.words === "1";
    for (const option of form.elements.show.options) option.disabled = state.c === "" && !anyone.has(option.value);
  };

  const current = (element, focus) => {
    for (const other of cases) other.classList.toggle("current", other === element);
    if (!element) return;
    if (focus) {
      element.focus({ preventScroll: true });
      element.scrollIntoView({ block: "start" });
    }
  };

  const move = (step) => {
    const visible = shown();
    if (!visible.length) return;
    const at = visible.findIndex((element) => element.classList.contains("current"));
    const next = at < 0 ? visible[0] : visible[Math.min(Math.max(at + step, 0), visible.length - 1)];
    state.anchor = "cases";
    state.at = next.dataset.id;
    current(next, true);
    write();
  };

  // The longest common subsequence of words; long texts are left as they are.
  const LONGEST = 500;
  const compare = (element, reference) => {
    if (!element.dataset.plain) element.dataset.plain = element.textContent;
    const mine = element.dataset.plain.split(/(\s+)/), theirs = reference.split(/\s+/);
    if (mine.length > 2 * LONGEST || theirs.length > LONGEST) return;
    const words = mine.filter((piece, index) => index % 2 === 0);
    const length = Array.from({ length: words.length + 1 }, () => new Uint16Array(theirs.length + 1));
    for (let i = words.length - 1; i >= 0; i -= 1) {
      for (let j = theirs.length - 1; j >= 0; j -= 1) {
        length[i][j] = words[i] === theirs[j] ? length[i + 1][j + 1] + 1 : Math.max(length[i + 1][j], length[i][j + 1]);
      }
    }
    const same = new Set();
    for (let i = 0, j = 0; i < words.length && j < theirs.length;) {
      if (words[i] === theirs[j]) { same.add(i); i += 1; j += 1; } else if (length[i + 1][j] >= length[i][j + 1]) i += 1; else j += 1;
    }
    const pieces = mine.map((piece, index) => {
      if (index % 2 === 1 || !piece || same.has(index / 2)) return document.createTextNode(piece);
      const mark = document.createElement("mark");
      mark.textContent = piece;
      return mark;
    });
    element.replaceChildren(...pieces);
  };

  const words = () => {
    for (const element of cases) {
      const reference = element.querySelector("[data-reference]");
      for (const reply of element.querySelectorAll("[data-reply]")) {
        if (state.words === "1" && reference) compare(reply, reference.textContent);
        else if (reply.dataset.plain) { reply.replaceChildren(document.createTextNode(reply.dataset.plain)); delete reply.dataset.plain; }
      }
    }
  };

  const sort = () => {
    if (!matrix) return;
    const heads = [...matrix.tHead.querySelectorAll("th[aria-sort]")];
    for (const head of heads) head.setAttribute("aria-sort", "none");
    const body = matrix.tBodies[0];
    const rows = [...body.rows].sort((a, b) => a.dataset.order - b.dataset.order);
    const column = heads.find((head) => head.dataset.column === state.sort);
    if (column) {
      const down = state.dir === "down";
      column.setAttribute("aria-sort", down ? "descending" : "ascending");
      const value = (row) => row.cells[column.cellIndex].dataset.value ?? "";
      rows.sort((a, b) => {
        const left = value(a), right = value(b);
        if (left === "" || right === "") return (left === "") - (right === "");
        const gap = Number(left) - Number(right);
        const order = Number.isNaN(gap) ? left.localeCompare(right) : gap;
        return down ? -order : order;
      });
    }
    body.append(...rows);
  };

  const arrive = () => {
    const before = state.words;
    state = read();
    sort();
    if (!form) return;
    filter();
    if (before !== state.words) words();
    const at = state.at && cases.find((element) => element.dataset.id === state.at && !element.hidden);
    current(at || null, Boolean(at));
    const target = !at && location.hash.includes("?") && state.anchor && document.getElementById(state.anchor);
    if (target) target.scrollIntoView();
  };

  if (form) {
    form.hidden = false;
    form.addEventListener("submit", (event) => event.preventDefault());
    const changed = () => {
      const before = state.words;
      const { c, show, q, words: box } = form.elements;
      Object.assign(state, { anchor: "cases", c: c.value, show: show.value, q: q.value, at: "", words: box.checked ? "1" : "" });
      filter();
      current(null, false);
      if (before !== state.words) words();
      write();
    };
    form.addEventListener("input", changed);
    form.addEventListener("change", changed);
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, select, textarea")) return;
      if (event.key === "j") move(1);
      else if (event.key === "k") move(-1);
    });
  }
  if (matrix) {
    matrix.tHead.addEventListener("click", (event) => {
      const head = event.target.closest("button.sort")?.closest("th");
      if (!head) return;
      const again = state.sort === head.dataset.column;
      Object.assign(state, { anchor: "matrix", sort: head.dataset.column, dir: again && state.dir !== "down" ? "down" : "up", at: "" });
      sort();
      write();
    });
  }
  const PRINTED = 30;
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("section:not(#cases) details:not([open])")];
    for (const each of opened) each.open = true;
    shown().forEach((element, index) => element.classList.toggle("unprinted", index >= PRINTED));
  });
  addEventListener("afterprint", () => { for (const each of opened) each.open = false; });
  addEventListener("hashchange", arrive);
  arrive();
})();
