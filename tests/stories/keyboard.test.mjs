// The keyboard alone does it all: from the first contact to the bin and back.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until, Window } from "./window.mjs";

let window;
before(async () => { window = await Window.unprotected(); });
after(() => window?.close());

test("a contact is made from one typed line", async () => {
  await window.see("h1", "Contacts");
  await window.keys("n");
  await window.see(".dlg input");
  await window.type("Ana Ruiz ana@x.example +34 612 408 177");
  await window.see(".understood dd", "ana@x.example");
  await window.keys("Enter", "Enter");
  await window.see(".panel h2", "Ana Ruiz");
  await window.see(".status", "1 contact");
});

test("a line that is saved twice in one moment makes one contact, and undo takes it back", async () => {
  await window.keys("Escape");
  await window.keys("n");
  await window.see(".dlg input");
  await window.type("Bo Lund bo@x.example");
  await window.see(".understood dd", "bo@x.example");
  await window.run(() => { const line = document.querySelector("form.dlg"); line.requestSubmit(); line.requestSubmit(); });
  await window.see(".panel h2", "Bo Lund");
  await window.see(".status", "2 contacts");
  await window.keys("Control+z");
  await window.see(".status", "1 contact");
});

test("somebody with the same email is named while it is typed", async () => {
  await window.keys("Escape");
  await window.keys("n");
  await window.see(".dlg input");
  await window.type("A. Ruiz ANA@X.EXAMPLE");
  await window.see(".note.warn", "Ana Ruiz has the same email");
  await window.keys("Escape");
  await window.gone(".dlg");
});

test("the palette finds people and commands, and everything has its key", async () => {
  await window.keys("Control+k");
  await window.see(".pal");
  await window.type("ruiz");
  await window.see(".pi", "Ana Ruiz");
  await window.pictures("palette");
  await window.keys("Enter");
  await window.gone(".pal");
  await window.see(".panel h2", "Ana Ruiz");
  // Enter is pressed before she is found.
  await window.keys("Escape");
  await window.gone(".panel");
  await window.keys("Control+k");
  await window.see(".pal");
  await window.withheld("view_rows", () => window.keys("ana@", "Enter"));
  await window.see(".panel h2", "Ana Ruiz");
  await window.gone(".pal");
  await window.keys("Shift+?");
  await window.see(".keys li", "Search or jump to");
  await window.see(".keys li", "Select the row");
  await window.pictures("keys");
  await window.keys("Escape");
  await window.gone(".keys");
});

test("the list is walked, opened, selected and binned without a pointer", async () => {
  await window.run(() => document.querySelector("[role=grid]").focus());
  await window.keys("ArrowDown", "ArrowUp", "Enter");
  await window.see(".gr.cur");
  await window.keys("Space");
  await window.see(".float", "1 selected");
  await window.keys("Delete");
  await window.see(".toast", "Moved 1 contact to the bin");
  await window.see(".status", "0 contacts");
});

test("undo brings it back, redo bins it again, and the bin restores it", async () => {
  await window.keys("Control+z");
  await window.see(".status", "1 contact");
  await window.keys("Control+Shift+z");
  await window.see(".status", "0 contacts");
  await window.keys("g", "b");
  await window.see(".op.binned", "Ana Ruiz");
  await window.pictures("bin");
  await window.run(() => document.querySelector(".op.binned button").focus());
  await window.keys("Enter");
  await window.see(".toast", "Ana Ruiz is back");
  await window.see(".status", "1 contact");
});

test("a dialog keeps the keyboard while what had the focus is disabled", async () => {
  const isInside = () => window.run(() => document.activeElement.closest("[role=dialog]") !== null);
  // As a button is while what it started runs.
  const lose = async () => {
    await window.run(() => { globalThis.lost = document.activeElement; globalThis.lost.disabled = true; });
    await until("the focus has fallen to the page", () => window.run(() => document.activeElement === document.body));
  };
  const regain = () => window.run(() => { globalThis.lost.disabled = false; });
  await window.keys("g", "c");
  await window.see("[role=grid]");
  await window.run(() => document.querySelector("[role=grid]").focus());
  await window.keys("Control+s");
  await window.see("[role=dialog]", "Save as view");
  await lose();
  await regain();
  await until("the focus is back", () => window.run(() => document.activeElement === globalThis.lost));
  for (const key of ["Tab", "Shift+Tab"]) {
    await lose();
    await window.keys(key);
    assert.ok(await isInside(), `${key} goes on inside`);
    await regain();
  }
  const behind = () => window.run(() => document.querySelector("[role=grid]").focus());
  await behind();
  await window.keys("Tab");
  assert.ok(await isInside(), "Tab comes back from the list behind it");
  await behind();
  await window.keys("Escape");
  await window.gone("[role=dialog]");
  await window.keys("Control+s");
  await window.see("[role=dialog]", "Save as view");
  await lose();
  await window.keys("Escape");
  await window.gone("[role=dialog]");
});

test("the sheet of keys has the keys, and not the screen behind it", async () => {
  await window.keys("g", "c");
  await window.run(() => document.querySelector("[role=grid]").focus());
  await window.keys("Shift+?");
  await window.see(".keys");
  await window.keys("Space");
  assert.equal(await window.run(() => document.querySelector(".float")), null, "nobody is selected behind it");
  for (const key of ["Tab", "Shift+Tab"]) {
    await window.keys(key);
    assert.ok(await window.run(() => document.activeElement.closest("[role=dialog]") !== null), `${key} stays on the sheet`);
  }
  await window.keys("Enter");
  assert.equal(await window.run(() => document.querySelector("h1").textContent), "Contacts", "no button behind it is reached");
  await window.run(() => document.querySelector(".side .nav button:last-child").focus());
  await window.keys("Enter");
  await window.see("h1", "Contacts");
  await window.keys("Escape");
  await window.gone(".keys");
  assert.ok(await window.run(() => document.activeElement.role === "grid"));
});

test("a passphrase locks the workspace, and only it opens it again", async () => {
  const own = await Window.open();
  try {
    await own.see("h2", "Protect this workspace");
    await own.pictures("first-run");
    await own.run(() => document.querySelector("input[type=password]").focus());
    await own.type("correct horse");
    await own.keys("Tab");
    await own.type("correct horse");
    await own.keys("Enter");
    await own.see(".code");
    const code = await own.text(".code");
    assert.match(code, /^([0-9A-Z]{4}-){5}[0-9A-Z]{4}$/);
    await own.click("input[type=checkbox]");
    await own.click("button", "Open the workspace");
    await own.see("h1", "Contacts");
    await own.keys("Control+l");
    await own.see("h1", "is locked");
    await own.type("wrong horse");
    await own.keys("Enter");
    await own.see("#unlock-note", "Wrong key");
    await own.pictures("unlock");
    await own.click("button[aria-pressed=false][title='Show what is typed']");
    await own.keys("Control+a");
    await own.type(code.toLowerCase());
    assert.equal(await own.run(() => document.querySelector("input[type=text]").value), code.toLowerCase(), "it is typed where it is shown");
    await own.keys("Enter");
    await own.see("h1", "Contacts");
    // A new recovery code is asked about, and stays in sight until it was saved, also over a lock.
    await own.keys("g", "s");
    await own.click(".setnav button", "Protection and keys");
    await own.click("button", "New code");
    await own.see("[role=dialog] h2", "Make a new recovery code?");
    // Enter alone does nothing that cannot be undone.
    await own.keys("Tab", "Enter");
    await own.see("[role=dialog] h2", "Your new recovery code");
    const next = await own.text(".code");
    assert.notEqual(next, code);
    await own.keys("Escape");
    await own.run(() => document.querySelector(".scrim").click());
    assert.equal(await own.text(".code"), next);
    await own.pictures("new-code");
    // The engine locks by itself meanwhile.
    await own.runAsync(() => globalThis.__TAURI_INTERNALS__.invoke("call", { name: "workspace_lock", payload: {} }));
    await own.see("h1", "is locked");
    assert.equal(await own.text(".code"), next);
    await own.click("button", "I have saved it");
    await own.gone("[role=dialog]");
  } finally {
    await own.close();
  }
});
