(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);

  // A link into what is folded away unfolds it.
  const reveal = () => {
    const target = location.hash.length > 1 ? byId(decodeURIComponent(location.hash.slice(1))) : null;
    if (!target) return;
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();

  // Paper cannot be clicked: everything is unfolded for it, and folded again.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const details of folded) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of folded) details.open = false;
    folded = [];
  });

  const filter = byId("filter");
  if (!filter) return;
  const [text, outcome, severity, control, disagree, told, note] =
    ["text", "outcome", "severity", "control", "disagree", "told", "note"].map((name) => byId("filter-" + name));

  const entry = (element) => ({
    element,
    text: (element.dataset.case + " " + (element.dataset.say || element.querySelector("th, h4").textContent)).toLowerCase(),
    outcomes: element.dataset.o,
    severity: Number(element.dataset.s),
    category: element.dataset.c,
    disagrees: "d" in element.dataset,
    shown: true,
  });
  const rows = [...document.querySelectorAll("tr[data-case]")].map(entry);
  const cases = [...document.querySelectorAll("article[data-case]")].map(entry);
  const around = (selector, entries) => {
    const of = new Map([...document.querySelectorAll(selector)].map((element) => [element, []]));
    for (const one of entries) of.get(one.element.closest(selector))?.push(one);
    return [...of].map(([element, inside]) => ({ element, inside, count: element.querySelector(".shown") }));
  };
  const families = around("details.family", rows);
  const groups = around("div.group", cases);
  const few = 150;
  const opened = new Set();

  const show = (one, wanted) => {
    if (one.shown !== wanted) one.element.hidden = !wanted;
    one.shown = wanted;
  };
  const apply = () => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const least = Number(severity.value);
    const categories = control.value ? control.value.split(" ") : null;
    const matches = (one) =>
      (!outcome.value || [...outcome.value].some((mark) => one.outcomes.includes(mark))) &&
      one.severity >= least &&
      (!categories || categories.includes(one.category)) &&
      (!disagree.checked || one.disagrees) &&
      words.every((word) => one.text.includes(word));
    let found = 0;
    for (const one of rows) {
      const match = matches(one);
      show(one, match);
      if (match) found += 1;
    }
    const active = words.length > 0 || outcome.value || least > 0 || categories || disagree.checked;
    for (const family of families) {
      const inside = family.inside.filter((one) => one.shown).length;
      family.element.hidden = active && inside === 0;
      family.count.textContent = active ? inside + " match" : "";
      // A few rows are unfolded; thousands would only be laid out for nobody.
      if (active && found <= few && inside > 0 && !family.element.open) {
        family.element.open = true;
        opened.add(family.element);
      } else if ((!active || found > few) && opened.delete(family.element)) {
        family.element.open = false;
      }
    }
    let told_of = 0;
    for (const one of cases) {
      const match = matches(one);
      show(one, match);
      if (match) told_of += 1;
    }
    for (const group of groups) group.element.hidden = group.inside.length > 0 && group.inside.every((one) => !one.shown);
    told.textContent = active
      ? `${found} of ${rows.length} cases in the matrix match, and ${told_of} of the ${cases.length} with findings.`
      : `${rows.length} cases, ${cases.length} of them with findings.`;
    note.textContent = active ? "Only a part is printed: " + told.textContent : "";
  };
  filter.hidden = false;
  document.documentElement.classList.add("filters");
  filter.addEventListener("input", apply);
  byId("filter-clear").addEventListener("click", () => {
    text.value = outcome.value = control.value = "";
    severity.value = "0";
    disagree.checked = false;
    apply();
  });
  apply();
})();
