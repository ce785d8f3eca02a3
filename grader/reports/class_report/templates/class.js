// Sorting, searching and choosing rows. What needs this script appears with it: without JavaScript
// there is no control that does nothing. Texts reach the page as text, never as markup.
"use strict";
(() => {
  const words = document.body.dataset;

  function element(tag, properties, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  }

  function value(row, column, isNumber) {
    const text = row.cells[column].textContent.trim();
    if (!isNumber) return text;
    const number = parseFloat(text.replace("−", "-"));
    return Number.isNaN(number) ? null : number;
  }

  // Cells without a number stay at the end, whichever way the others go.
  function compare(one, other, isNumber, sign) {
    if (!isNumber) return sign * one.localeCompare(other, undefined, { numeric: true });
    if (one === null || other === null) return (one === null) - (other === null);
    return sign * (one - other);
  }

  function sort(table, header) {
    const isRising = header.getAttribute("aria-sort") !== "ascending";
    const isNumber = header.dataset.sort === "number";
    const body = table.tBodies[0];
    const rows = Array.from(body.rows, (row) => [value(row, header.cellIndex, isNumber), row]);
    rows.sort(([one], [other]) => compare(one, other, isNumber, isRising ? 1 : -1));
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", isRising ? "ascending" : "descending");
    body.append(...rows.map(([, row]) => row));
  }

  function makeSortable(table) {
    for (const header of table.tHead.rows[0].cells) {
      if (!header.dataset.sort) continue;
      const button = element("button", { type: "button" }, ...header.childNodes);
      button.addEventListener("click", () => sort(table, header));
      header.append(button);
    }
  }

  function makeSearchable(table) {
    const rows = Array.from(table.tBodies[0].rows);
    const search = element("input", { type: "search", autocomplete: "off" });
    const count = element("output");
    const bar = element("div", { className: "controls" },
      element("label", {}, words.search + " ", search));
    let choice = null;
    if (table.dataset.choices) {
      const options = [["", words.all], ...JSON.parse(table.dataset.choices)];
      choice = element("select", {}, ...options.map(([tag, name]) =>
        element("option", { value: tag, textContent: name })));
      bar.append(element("label", {}, words.show + " ", choice));
    }
    bar.append(count);
    // A heat map is searched by who it is about: its numbers would match nearly everything.
    const texts = rows.map((row) => {
      const told = table.classList.contains("heat") ? row.cells[0] : row;
      return told.textContent.toLowerCase();
    });
    function show() {
      const wanted = search.value.trim().toLowerCase();
      const tag = choice ? choice.value : "";
      let shown = 0;
      rows.forEach((row, place) => {
        const tags = (row.dataset.tags || "").split(" ");
        row.hidden = !texts[place].includes(wanted) || (tag !== "" && !tags.includes(tag));
        shown += !row.hidden;
      });
      count.textContent = words.count.replace("%1", shown).replace("%2", rows.length);
    }
    search.addEventListener("input", show);
    if (choice) choice.addEventListener("change", show);
    show();
    table.parentElement.before(bar);
  }

  document.querySelectorAll("table.sortable").forEach(makeSortable);
  document.querySelectorAll("table.searchable").forEach(makeSearchable);
})();
