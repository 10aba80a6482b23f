// A million contacts: the last row by one key, and a search while typing.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { cardfile, Window } from "./window.mjs";

let window;
let folder;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "cardfile-million-"));
  const [workspace, file] = [join(folder, "a-million"), join(folder, "people.csv")];
  cardfile(workspace, "init", "--unprotected");
  cardfile(workspace, "generate", "--rows", "1000000", "--seed", "1", "--out", file);
  const report = JSON.parse(cardfile(workspace, "import", file, "--json"));
  assert.equal(report.created, 1_000_000);
  rmSync(file);
  window = await Window.open({ workspace });
});
after(async () => {
  await window?.close();
  rmSync(folder, { recursive: true, force: true });
});

test("End stands on the last of a million rows, Home on the first", async () => {
  // The first page is there at once; the number of all follows with the index.
  await window.see("[role=grid] bdi");
  await window.see(".bar", "1,000,000 contacts");
  assert.equal(await window.run(() => document.querySelector("[role=grid]").ariaRowCount), "1000001");
  await window.run(() => document.querySelector("[role=grid]").focus());
  await window.keys("End");
  await window.see('[aria-rowindex="1000001"].at bdi');
  const seen = await window.run(() => {
    const row = document.querySelector('[aria-rowindex="1000001"]').getBoundingClientRect();
    const box = document.querySelector(".gridscroll").getBoundingClientRect();
    return row.bottom <= box.bottom + 1 && row.top >= box.top;
  });
  assert.ok(seen, "the last row is wholly in view");
  for (let n = 0; n < 5; n++) await window.keys("ArrowUp");
  await window.see('[aria-rowindex="999996"].at bdi');
  await window.pictures("million");
  await window.keys("Home");
  await window.see('[aria-rowindex="2"].at bdi');
});

test("rows drawn stay few however long the list is", async () => {
  assert.ok((await window.run(() => document.querySelectorAll(".gridbox *").length)) < 1_200);
});

test("a search answers with the exact count", async () => {
  const { total } = JSON.parse(cardfile(join(folder, "a-million"), "search", "garcia", "--limit", "1", "--json"));
  await window.keys("/");
  await window.type("garcia");
  await window.see(".bar", `${total.toLocaleString("en")} contacts`);
  await window.see("[role=row] bdi", "García");
});
