// The owner's first five minutes, offline: a spreadsheet goes in, everything
// adds up on screen, and all of it can be undone.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { cardfile, Window } from "./window.mjs";

let window;
before(async () => { window = await Window.unprotected(); });
after(() => window?.close());

/** 20,000 rows with semicolons in Windows-1252: 312 repeated, 40 with a bad email. */
function spreadsheet() {
  const rows = [];
  for (let n = 0; n < 19_688; n++) {
    const email = n % 493 === 7 ? `cliente${n}.exemplo.pt` : `cliente${n}@exemplo.pt`;
    rows.push(`João Conceição ${n};0${20 + (n % 70)} ${1000 + (n % 8999)};${email};Empresa nº ${n % 300}`);
  }
  const good = rows.filter((row) => row.includes("@")).filter((_, at) => at % 60 === 0).slice(0, 312);
  good.forEach((row, n) => rows.splice(500 + n * 61, 0, row));
  assert.equal(rows.length, 20_000);
  return Buffer.from(`Nome;Telefone;E-mail;Empresa\r\n${rows.join("\r\n")}\r\n`, "latin1");
}

test("an empty workspace offers a file, or somebody to look at", async () => {
  await window.see("h2", "Everyone you do business with");
  await window.pictures("empty");
});

test("a dropped spreadsheet is planned without a click, and the plan adds up", async () => {
  const file = join(window.folder, "clientes.csv");
  writeFileSync(file, spreadsheet());
  await window.drop(file);
  await window.see(".pl li", "Rejected");
  const plan = await window.run(() =>
    Object.fromEntries([...document.querySelectorAll(".pl li")].map((li) => [li.children[1].textContent, Number(li.querySelector("b").textContent.replaceAll(",", ""))])));
  assert.deepEqual(plan, { Create: 19_648, Update: 0, Unchanged: 0, Repeated: 312, Suppressed: 0, Rejected: 40, "Read from the file": 20_000 });
  await window.see(".card", "Adds up");
  assert.equal(cardfile(window.workspace, "list", "--limit", "1"), "", "nothing is written yet");
  await window.pictures("import");
});

test("the import does what the plan said", async () => {
  await window.click("button", "Import 19,648 records");
  await window.see(".toast", "Imported 19,648 contacts");
  await window.see(".pl li", "19,648");
  await window.see(".card .mono", "clientes.rejected.csv");
  await window.pictures("report");
  await window.click(".act .btn.pri", "Show contacts");
  await window.see(".status", "19,648 contacts");
  await window.see("[role=row] bdi", "João Conceição");
});

test("a card is edited in place and the toast takes it back", async () => {
  await window.click("[role=row] .nm");
  await window.see(".panel h2");
  const name = await window.text(".panel h2");
  await window.click(".panel .fedit", name);
  await window.type(" da Silva");
  await window.keys("Enter");
  await window.see(".panel h2", `${name} da Silva`);
  await window.see(".panel .diff", "da Silva");
  await window.see(".toast", "Name changed");
  await window.run(() => [...document.querySelectorAll(".toast")].find((t) => t.textContent.includes("Name changed")).querySelector("button").click());
  await window.see(".panel .tl", "Undone");
  assert.equal(await window.text(".panel h2"), name);
});

test("undoing the import keeps what was edited since, and says so", async () => {
  await window.click(".panel .fedit", "João");
  await window.type("!");
  await window.keys("Enter");
  await window.see(".toast", "Name changed");
  await window.click("nav button", "History");
  await window.see(".op", "19,648 created");
  await window.pictures("history");
  await window.run(() => [...document.querySelectorAll(".op")].find((op) => op.textContent.includes("19,648 created")).querySelector("button").click());
  await window.see(".toast", "Undone: 19,647 removed, 1 kept because you edited it");
  await window.see(".status", "1 contact");
  await window.see(".op.undone", "19,648 created");
  await window.run(() => [...document.querySelectorAll(".op")].find((op) => op.textContent.includes("19,648 created")).querySelector("button").click());
  await window.see(".status", "19,648 contacts");
});

test("search, filter and sort answer on the same list", async () => {
  await window.keys("g", "c");
  await window.see("[role=grid]");
  await window.keys("/");
  await window.see(".searchbox input:focus");
  await window.type("cliente77@");
  await window.see(".bar", "1 contact");
  await window.keys("Escape");
  await window.keys("f");
  await window.see(".pop .cond");
  await window.run(() => document.querySelector("#filter-text").focus());
  await window.type('company:"Empresa nº 7" phone:any');
  await window.see(".said", "Company is Empresa nº 7 and Phone is set");
  await window.see(".bar", "65 contacts");
  await window.pictures("filter");
});
