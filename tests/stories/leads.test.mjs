// Leads in the window: what a form tells of somebody who may be here waits in the Inbox, and a
// person says who it is; what a form would replace on a card waits where the form has to ask.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Door } from "./door.mjs";
import { cardfile, until, Window } from "./window.mjs";

let window, door;
const show = (who) => JSON.parse(cardfile(window.workspace, "show", who, "--json"));
/** In a field, and on a button, keys mean something else. */
const keys = async (...all) => {
  await window.run(() => document.activeElement?.blur());
  await window.keys(...all);
};
const leads = async () => {
  await keys("g", "i");
  await window.click(".inlist .seg button", "Leads");
};

before(async () => {
  window = await Window.unprotected();
  const people = join(window.folder, "people.csv");
  writeFileSync(people, "name,company,email,phone\nAna García,Solvento,ana@x.example,+34 612 408 177\n");
  cardfile(window.workspace, "import", people);
  door = await Door.open(window.workspace, "form", "ingest");
});
after(() => {
  door?.close();
  return window?.close();
});

test("who has the phone of somebody here waits, and nobody is changed", async () => {
  assert.equal(await door.lead({ source: "form", name: "A. G.", phone: "+34 612 408 177", email: "garcia@y.example" }), "held");
  await leads();
  await window.see(".main h3", "What form sent");
  await window.see(".leadtold", "garcia@y.example");
  await window.see(".whois .pickb.on", "Phone +34 612 408 177");
  await window.see(".whois .ifclaim", "garcia@y.example");
  await window.pictures("inbox-lead");
  assert.ok(!cardfile(window.workspace, "show", "ana@x.example").includes("garcia@y.example"));
});

test("one key gives it to the card, and one takes that back", async () => {
  await keys("Enter");
  await window.see(".toast", "Given to Ana García");
  await window.see(".empty", "No lead waits.");
  assert.equal(show("garcia@y.example").name, "Ana García");
  await keys("Control+z");
  await window.see(".toast", "Undone");
  assert.ok(!cardfile(window.workspace, "show", "ana@x.example").includes("garcia@y.example"));
});

test("somebody new gets a card, and who is not wanted leaves nothing", async () => {
  for (const name of ["Bo", "Cy"]) assert.equal(await door.lead({ source: "form", name, phone: "+34 612 408 177", email: `${name}@y.example` }), "held");
  await window.click(".inlist .in", "Bo");
  await window.see(".main h2", "Bo");
  await keys("2");
  await window.see(".whois .pickb.on", "Somebody new");
  await keys("Enter");
  await window.see(".toast", "Bo has a card now");
  assert.equal(show("bo@y.example").name, "Bo");
  await window.see(".main h2", "Cy");
  await keys("x");
  await window.see("[role=dialog] h2", "Dismiss what form sent?");
  await window.click("[role=dialog] button", "Dismiss");
  await window.see(".toast", "Dismissed: nothing of it is kept");
  await window.see(".empty", "No lead waits.");
  assert.equal(cardfile(window.workspace, "list", "--json").split("\n").filter(Boolean).length, 2);
});

test("where a source has to ask, what it would replace waits for the same person", async () => {
  await keys("g", "s");
  const choice = 'select[aria-label="What form may change"]:enabled';
  await window.see(choice);
  await window.run((selector) => {
    const list = document.querySelector(selector);
    list.value = "ask";
    list.dispatchEvent(new Event("change", { bubbles: true }));
  }, choice);
  await until("the rule of the form", () => cardfile(window.workspace, "lead", "policy", "form").includes("ask"));
  assert.equal(await door.lead({ source: "form", email: "ana@x.example", job_title: "Buyer" }), "matched");
  assert.equal(await door.lead({ source: "form", email: "ana@x.example", company: "Northwind" }), "held");
  await leads();
  await window.see(".inlist .in", "form differs from the card");
  await window.see(".whois .ifclaim", "Solvento to Northwind");
  assert.ok(!(await window.text(".whois")).includes("Somebody new"), "an email says who it is");
  assert.deepEqual([show("ana@x.example").company, show("ana@x.example").job_title], ["Solvento", "Buyer"]);
  await keys("Enter");
  await window.see(".toast", "Given to Ana García");
  assert.equal(show("ana@x.example").company, "Northwind");
});
