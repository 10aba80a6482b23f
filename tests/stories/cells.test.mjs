// The list as a spreadsheet: cells are typed, copied, pasted and filled by
// keyboard, each as one step back.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { cardfile, until, Window } from "./window.mjs";

let window;
const people = () => Object.fromEntries(cardfile(window.workspace, "list", "--json").split("\n").filter(Boolean).map((line) => JSON.parse(line)).map((one) => [one.name, one]));
before(async () => {
  window = await Window.unprotected();
  const file = join(window.folder, "people.csv");
  writeFileSync(file, "name,email,phone,company,last_seen\nAna,ana@x.example,00441,Solvento,2026-11-04T00:00:00Z\nBo,bo@x.example,,Nordvik,2026-11-03T00:00:00Z\nCy,cy@x.example,,,2026-11-02T00:00:00Z\nDi,di@x.example,,,2026-11-01T00:00:00Z\n");
  cardfile(window.workspace, "import", file);
  await window.see("[role=row] .nm", "Di");
  await window.run(() => document.querySelector("[role=grid]").focus());
});
after(() => window?.close());

const at = (wanted) => until(`at ${wanted}`, () => window.run((text) => document.getElementById(document.querySelector("[role=grid]").getAttribute("aria-activedescendant"))?.textContent.includes(text), wanted));

test("a cell is edited in place, and Tab goes on to the next", async () => {
  await window.keys("Home", "ArrowRight", "ArrowRight");
  await at("ana@x.example");
  await window.keys("Enter");
  await window.see(".cellin");
  await window.keys("Control+a");
  await window.type("ana@y.example");
  await window.keys("Tab");
  await window.see(".toast", "1 contact changed");
  await at("00441");
  assert.equal(people().Ana.email[0].value, "ana@y.example");
  await window.keys("Control+z");
  await window.see(".toast", "Undone: Cells edited");
  assert.equal(people().Ana.email[0].value, "ana@x.example");
});

test("a range is copied, pasted below and filled down, each one step", async () => {
  await window.keys("ArrowRight");
  await at("Solvento");
  await window.keys("Shift+ArrowDown");
  await until("a range", () => window.run(() => document.querySelectorAll(".incell").length === 2));
  await window.pictures("cells");
  await window.keys("Control+c");
  await window.see(".toast", "Copied 2 cells");
  await window.keys("ArrowDown");
  await window.keys("Control+v");
  await window.see(".toast", "2 contacts changed");
  assert.deepEqual(Object.values(people()).map(({ company }) => company), ["Solvento", "Nordvik", "Solvento", "Nordvik"]);
  await window.keys("Control+z");
  await window.see(".toast", "Undone: Cells edited 2 rows: company");
  await window.keys("ArrowUp", "ArrowUp", "Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowDown", "Control+d");
  await window.see(".toast", "3 contacts changed");
  assert.ok(Object.values(people()).every(({ company }) => company === "Solvento"));
  await window.keys("Control+z");
  await until("undone", () => people().Cy.company === undefined);
});

test("a cell that cannot be taken is named, and the good ones are kept", async () => {
  await window.keys("Home");
  await window.keys("ArrowLeft", "ArrowLeft");
  await at("@x.example");
  await window.runAsync(() => globalThis.__TAURI_INTERNALS__.invoke("plugin:clipboard-manager|write_text", { text: "one@y.example\nno email\nthree@y.example" }));
  await window.keys("ArrowUp", "ArrowUp", "ArrowUp", "ArrowUp", "Control+v");
  await window.see(".toast", "2 contacts changed. 1 cell was not taken: row 2, Email “no email”");
  assert.deepEqual(Object.values(people()).map(({ email }) => email[0].value), ["one@y.example", "bo@x.example", "three@y.example", "di@x.example"]);
});
