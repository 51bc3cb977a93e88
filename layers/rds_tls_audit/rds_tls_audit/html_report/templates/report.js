"use strict";
// The report is complete without this script. It adds the filter, and copies to an opened row the
// next steps and commands that the report contains only once.
(() => {
  const matrix = document.getElementById("matrix");
  if (!matrix) return;
  const form = document.getElementById("filter");
  const field = (name) => document.getElementById(`filter-${name}`);
  const rows = Array.from(matrix.tBodies);
  const texts = new Map();

  // Read once, and only for a search.
  const textOf = (row) => {
    if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase());
    return texts.get(row);
  };

  // A cell without a class has passed.
  const statusOf = (cell) => cell.className || "passed";

  const hasStatus = (row, statuses, check) => {
    const found = check ? [statusOf(row.rows[0].cells[check])] : row.dataset.s.split(" ");
    return statuses.some((status) => found.includes(status));
  };

  const filter = () => {
    const words = field("text").value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = form.querySelectorAll("input[name=status]:checked");
    const statuses = Array.from(chosen, (input) => input.value);
    const [check, owner] = [Number(field("check").value), field("owner").value];
    let count = 0;
    for (const row of rows) {
      row.hidden =
        (owner !== "" && row.dataset.o !== owner) ||
        (statuses.length > 0 && !hasStatus(row, statuses, check)) ||
        !words.every((word) => textOf(row).includes(word));
      if (!row.hidden) count += 1;
    }
    const all = rows.length.toLocaleString("en");
    field("count").textContent = `${count.toLocaleString("en")} of ${all} databases`;
    field("none").hidden = count > 0;
  };

  // Reasons without a next step of their own get the general one of their checks.
  const addNextSteps = (open) => {
    for (const reason of open.querySelectorAll(".failed, .warning, .accepted")) {
      if (reason.querySelector(".remedy")) continue;
      for (const link of reason.querySelectorAll("a")) {
        const remedy = document.querySelector(`${link.hash} .remedy`).cloneNode(true);
        reason.append(remedy);
      }
    }
  };

  // The commands for the checks that did not pass, or all commands if every check passed.
  const commandsFor = (open) => {
    const list = document.querySelector("#by-hand .commands").cloneNode(true);
    const checks = Array.from(open.querySelectorAll("li[class] a"), (link) => link.textContent);
    const applies = (command) => {
      const repeated = command.querySelector(".label").textContent.split(", ");
      return repeated.some((check) => checks.includes(check));
    };
    const applicable = Array.from(list.children).filter(applies);
    if (applicable.length > 0) list.replaceChildren(...applicable);
    return list;
  };

  const addCommands = (open) => {
    const variables = open.querySelector("dl code");
    if (!variables) return;
    const list = commandsFor(open);
    // Only values that need no shell quotes are inserted; other commands keep the variables.
    const plain = /^HOST=([\w.-]+) PORT=(\d+) ROLE=([\w.@-]+)$/.exec(variables.textContent);
    if (plain) {
      const values = { $HOST: plain[1], $PORT: plain[2], $ROLE: plain[3] };
      for (const word of list.querySelectorAll("pre span")) {
        word.textContent = word.textContent.replace(/\$(?:HOST|PORT|ROLE)/g, (name) => values[name]);
      }
    }
    open.append(list);
  };

  const complete = (details) => {
    const open = details.querySelector("div");
    if (!open || open.dataset.complete) return;
    open.dataset.complete = "yes";
    textOf(details.closest("tbody"));
    addNextSteps(open);
    addCommands(open);
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
    for (let element = target; element; element = element.parentElement) {
      if (element.localName === "details") element.open = true;
    }
    target.scrollIntoView();
  };

  form.addEventListener("input", filter);
  // The browser clears the fields only after the event.
  form.addEventListener("reset", () => setTimeout(filter));
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", openTarget);
  document.documentElement.classList.add("scripted");
  form.hidden = false;
  filter();
  openTarget();
})();
