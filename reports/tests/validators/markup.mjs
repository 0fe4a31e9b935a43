// The HTML report as markup, by html-validate.

import { eachFolder, load } from "./outputs.mjs";

const { HtmlValidate, StaticConfigLoader } = load("html-validate");

const validator = new HtmlValidate(
  new StaticConfigLoader({ root: true, extends: ["html-validate:recommended"], elements: ["html5"] }),
);

await eachFolder(async (outputs) => {
  const page = outputs.text("report.html");
  outputs.expectShownPlainly("report.html", page);
  const { results } = await validator.validateString(page, "report.html");
  for (const { messages } of results) {
    for (const { line, column, ruleId, message, severity } of messages) {
      outputs.expect(false, `${line}:${column} ${severity === 2 ? "error" : "warning"} ${ruleId}: ${message}`);
    }
  }
  return `${page.length} characters of valid markup`;
});
