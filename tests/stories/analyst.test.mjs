// The analyst: a filter is made by hand, the list is exported in the
// reference layout, and the file is byte for byte what it must be.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { cardfile, Window } from "./window.mjs";

const HEADER = "id,name,email,phone,company,source,first_seen,last_seen,conversation_count,tags,page_url,ip_country";
const SARAH = 'ctc_8f3k2j1m,Sarah Johnson,sarah@acme.example,+15551234567,Acme Corp,widget,2026-03-15T10:30:00Z,2026-04-01T14:22:00Z,4,"lead,enterprise",https://acme.com/pricing,US';
const JAMES = 'ctc_2n4p6r8t,James Chen,james@globex.example,,Globex Inc,api,2026-03-20T08:15:00Z,2026-03-20T08:15:00Z,1,"imported",,CA';
const OTHERS = Array.from({ length: 40 }, (_, n) =>
  `ctc_${String(n).padStart(8, "0")},Person ${n},p${n}@x.example,,,${["widget", "api", "slack"][n % 3]},2026-03-01T00:00:00Z,2026-03-02T00:00:00Z,${n % 7},,,`);

let window;
before(async () => {
  window = await Window.unprotected();
  writeFileSync(join(window.folder, "people.csv"), `${[HEADER, SARAH, JAMES, ...OTHERS].join("\n")}\n`);
  cardfile(window.workspace, "import", join(window.folder, "people.csv"));
});
after(() => window?.close());

const file = (name) => join(window.folder, name);

test("three conditions are made in the filter panel and read as a sentence", async () => {
  await window.see(".status", "42 contacts");
  await window.keys("f");
  await window.see(".pop .cond");
  await window.run(() => document.querySelector('.cond input[aria-label="Value"]').focus());
  await window.type("widget");
  await window.keys("Enter");
  await window.see(".said", "Source is widget");
  await window.choose(".cond:last-child select[aria-label=Field]", "Condition", "created", "30");
  await window.choose(".cond:last-child select[aria-label=Field]", "Condition", "conversations", "3");
  await window.see(".said", "Source is widget and Created in the last 30 days and Conversations");
  await window.pictures("filters");
  await window.click(".pop button", "Done");
  await window.see(".ftok", "widget");
});

test("the list is exported in the reference layout with its exact count", async () => {
  const total = await window.run(() => Number([...document.querySelectorAll(".bar .num")].at(-1).textContent.split(" ")[0]));
  await window.click(".head button", "Export");
  await window.see(".pickb.on", "This list");
  await window.see(".act .btn.pri", `Export ${total} contacts`);
  await window.click(".pickb", "For programs");
  await window.see(".firstlines", HEADER);
  await window.pictures("export");
  await window.run(() => document.querySelector('input[aria-label="File"]').select());
  await window.type(file("widget.csv"));
  await window.click(".act .btn.pri", "Export");
  await window.see(".toast", `Exported ${total} contacts`);
  const text = readFileSync(file("widget.csv"), "utf8");
  const lines = text.split("\n");
  assert.equal(lines[0], HEADER);
  assert.ok(lines.includes(SARAH), "the first sample row, byte for byte");
  assert.equal(lines.length - 2, total);
  const hash = createHash("sha256").update(text).digest("hex");
  await window.see(".exportlog li", hash);
  await window.see(".exportlog li", "source:widget");
});

test("a file that is there is not replaced unasked", async () => {
  await window.click(".act .btn.pri", "Export");
  await window.see(".toast", "is there already");
});

test("everybody comes out byte for byte, and again after a round trip", async () => {
  await window.click(".pickb", "Everyone");
  await window.run(() => document.querySelector('input[aria-label="File"]').select());
  await window.type(file("all.csv"));
  await window.see(".act .btn.pri", "Export 42 contacts");
  await window.click(".act .btn.pri", "Export");
  await window.see(".toast", "Exported 42 contacts");
  const text = readFileSync(file("all.csv"), "utf8");
  assert.equal(text, readFileSync(file("people.csv"), "utf8"));
  assert.ok(text.includes(`${JAMES}\n`), "one tag is quoted too");
  cardfile(file("second"), "init", "--unprotected");
  cardfile(file("second"), "import", file("all.csv"));
  cardfile(file("second"), "export", file("again.csv"));
  assert.equal(readFileSync(file("again.csv"), "utf8"), text);
});

test("cards and NDJSON come out of the same page", async () => {
  for (const [label, ending, begins] of [["vCard 4", "vcf", "BEGIN:VCARD\r\nVERSION:4.0"], ["NDJSON", "ndjson", '{"id":"ctc_8f3k2j1m"']]) {
    await window.click(".seg button", label);
    await window.run(() => document.querySelector('input[aria-label="File"]').select());
    await window.type(file(`all.${ending}`));
    await window.click(".act .btn.pri", "Export");
    await window.see(".exportlog li", label);
    assert.ok(readFileSync(file(`all.${ending}`), "utf8").startsWith(begins));
  }
});
