// The badge: what Shields' endpoint takes, drawn by Shields' own library.

import { eachFolder, load } from "./outputs.mjs";

const { makeBadge } = load("badge-maker");

// What the endpoint's documentation lists; it answers "invalid" to any other member.
const MEMBERS = new Set([
  "schemaVersion",
  "label",
  "message",
  "color",
  "labelColor",
  "isError",
  "namedLogo",
  "logoSvg",
  "logoColor",
  "logoSize",
  "style",
  "cacheSeconds",
]);

// A colour that Shields does not know is drawn in its default, and nobody is told.
const GOOD = /^(brightgreen|green|success)$/;
const OTHER =
  /^(yellowgreen|yellow|orange|red|blue|lightgr[ea]y|important|critical|informational|inactive|[0-9a-f]{3}|[0-9a-f]{6})$/;

await eachFolder((outputs) => {
  const badge = JSON.parse(outputs.text("badge.json"));
  for (const [name, value] of Object.entries(badge)) {
    outputs.expect(MEMBERS.has(name), `${name} is no member of an endpoint's badge`);
    outputs.expectShownPlainly(name, String(value));
  }
  outputs.expect(badge.schemaVersion === 1, `schemaVersion is ${badge.schemaVersion}`);
  const { label, message, color } = badge;
  for (const text of [label, message]) {
    outputs.expect(typeof text === "string" && text.length <= 80, `${JSON.stringify(text)} is no text for a badge`);
  }
  const drawn = makeBadge({ label, message, color });
  outputs.expect(drawn.startsWith("<svg") && !/<(script|image|foreignObject)/.test(drawn), `drawn as ${drawn}`);
  outputs.expect(GOOD.test(color) || OTHER.test(color), `Shields knows no colour ${JSON.stringify(color)}`);
  const good = outputs.record.complete && outputs.findings.every(({ known }) => known);
  outputs.expect(good || !GOOD.test(color), `${color} for a run that is cut short or has findings`);
  return `${label}: ${message} (${color})`;
});
