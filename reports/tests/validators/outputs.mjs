// What the checks in JavaScript share: what `outputs.py` is to those in Python.

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { basename, delimiter, join, resolve } from "node:path";

const MOST_SHOWN = 25;
const BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

// The same characters as in `outputs.py`.
export const UNSHOWABLE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

function stop(message) {
  console.error(message);
  process.exit(1);
}

function tools() {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return process.env.GAUNTLET_VALIDATORS || join(cache, "jwks-gauntlet-validators");
}

// What `install` put outside of the tree cannot be imported by name from within it.
const there = createRequire(join(tools(), "node", "package.json"));

function installed(find) {
  try {
    return find();
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") {
      throw error;
    }
    return stop(`${error.message.split("\n")[0]}; reports/tests/validators/install gets it`);
  }
}

export const load = (name) => installed(() => there(name));
export const source = (path) => installed(() => readFileSync(there.resolve(path), "utf8"));

// The browser: the one that CHROMIUM names, or the first on the path.
export function browserPath() {
  if (process.env.CHROMIUM) {
    return process.env.CHROMIUM;
  }
  for (const name of BROWSERS) {
    for (const folder of (process.env.PATH || "").split(delimiter)) {
      if (existsSync(join(folder, name))) {
        return join(folder, name);
      }
    }
  }
  return stop(
    "no Chromium: it is in Debian's chromium, which reports/tests/validators/install gets; or name one in CHROMIUM",
  );
}

// A folder that holds one record in every format.
class Outputs {
  constructor(folder) {
    this.folder = resolve(folder);
    this.name = `${basename(this.folder)}: ${basename(process.argv[1]).replace(/\.mjs$/, "")}`;
    this.complaints = [];
    this.recordText = this.text("record.json");
    this.record = JSON.parse(this.recordText);
    this.findings = this.record.results.filter(({ outcome }) => ["fail", "crash", "hang"].includes(outcome));
  }

  path(name) {
    const path = join(this.folder, name);
    return existsSync(path) ? path : stop(`${path}: there is no such file`);
  }

  text(name) {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(this.path(name)));
  }

  expect(holds, complaint) {
    if (!holds) {
      this.complaints.push(complaint);
    }
  }

  expectShownPlainly(where, text) {
    const found = UNSHOWABLE.exec(text);
    if (found) {
      const around = text.slice(Math.max(0, found.index - 20), found.index + 20);
      const code = found[0].charCodeAt(0).toString(16).padStart(4, "0");
      this.expect(false, `${where}: holds U+${code}: ${JSON.stringify(around)}`);
    }
  }

  say(lookedAt) {
    for (const complaint of this.complaints.slice(0, MOST_SHOWN)) {
      console.error(`${this.name}: ${complaint}`);
    }
    if (this.complaints.length > MOST_SHOWN) {
      console.error(`${this.name}: and ${this.complaints.length - MOST_SHOWN} more`);
    }
    if (this.complaints.length === 0) {
      console.log(`${this.name}: ${lookedAt}`);
    }
    return this.complaints.length === 0;
  }
}

// Runs a check, which returns what it looked at, on every folder of the command line.
export async function eachFolder(check) {
  const folders = process.argv.slice(2);
  if (folders.length === 0) {
    stop(`usage: ${basename(process.argv[1])} FOLDER…`);
  }
  for (const folder of folders) {
    const outputs = new Outputs(folder);
    if (!outputs.say(await check(outputs))) {
      process.exitCode = 1;
    }
  }
}
