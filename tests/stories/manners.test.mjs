// Manners of a desktop program: a second start tells the first window, a link shows
// a card, a card goes over the clipboard, the search looks into notes on demand.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { cardfile, project, until, Window } from "./window.mjs";

let window, ana;
before(async () => {
  window = await Window.unprotected();
  const file = join(window.folder, "people.csv");
  writeFileSync(file, "name,email\nAna García,ana@x.example\nBo Lund,bo@x.example\n");
  cardfile(window.workspace, "import", file);
  ana = JSON.parse(cardfile(window.workspace, "show", "ana@x.example", "--json")).id;
  cardfile(window.workspace, "note", "add", "bo@x.example", "Allergic to quokkas");
  await window.see("[role=row] .nm", "Ana");
});
after(() => window?.close());

test("a file that is dropped as soon as there is a window is planned", async () => {
  const early = await Window.unprotected();
  try {
    await early.drop(join(project, "tests/fixtures/json/people.json"));
    await early.see("h1", "people.json");
  } finally {
    await early.close();
  }
});

test("a second start on the same workspace hands its file to the first window", async () => {
  const vcard = join(window.folder, "new.vcf");
  writeFileSync(vcard, "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Cy Doe\r\nEMAIL:cy@x.example\r\nEND:VCARD\r\n");
  assert.equal(await window.startAgain(vcard), 0);
  await window.see(".card", "Adds up");
  await window.see("h1", "new.vcf");
});

test("a link to a contact shows its card", async () => {
  assert.equal(await window.startAgain(`cardfile://contact/${ana}`), 0);
  await window.see(".card-page h2", "Ana García");
});

test("a card is copied as a vCard", async () => {
  await window.click("button[aria-label='Copy as vCard']");
  await window.see(".toast", "Copied as a vCard");
  const text = await window.runAsync(() => globalThis.__TAURI_INTERNALS__.invoke("plugin:clipboard-manager|read_text"));
  assert.match(text, /^BEGIN:VCARD\r?\nVERSION:4\.0\r?\n[^]*FN:Ana García/);
});

test("the search looks into notes when it is told to", async () => {
  await window.keys("g", "c");
  await window.see("[role=row] .nm");
  await window.keys("/");
  await window.type("quokka");
  await window.see(".empty", "Nobody matches");
  await window.reach("Notes too");
  await window.keys("Enter");
  await window.see("[role=row] .nm", "Bo Lund");
  await window.see(".num", "1 contact");
});

test("the menu bar has the commands of the palette, and carries them out", async () => {
  const height = () => window.run(() => innerHeight);
  const without = await height();
  await window.run(() => document.querySelector("[role=grid]").focus());
  await window.keys("F10");
  await until("a menu bar", async () => (await height()) < without);
  window.desktop("mousemove", "40", "12", "click", "1");
  await window.screenshotOfDesktop("menu");
  // The fourth of the first menu: New contact.
  window.desktop("key", "Down", "Down", "Down", "Down", "Return");
  await window.see(".dlg h2", "New contact");
  await window.keys("Escape");
  await window.gone(".dlg");
  await window.keys("F10");
  await until("no menu bar", async () => (await height()) === without);
});
