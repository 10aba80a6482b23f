// Keeping the workspace in order: fields, tags, keys, columns, one card in full,
// and files of every format.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { cardfile, project, until, Window } from "./window.mjs";

let window;
before(async () => {
  window = await Window.unprotected();
  const file = join(window.folder, "people.csv");
  writeFileSync(file, "Name,Email,Tags,Tarif\nAna Ruiz,ana@x.example,\"vip,lead\",B\nBo Lund,bo@x.example,VIPs,A\n");
  cardfile(window.workspace, "import", file);
});
after(() => window?.close());

for (const [name, records] of [["vcard/phone_30.vcf", 1], ["ldif/thunderbird.ldif", 3], ["json/people.json", 3]]) {
  test(`${name} is planned without a click`, async () => {
    await window.drop(join(project, "tests/fixtures", name));
    await window.see("h1", name.split("/")[1]);
    await window.see(".pl .sum", String(records));
    await window.see(".card", "Adds up");
  });
}

test("a tag takes the name of another, and undo parts them again", async () => {
  await window.keys("g", "s");
  await window.click(".setnav button", "Tags");
  await window.see(".tbl td", "vip");
  await window.click("td .fedit", "VIPs");
  await window.run(() => document.querySelector("td .inp input").select());
  await window.type("vip");
  await window.keys("Enter");
  await window.see(".toast", "are one tag now");
  await window.pictures("settings");
  await window.keys("Control+z");
  await window.see("td .fedit", "VIPs");
});

test("what a file brought beyond our fields becomes a field", async () => {
  await window.keys("g", "c");
  await window.click("[role=row] .nm", "Ana Ruiz");
  await window.see(".panel h2", "Ana Ruiz");
  await window.click(".panel summary", "Raw metadata");
  await window.click(".tree button", "Make a field");
  await window.see(".toast", "Tarif is a field now, for 2 contacts");
  await window.see(".panel dt", "Tarif");
});

test("a card is opened as a page, and an address is typed by its parts", async () => {
  await window.click("button[aria-label='Open as a page']");
  await window.see(".card-page h2", "Ana Ruiz");
  await window.run(() => {
    const select = document.querySelector("select[aria-label='Add a field']");
    select.value = "address";
    select.dispatchEvent(new Event("change", { bubbles: true }));
  });
  await window.see(".parts input:focus");
  await window.type("Calle Mayor 1");
  await window.keys("Tab");
  await window.type("28013");
  await window.keys("Tab");
  await window.type("Madrid");
  await window.keys("Enter");
  await window.see(".card-page .fact", "28013 Madrid");
  await window.pictures("profile");
  await window.keys("Escape");
  await window.see("[role=grid]");
});

test("columns are chosen and stay chosen", async () => {
  await window.click("button[aria-label='Columns']");
  await window.click(".chooser label", "Created");
  await window.see("[role=columnheader]", "Created");
  await window.click(".chooser button", "Compact");
  await window.keys("Escape");
  await window.keys("g", "h");
  await window.see(".op");
  await window.keys("g", "c");
  await window.see("[role=columnheader]", "Created");
  await until("compact rows", () => window.run(() => document.querySelector("[role=row].gr")?.getBoundingClientRect().height === 28));
});

test("a command gets another key", async () => {
  await window.keys("g", "s");
  await window.click(".setnav button", "Keyboard");
  await window.click("button[aria-label='Change the keys of New contact']");
  await window.see("input[aria-label='New keys for New contact']:focus");
  await window.keys("m");
  // It holds before it is read again.
  await window.withheld("setting_get", async () => {
    await window.click("td .btn", "Keep");
    await window.gone("input[aria-label='New keys for New contact']");
    await window.keys("g", "c");
    await window.see("[role=grid]");
    await window.keys("m");
    await window.see(".dlg input");
  });
  await window.keys("Escape");
  await window.gone(".dlg");
});

test("the diagnostics name nobody", async () => {
  await window.keys("g", "s");
  await window.click(".setnav button", "Diagnostics");
  await window.see(".firstlines", "Contacts: 2");
  const text = await window.text(".firstlines");
  for (const secret of ["Ana", "Ruiz", "x.example", window.folder]) assert.ok(!text.includes(secret), secret);
});

test("another workspace is made from the menu, and the first is where it was", async () => {
  await window.keys("g", "c");
  await window.click(".ws");
  await window.see(".wsmenu [aria-current]", "harbour vale");
  await window.pictures("workspaces");
  await window.run(() => document.querySelector(".wsmenu input").focus());
  await window.type("Second shop");
  await window.keys("Enter");
  await window.see("h2", "Protect this workspace");
  await window.click(".pr", "No protection");
  await window.click("button", "Make the workspace");
  await window.see(".side .ws", "Second shop");
  await window.see(".status", "0 contacts");
  await window.click(".ws");
  await window.see(".wsmenu [aria-current]", "Second shop");
  await window.click(".wsmenu button", "harbour vale");
  await window.see(".side .ws", "harbour vale");
  await window.see(".gr", "Ana Ruiz");
});
