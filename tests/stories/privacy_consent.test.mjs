// who declines leaves no trace; who says yes is proven by text, time and version; and a
// no holds at once wherever people are kept together to be used.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { hands } from "./privacy.mjs";
import { cardfile, until, Window } from "./window.mjs";

const NORA = "nora@x.example";
let window, press, fill, page;
const lines = (...args) => cardfile(window.workspace, ...args).split("\n").filter(Boolean);
const lead = (given) => {
  const file = join(window.folder, `lead-${given}.json`);
  writeFileSync(file, JSON.stringify({ platform: "widget", conversation_id: "c1", session_key: "8f2c", name: "Nora Vale", email: NORA, ip_country: "ES", consent_given: given, consent_proof: "form 17", at: "2026-11-20T09:00:00Z",
    messages: [{ text: `This is Nora Vale, ${NORA}. Do you ship to Lanzarote?`, author: "Nora Vale", external_id: "m1", at: "2026-11-20T09:00:00Z" }] }));
  return JSON.parse(cardfile(window.workspace, "ingest", file, "--json"));
};
/** How many a saved view holds, as its line in the sidebar says. */
const inView = (amount) => window.see(".views button", `Letter${amount}`);

before(async () => {
  window = await Window.unprotected();
  ({ press, fill, page } = hands(window));
});
after(() => window?.close());

test("a purpose and the text that people are asked with are written down by keyboard", async () => {
  await page("Purposes and consent");
  await press("New purpose");
  await window.see("form[aria-label=Purpose] h3", "New purpose");
  await fill("What people call it", "Our newsletter");
  await fill("Its word in filters and files", "newsletter");
  await fill("What is done", "A letter once a month");
  await window.reach("It is direct marketing");
  await window.keys("Space");
  await press("Save");
  await window.see(".toast", "Saved Our newsletter");
  await fill("Another text from now on", "May we write to you once a month?");
  await press("Add the text");
  await window.see(".toast", "Version 1 is used from now on");
  await window.see("[aria-labelledby=wordings-title] .pvtext", "once a month");
  await window.pictures("privacy-purposes");
  // What was typed and not saved is there when somebody comes back to it.
  await fill("What is done", "A letter twice a month");
  await window.see(".pvitem [aria-label='changed, not saved']");
  await press("New purpose");
  await window.see("form[aria-label=Purpose] h3", "New purpose");
  await window.click(".pvitem", "Our newsletter");
  const isThere = () => window.run(() => document.querySelector("[aria-label='What is done']")?.value === "A letter twice a month");
  await until("the text is there", isThere);
  await window.run(() => document.activeElement?.blur());
  await window.keys("g", "c");
  await window.see("h1", "Contacts");
  await window.keys("g", "p");
  await until("the text is there after another screen", isThere);
  await fill("What is done", "A letter once a month");
  await window.gone(".pvitem [aria-label='changed, not saved']");
  await window.run(() => document.activeElement?.blur());
});

test("who declines gets no card, and the conversation says nothing of who it was", async () => {
  const report = lead(false);
  assert.equal(report.created, 0);
  assert.deepEqual(lines("list"), []);
  await window.keys("g", "i");
  await window.see(".tmsg", "Do you ship to Lanzarote?");
  const text = await window.text(".tmsg .ptext");
  for (const word of ["Nora", "Vale", NORA]) assert.ok(!text.includes(word), text);
  await window.pictures("privacy-declined");
});

test("who says yes gets a card that proves it", async () => {
  const report = lead(true);
  assert.equal(report.created, 1);
  await window.keys("g", "c");
  await window.see("[role=row] .nm", "Nora Vale");
  await window.click("[role=row] .nm", "Nora Vale");
  await window.see(".panel [role=tab]", "Privacy");
  await window.tab("Privacy");
  await window.see(".pvsaid li", "Yes");
  await window.see(".pvsaid li", "form 17");
  await window.pictures("privacy-consent");
  const [card] = lines("list", "--filter", `email:${NORA}`, "--json").map((line) => JSON.parse(line));
  const metadata = typeof card.metadata === "string" ? JSON.parse(card.metadata) : card.metadata;
  assert.equal(metadata.consent_given, true);
});

test("a view with a purpose holds only who said yes, and a no takes them out at once", async () => {
  cardfile(window.workspace, "segment", "save", "Letter", "--purpose", "newsletter");
  await inView(0);
  await press("Yes to Our newsletter");
  await window.see(".toast", "Written down: yes to Our newsletter");
  await inView(1);
  assert.equal(lines("list", "--segment", "Letter").length, 1);
  await press("No to Our newsletter");
  await window.see(".toast", "Written down: no to Our newsletter");
  await inView(0);
  const out = join(window.folder, "letter.csv");
  const written = JSON.parse(cardfile(window.workspace, "export", out, "--purpose", "newsletter", "--json"));
  assert.deepEqual([written.contacts, written.withheld], [0, 1]);
  await window.see(".pvsaid li", "No");
  assert.equal(lines("list").length, 1, "the card stays");
});

test("an objection to direct marketing beats a yes, and the audit log says so without a name", async () => {
  await press("Yes to Our newsletter");
  await inView(1);
  await window.reach("What may not be done");
  await window.keys("ArrowDown");
  await window.see("[aria-label='For which purpose']");
  await fill("Reason", "Wrote that she wants no letters");
  await window.keys("Enter");
  await window.see(".toast", "The objection is written down");
  await inView(0);
  await page("Audit and proof");
  await press("Check the log");
  await window.see(".note.ok", "as they were written");
  assert.match(await window.run(() => getComputedStyle(document.querySelector(".pvhash")).fontFamily), /mono/i, "a hash is set in one width");
  await window.see(".pvaudit td", "Consent withdrawn");
  assert.ok(!(await window.text(".pvaudit")).includes("Nora"));
  await window.pictures("privacy-audit");
});

test("a retention rule shows what it would take, and takes only the number that was typed", async () => {
  await page("Retention");
  await press("New rule");
  await fill("Name of the rule", "Quiet for a century");
  await fill("Days since last activity", "36500");
  await window.see("[aria-labelledby=would-title] dl", "Would go");
  await press("Save rule");
  await window.see(".toast", "Saved Quiet for a century. It is off.");
  await press("Turn on");
  await window.see("[role=dialog] h2", "Turn this rule on?");
  await window.type("7");
  await window.see("[role=dialog] [type=submit]:disabled");
  await window.keys("Control+a");
  await window.type("0");
  await window.keys("Enter");
  await window.see(".pvlist .bdg", "On");
  assert.equal(lines("list").length, 1, "she was there this month");
  await window.pictures("privacy-retention");
});

test("the register of processing says what is missing, and is written as a page", async () => {
  await page("Processing register");
  await window.see("[aria-labelledby=missing-title] li", "Who answers for the data");
  assert.equal(await window.run(() => getComputedStyle(document.querySelector("ul.pvmissing")).paddingInlineStart), "32px", "its points stand inside");
  await fill("Name of the business", "Harbour & Vale");
  await fill("Where questions of privacy go", "privacy@harbour.example");
  await fill("The supervisory authority", "AEPD, Madrid");
  await window.keys("Enter");
  await window.see(".toast", "Controller saved");
  await window.pictures("privacy-processing");
  // Where people write from is kept of those who may be asked.
  await fill("Countries, by their codes", "es, fr");
  await press("Save");
  await window.see(".toast", "Country rule saved");
  await window.see("[aria-label='The country by IP address']", "Spain, France");
  await fill("File of the register", join(window.folder, "register.html"));
  await window.keys("Enter");
  await window.see(".toast", "The register is in");
});

test("a breach names who is affected, and until when the authority is to be told", async () => {
  await page("Breach");
  await window.run(() => {
    const set = (label, value) => { const input = document.querySelector(`[aria-label='${label}']`); Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(input, value); input.dispatchEvent(new Event("input", { bubbles: true })); };
    set("From when", "2026-01-01T00:00");
    set("Until when", "2099-01-01T00:00");
  });
  assert.match(await window.run(() => document.querySelector("[aria-label='Discovered on']").value), /^\d{4}-/, "it was found out now");
  await press("Who is affected");
  await window.see("#affected-title", "1 contact is affected");
  await window.see(".note.warn", "The authority is to be told by");
  await window.see("[aria-labelledby=affected-title] td", NORA);
  await window.pictures("privacy-breach");
  // What was exported is chosen, and not typed.
  await window.run(() => { const list = document.querySelector("[aria-label='What was lost, or read by strangers']"); list.value = "export"; list.dispatchEvent(new Event("change", { bubbles: true })); });
  await window.see("[aria-label='The file that was exported'] option", "letter.csv");
});
