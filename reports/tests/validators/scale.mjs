// The HTML report of a large matrix: its size, how long it takes to open, and how long a filter takes.

import { statSync } from "node:fs";

import { open, withBrowser } from "./browser.mjs";
import { eachFolder } from "./outputs.mjs";

const MOST_OCTETS = 10_000_000;
const MOST_MS = 200;
// Each filter is set and taken back this often, and the fastest turn counts: a busy machine makes single turns slow,
// and none fast.
const TURNS = 5;

// Runs in the page: sets a control as a user does, and waits until other rows are shown and two frames are drawn.
async function timed(selector, value) {
  const control = document.querySelector(selector);
  if (!control) {
    return { missing: true };
  }
  const rows = [...document.querySelectorAll("tr[data-case]")];
  const shown = () => rows.filter((row) => !row.hidden && row.style.display !== "none").length;
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const before = shown();
  const began = performance.now();
  if (control.type === "checkbox") {
    control.checked = value;
  } else {
    control.value = value;
  }
  control.dispatchEvent(new Event("input", { bubbles: true }));
  control.dispatchEvent(new Event("change", { bubbles: true }));
  await frame();
  let waited = 1;
  while (shown() === before && waited < 120) {
    await frame();
    waited += 1;
  }
  await frame();
  return { ms: performance.now() - began, before, after: shown(), rows: rows.length };
}

async function check(outputs, browser) {
  const told = [];
  const path = outputs.path("report.html");
  const { size } = statSync(path);
  outputs.expect(size < MOST_OCTETS, `${size} octets, and ${MOST_OCTETS} are the most`);
  const { page, loadedMs } = await open(browser, path);
  told.push(`opens in ${Math.round(loadedMs)} ms`);
  const choice = (selector) =>
    page.evaluate((name) => {
      const options = [...(document.querySelector(name)?.options ?? [])].map(({ value }) => value);
      return { all: options[0], one: options.find((value, at) => at > 0 && value !== "") };
    }, selector);
  // A case in the middle of the table: neither the first row nor one that is shown anyway.
  const text = await page.evaluate(() => {
    const rows = document.querySelectorAll("tr[data-case]");
    return rows[Math.floor(rows.length / 2)]?.dataset.case;
  });
  const filters = [["#filter-text", { all: "", one: text }]];
  for (const name of ["#filter-outcome", "#filter-severity", "#filter-control"]) {
    filters.push([name, await choice(name)]);
  }
  filters.push(["#filter-disagree", { all: false, one: true }]);
  for (const [selector, { all, one }] of filters) {
    const turns = { set: [], back: [] };
    let shown;
    for (let turn = 0; turn < TURNS && one !== undefined; turn += 1) {
      for (const [name, value] of [["set", one], ["back", all]]) {
        const { missing, ms, before, after, rows } = await page.evaluate(timed, selector, value);
        if (missing) {
          break;
        }
        outputs.expect(before !== after, `${selector}: ${JSON.stringify(value)} changes no row of ${rows}`);
        turns[name].push(ms);
        shown ??= `${after} of ${rows} rows`;
      }
    }
    const fastest = Math.max(...Object.values(turns).map((all) => Math.min(...all)));
    outputs.expect(Number.isFinite(fastest), `there is no ${selector}, or nothing to choose in it`);
    outputs.expect(fastest < MOST_MS, `${selector} takes ${Math.round(fastest)} ms, and ${MOST_MS} are the most`);
    const slowest = Math.max(...turns.set, ...turns.back);
    told.push(`${selector} ${Math.round(fastest)} ms, at worst ${Math.round(slowest)} (${shown})`);
  }
  await page.close();
  return `${(size / 1e6).toFixed(2)} MB, ${told.join(", ")}`;
}

await withBrowser((browser) => eachFolder((outputs) => check(outputs, browser)));
