"use strict";
// The page is whole without this: it adds the filter, and brings to an opened row what stands
// once for all of them further down.
(() => {
  const matrix = document.getElementById("matrix");
  if (!matrix) return;
  const form = document.getElementById("filter");
  const field = (name) => document.getElementById(`filter-${name}`);
  const rows = Array.from(matrix.tBodies);
  const texts = new Map();

  // Read once, and only when someone searches.
  const textOf = (row) => {
    if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase());
    return texts.get(row);
  };

  // A cell without a class passed.
  const standing = (cell) => cell.className || "passed";

  const stands = (row, statuses, check) => {
    if (check) return statuses.some((it) => standing(row.rows[0].cells[check]) === it);
    return statuses.some((it) => row.dataset.s.split(" ").includes(it));
  };

  const filter = () => {
    const words = field("text").value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = form.querySelectorAll("input[name=status]:checked");
    const statuses = Array.from(chosen, (it) => it.value);
    const [check, owner] = [Number(field("check").value), field("owner").value];
    let count = 0;
    for (const row of rows) {
      row.hidden =
        (owner !== "" && row.dataset.o !== owner) ||
        (statuses.length > 0 && !stands(row, statuses, check)) ||
        !words.every((word) => textOf(row).includes(word));
      if (!row.hidden) count += 1;
    }
    const all = rows.length.toLocaleString("en");
    field("count").textContent = `${count.toLocaleString("en")} of ${all} databases`;
    field("none").hidden = count > 0;
  };

  // Where the row knows no better one.
  const nextSteps = (open) => {
    for (const reason of open.querySelectorAll(".failed, .warning, .accepted")) {
      if (reason.querySelector(".remedy")) continue;
      for (const link of reason.querySelectorAll("a")) {
        const remedy = document.querySelector(`${link.hash} .remedy`).cloneNode(true);
        reason.append(remedy);
      }
    }
  };

  // Of what is not well; where all is well, every line.
  const linesFor = (open) => {
    const list = document.querySelector("#by-hand .commands").cloneNode(true);
    const checks = Array.from(open.querySelectorAll("li[class] a"), (it) => it.textContent);
    const asks = (line) => {
      const its = line.querySelector(".label").textContent.split(", ");
      return its.some((it) => checks.includes(it));
    };
    const some = Array.from(list.children).filter(asks);
    if (some.length > 0) list.replaceChildren(...some);
    return list;
  };

  const commands = (open) => {
    const hand = open.querySelector("dl code");
    if (!hand) return;
    const list = linesFor(open);
    // Only what a shell takes without quotes is put in; all else stays in the variables.
    const plain = /^HOST=([\w.-]+) PORT=(\d+) ROLE=([\w.@-]+)$/.exec(hand.textContent);
    if (plain) {
      const values = { $HOST: plain[1], $PORT: plain[2], $ROLE: plain[3] };
      for (const word of list.querySelectorAll("pre span")) {
        word.textContent = word.textContent.replace(/\$(?:HOST|PORT|ROLE)/g, (it) => values[it]);
      }
    }
    open.append(list);
  };

  const complete = (details) => {
    const open = details.querySelector("div");
    if (!open || open.dataset.complete) return;
    open.dataset.complete = "yes";
    textOf(details.closest("tbody"));
    nextSteps(open);
    commands(open);
  };

  // A toggle event does not bubble.
  matrix.addEventListener("toggle", (event) => event.target.open && complete(event.target), true);
  matrix.addEventListener("click", (event) => {
    const cells = event.target.closest("tr.cells");
    if (!cells || getSelection().toString()) return;
    const details = cells.parentElement.querySelector("details");
    details.open = !details.open;
  });

  const openTarget = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (!target || !target.closest("details")) return;
    const row = target.closest("tbody");
    if (row && matrix.contains(row)) row.hidden = false;
    for (let it = target; it; it = it.parentElement) if (it.localName === "details") it.open = true;
    target.scrollIntoView();
  };

  form.addEventListener("input", filter);
  // The fields are empty only after the event.
  form.addEventListener("reset", () => setTimeout(filter));
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", openTarget);
  document.documentElement.classList.add("scripted");
  form.hidden = false;
  filter();
  openTarget();
})();
