// A headless Chromium with one page of the report in it, and everything that it did beyond showing that page.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { browserPath, load } from "./outputs.mjs";

export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1280, height: 900 };

// How long one step may take; the largest page needs a tenth of it.
const PATIENCE_MS = 120_000;

export async function withBrowser(use) {
  const profile = mkdtempSync(join(tmpdir(), "gauntlet-page-"));
  const browser = await load("puppeteer-core").launch({
    executablePath: browserPath(),
    userDataDir: profile,
    protocolTimeout: PATIENCE_MS,
    args: [
      // Chromium has no sandbox for root, which CI is.
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      "--disable-dev-shm-usage",
      "--disable-gpu",
      // Whatever would leave the page, or the browser itself, leads nowhere.
      "--host-resolver-rules=MAP * ~NOTFOUND",
    ],
  });
  try {
    return await use(browser);
  } finally {
    await browser.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

// Opens the page and keeps a list of what it did: requests, dialogs, new windows, words on the console, errors, and
// what its policy had to hold back.
export async function open(browser, path, { viewport = DESKTOP, scheme = "light", javascript = true } = {}) {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.setViewport(viewport);
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.setJavaScriptEnabled(javascript);
  const url = pathToFileURL(path).href;
  const misdeeds = [];
  page.on("request", (request) => {
    if (request.url().split("#")[0] !== url) {
      misdeeds.push(`asks for ${request.url().slice(0, 200)}`);
    }
  });
  page.on("dialog", async (dialog) => {
    misdeeds.push(`opens a dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  page.on("popup", () => misdeeds.push("opens a window"));
  page.on("console", (message) => misdeeds.push(`console.${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => misdeeds.push(`throws ${error}`));
  await page.evaluateOnNewDocument(() => {
    window.heldBack = [];
    document.addEventListener("securitypolicyviolation", (event) => {
      window.heldBack.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`);
    });
  });
  const began = performance.now();
  await page.goto(url, { waitUntil: "load" });
  if (javascript) {
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  }
  return { page, misdeeds, loadedMs: performance.now() - began };
}

export async function openAllDetails(page) {
  await page.evaluate(() => {
    for (const details of document.querySelectorAll("details")) {
      details.open = true;
    }
  });
}
