// The HTML report in headless Chromium: what it does, who can use it, how it prints.
//
// Screenshots and the printed page are left in a folder that GAUNTLET_SCREENSHOTS names, for somebody to look at.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { DESKTOP, PHONE, open, openAllDetails, withBrowser } from "./browser.mjs";
import { eachFolder, source } from "./outputs.mjs";

// Where a page grows taller than this, the rest of it is not in the picture.
const TALLEST = 12_000;

// What the hostile record says among other things, and what runs if a page believes it.
const HOSTILE = "window.__owned=1";

const axe = source("axe-core/axe.min.js");

// Runs in the page: what the document holds that could fetch, run or lead somewhere.
function dangers() {
  const found = [];
  for (const element of document.querySelectorAll("*")) {
    const name = element.localName;
    if (["iframe", "frame", "object", "embed", "base", "form", "img", "audio", "video", "link", "portal"].includes(name)) {
      found.push(`an element <${name}>`);
    }
    for (const attribute of element.attributes) {
      if (attribute.name.startsWith("on") || ["style", "src", "srcset", "srcdoc", "ping"].includes(attribute.name)) {
        found.push(`<${name} ${attribute.name}>`);
      }
      const leads = ["href", "xlink:href", "action", "formaction", "data"].includes(attribute.name);
      if (leads && !/^(#|https:\/\/)/.test(attribute.value)) {
        found.push(`<${name} ${attribute.name}="${attribute.value.slice(0, 80)}">`);
      }
    }
  }
  const policy = document.querySelector("meta[http-equiv='Content-Security-Policy' i]");
  const text = policy?.content ?? "";
  if (!/(^|;)\s*default-src 'none'/.test(text) || /unsafe|\*|https?:|data:/.test(text)) {
    found.push(`a policy that reads ${JSON.stringify(text)}`);
  }
  if (document.querySelector("meta[http-equiv='refresh' i]")) {
    found.push("a refresh");
  }
  // What stands before the policy is not held by it.
  const early = policy && [...document.querySelectorAll("script, style")].some(
    (element) => element.compareDocumentPosition(policy) & Node.DOCUMENT_POSITION_FOLLOWING,
  );
  if (early) {
    found.push("a script or style before the policy");
  }
  return found;
}

// Runs in the page: whether each text is shown, or would be once the <details> around it are opened.
function unreachable(texts) {
  const left = new Set(texts);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const reachable = (element) => {
    for (let up = element; up; up = up.parentElement) {
      if (up.hidden || getComputedStyle(up).display === "none" || getComputedStyle(up).visibility === "hidden") {
        return false;
      }
    }
    return true;
  };
  while (walker.nextNode() && left.size > 0) {
    const text = walker.currentNode.data;
    const element = walker.currentNode.parentElement;
    if (["SCRIPT", "STYLE", "TITLE"].includes(element.tagName)) {
      continue;
    }
    for (const wanted of left) {
      if (text.includes(wanted) && reachable(element)) {
        left.delete(wanted);
      }
    }
  }
  return [...left];
}

// Runs in the page: what reaches beyond its right edge, as far as the page itself would have to scroll for it.
function overflow() {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) {
    return null;
  }
  // What a box of its own scrolls or cuts is not the page's.
  const isBoxed = (element) => {
    for (let up = element.parentElement; up && up !== document.body; up = up.parentElement) {
      if (getComputedStyle(up).overflowX !== "visible") {
        return true;
      }
    }
    return false;
  };
  const wide = [...document.body.querySelectorAll("*")].filter(
    (element) => element.getBoundingClientRect().right > clientWidth + 1 && !isBoxed(element),
  );
  const named = wide.slice(0, 4).map((element) => {
    const classes = element.getAttribute("class");
    const around = element.closest("[id]")?.id;
    return `<${element.localName}${classes ? ` class="${classes}"` : ""}> in #${around}`;
  });
  return `${scrollWidth - clientWidth} px beyond ${clientWidth}, namely ${named.join(", ")}`;
}

// One report, and where pictures of it go.
class Report {
  constructor(outputs, browser, pictures, isKept) {
    this.outputs = outputs;
    this.browser = browser;
    this.pictures = pictures;
    this.isKept = isKept;
    this.path = outputs.path("report.html");
    this.cases = [...new Set(outputs.findings.map((finding) => finding.case))];
  }

  open(look) {
    return open(this.browser, this.path, look);
  }

  expect(holds, complaint) {
    this.outputs.expect(holds, complaint);
  }

  async checkDeeds(where, { page, misdeeds }) {
    const { owned, heldBack } = await page.evaluate(() => ({ owned: window.__owned, heldBack: window.heldBack ?? [] }));
    this.expect(owned === undefined, `${where}: hostile text was run`);
    for (const deed of misdeeds) {
      this.expect(false, `${where}: the page ${deed}`);
    }
    for (const violation of heldBack) {
      this.expect(false, `${where}: the page's own policy held back ${violation}`);
    }
  }

  async checkAccessibility(where, page) {
    // Evaluated over the protocol, and so not held by the page's policy.
    await page.evaluate(`${axe}; undefined`);
    const { violations, passes } = await page.evaluate(async () => {
      const brief = ({ id, help, nodes }) => ({
        id,
        help,
        count: nodes.length,
        first: nodes.slice(0, 2).map((node) => `${node.html.slice(0, 160)} (${node.failureSummary})`),
      });
      const told = await window.axe.run(document, { resultTypes: ["violations"] });
      return { violations: told.violations.map(brief), passes: told.passes.length };
    });
    for (const { id, help, count, first } of violations) {
      this.expect(false, `${where}: axe ${id} ×${count}: ${help}: ${first.join(" | ")}`);
    }
    this.expect(passes > 10, `${where}: axe looked at next to nothing (${passes} rules)`);
    return passes;
  }

  async picture(page, name) {
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    const { width } = page.viewport();
    const clip = { x: 0, y: 0, width, height: Math.min(height, TALLEST) };
    await page.screenshot({ path: join(this.pictures, `${name}.png`), clip, captureBeyondViewport: true });
  }

  async checkPrint(where, page, name) {
    const file = join(this.pictures, `${name}.pdf`);
    await page.pdf({ path: file, format: "A4", timeout: 0 });
    let words = printedWords(file);
    // The longest first, and each taken out: otherwise one id would vouch for another that it begins with.
    const missing = [];
    for (const id of this.cases.toSorted((one, other) => other.length - one.length)) {
      if (words.includes(id)) {
        words = words.replaceAll(id, " ");
      } else {
        missing.push(id);
      }
    }
    this.expect(missing.length === 0, `${where}: ${missing.length} findings are not on paper: ${missing.slice(0, 5)}`);
  }

  // Every width and scheme, first as it opens and then with all <details> open.
  async checkLooks() {
    let rules = 0;
    for (const [size, viewport] of [["desktop", DESKTOP], ["phone", PHONE]]) {
      for (const scheme of ["light", "dark"]) {
        const where = `${size}, ${scheme}`;
        const opened = await this.open({ viewport, scheme });
        const { page } = opened;
        if (this.isKept) {
          await this.picture(page, `${size}-${scheme}`);
        }
        for (const state of ["as it opens", "all opened"]) {
          if (state === "all opened") {
            await openAllDetails(page);
          }
          const beyond = await page.evaluate(overflow);
          this.expect(beyond === null, `${where}, ${state}: ${beyond}`);
        }
        await this.checkDeeds(where, opened);
        rules = await this.checkAccessibility(where, page);
        await page.close();
      }
    }
    return rules;
  }

  async checkDeedsAndPrint() {
    const opened = await this.open();
    const { page } = opened;
    for (const danger of await page.evaluate(dangers)) {
      this.expect(false, `the page has ${danger}`);
    }
    // Hostile text has to be there as text: a page that lost it would also be harmless.
    if (this.outputs.recordText.includes(HOSTILE)) {
      const shown = await page.evaluate((text) => document.body.textContent.includes(text), HOSTILE);
      this.expect(shown, "the record's hostile text is not shown at all");
    }
    await this.checkPrint("print", page, "printed");
    await this.checkDeeds("after print", opened);
    await page.close();
  }

  async checkWithoutScript() {
    const where = "without JavaScript";
    const opened = await this.open({ javascript: false });
    const missing = await opened.page.evaluate(unreachable, this.cases);
    this.expect(missing.length === 0, `${where}: cannot be reached: ${missing.slice(0, 9)}`);
    await this.checkPrint(`${where}, print`, opened.page, "printed-without-script");
    await this.checkDeeds(where, opened);
    await opened.page.close();
  }
}

// The words of the printed page. Lines break within ids, and so blanks do not count.
function printedWords(file) {
  const told = execFileSync("pdftotext", ["-raw", "-nodiag", file, "-"], { maxBuffer: 1 << 30 });
  return told.toString("utf8").replace(/[\s\u00ad\u200b]+/g, "");
}

await withBrowser((browser) =>
  eachFolder(async (outputs) => {
    const kept = process.env.GAUNTLET_SCREENSHOTS && join(process.env.GAUNTLET_SCREENSHOTS, basename(outputs.folder));
    const pictures = kept || mkdtempSync(join(tmpdir(), "gauntlet-pictures-"));
    mkdirSync(pictures, { recursive: true });
    const report = new Report(outputs, browser, pictures, Boolean(kept));
    await report.checkDeedsAndPrint();
    await report.checkWithoutScript();
    const rules = await report.checkLooks();
    if (!kept) {
      rmSync(pictures, { recursive: true, force: true });
    }
    return `${report.cases.length} findings on paper and without JavaScript; ${rules} rules of axe hold in four looks`;
  }),
);
