// Every program's file, handed over as "open with" does: recognised, mapped and
// ready to import without a click.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { project, Window } from "./window.mjs";

const folder = join(project, "tests/fixtures/csv");
const NAMES = {
  "cardfile.csv": "Cardfile or Chatsby", "google.csv": "Google Contacts", "google_legacy.csv": "Google Contacts (before 2024)",
  "google_outlook.csv": "Google Contacts, as Outlook CSV", "hubspot.csv": "HubSpot", "linkedin.csv": "LinkedIn connections",
  "mailchimp.csv": "Mailchimp audience", "outlook.csv": "Outlook", "outlook_com.csv": "Outlook.com", "salesforce.csv": "Salesforce",
  "spreadsheet_pt.csv": "A spreadsheet", "thunderbird.csv": "Thunderbird",
};

let window;
before(async () => { window = await Window.unprotected({ file: join(folder, "google.csv") }); });
after(() => window?.close());

test("a file the program is started with is planned at once", async () => {
  await window.see(".det", "Looks like Google Contacts");
  await window.pictures("dialect");
});

for (const name of readdirSync(folder)) {
  test(`${name} needs no click before the import`, async () => {
    await window.drop(join(folder, name));
    await window.see("h1", name);
    await window.see(".det", NAMES[name]);
    await window.see(".card", "Adds up");
    const rejected = await window.run(() => [...document.querySelectorAll(".pl li")].find((li) => li.textContent.includes("Rejected")).querySelector("b").textContent);
    assert.equal(rejected, "0");
    await window.see(".btn.pri:not(:disabled)", "Import");
  });
}
