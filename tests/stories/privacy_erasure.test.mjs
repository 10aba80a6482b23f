// somebody is erased by keyboard, with a receipt that says what was done and who was told;
// whichever way they come back they are turned away, until they want to be here again.
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { found, hands, printed } from "./privacy.mjs";
import { FakeRemote } from "./remote.mjs";
import { cardfile, said, until, Window } from "./window.mjs";

const ROSA = "rosa.vidal@x.example";
const MARKERS = [ROSA, "Vidal Quiroga", "612 408 199", "quagga-note-marker", "quagga-chat-marker", "quagga-memory-marker", "Calle Quagga 7", "quagga-company", "quagga-title", "quagga-tag", "rosa-there", "quagga-task-marker"];
const ROW = `name,email,phone,company,job_title,tags\nRosa Vidal Quiroga,${ROSA},+34 612 408 199,quagga-company,quagga-title,quagga-tag\n`;
const record = (uid, name, email) => `BEGIN:VCARD\r\nVERSION:3.0\r\nUID:${uid}\r\nFN:${name}\r\nEMAIL:${email}\r\nEND:VCARD\r\n`;

let window, remote, backup, press, fill, page, request, identify;
const lines = (...args) => cardfile(window.workspace, ...args).split("\n").filter(Boolean);
const isHere = () => lines("list", "--filter", `email:${ROSA}`).length > 0;
const receipts = () => lines("erasure", "list", "--json").map((line) => JSON.parse(line));
const file = (name, content) => { const path = join(window.folder, name); writeFileSync(path, content); return path; };
before(async () => {
  remote = await FakeRemote.start();
  await remote.put([...Array.from({ length: 12 }, (_, n) => ({ href: `${n}.vcf`, card: record(`u-${n}`, `Person ${n}`, `p${n}@x.example`) })), { href: "rosa.vcf", card: record("rosa-there", "Rosa Vidal Quiroga", ROSA) }]);
  window = await Window.unprotected();
  cardfile(window.workspace, "import", file("people.csv", ROW));
  cardfile(window.workspace, "note", "add", ROSA, "quagga-note-marker");
  cardfile(window.workspace, "memory", "add", ROSA, "quagga-memory-marker");
  cardfile(window.workspace, "task", "add", ROSA, "quagga-task-marker");
  cardfile(window.workspace, "conversation", "import", file("chats.ndjson", `${JSON.stringify({ contact: ROSA, platform: "widget", external_id: "c1", messages: [said("contact", "", "quagga-chat-marker", 1)] })}\n`));
  cardfile(window.workspace, "remote", "add", "Customers", "--kind", "carddav", "--url", remote.url);
  cardfile(window.workspace, "remote", "map", "Customers", "--send", "name,job_title", "--off", "nick");
  cardfile(window.workspace, "remote", "enable", "Customers");
  cardfile(window.workspace, "sync", "Customers");
  backup = join(window.workspace, "backups", "before.cardfile-backup");
  cardfile(window.workspace, "backup", backup);
  cardfile(window.workspace, "processing", "controller", "--name", "Harbour & Vale", "--authority", "AEPD, Madrid");
  await window.see(".status", "13 contacts");
  ({ press, fill, page, request, identify } = hands(window));
});
after(async () => {
  await window?.close();
  remote?.close();
});

test("a card on hold is not erased: the hold is put and lifted here", async () => {
  await page("Restrictions and holds");
  await fill("Whose card", ROSA);
  await window.see(".pvcards button", "Rosa Vidal");
  await window.run(() => document.querySelector(".pvcards button").focus());
  await window.keys("Enter");
  await window.see(".pvperson [aria-label='Restrictions and holds']");
  await window.reach("What may not be done");
  for (let step = 0; step < 3 && (await window.run(() => document.activeElement.value)) !== "held"; step++) await window.keys("ArrowDown");
  await fill("Reason", "Invoice 17 is open");
  await window.keys("Enter");
  await window.see(".toast", "The card is on hold");
  await window.see(".pvsaid .lucide-hand");
  await window.see(".pvwide tbody tr", "Invoice 17 is open");
  await window.pictures("privacy-restrictions");
  // The list shows it too.
  await window.run(() => document.activeElement?.blur());
  await window.keys("g", "c");
  await window.see(".gr .nm", "Rosa Vidal");
  await window.see(".gr .locked [aria-label='On hold: not deleted']");
  assert.equal(await window.run(() => document.querySelectorAll(".gr .locked").length), 1);
  await page("Restrictions and holds");
  cardfile(window.workspace, "request", "add", "erasure", ROSA);
  const { request: asked } = JSON.parse(lines("request", "list", "--json")[0]);
  cardfile(window.workspace, "request", "identity", asked.id, "signed in");
  assert.throws(() => cardfile(window.workspace, "request", "approve", asked.id), ({ status }) => status === 3);
  cardfile(window.workspace, "request", "withdraw", asked.id);
  await press("Lift for Rosa Vidal");
  await window.see("[role=dialog] h2", "Lift this hold?");
  await window.type("The invoice is paid");
  await window.keys("Enter");
  await window.see(".toast", "The hold is lifted");
});

test("a request of erasure shows what goes and who is told, before it is approved", async () => {
  await request("erasure", ROSA, "Rosa Vidal");
  await identify("Wrote from her own address");
  await window.see(".pvcards", "Rosa Vidal Quiroga");
  await press("Go on");
  await window.see("[aria-labelledby=goes-title]", "Messages");
  await window.see("[aria-labelledby=goes-title]", "Card details");
  assert.doesNotMatch(await window.text("[aria-labelledby=goes-title]"), /row|operation/i, "it is said without tables");
  await window.see("[aria-labelledby=told-title]", "Customers");
  await window.pictures("privacy-erasure-review");
  assert.ok(isHere(), "nothing is deleted yet");
  // The grounds are one stop of the keyboard, and Shift+Tab stays in the question.
  await press("Refuse");
  await window.see("[role=dialog] .pvgrounds");
  await window.keys("Shift+Tab");
  assert.ok(await window.run(() => document.activeElement.closest("[role=dialog]") !== null));
  await window.keys("Escape");
  await window.gone("[role=dialog]");
  await window.click("[aria-labelledby=decision-title] .btn", "Approve");
  await window.see(".pvsteps [aria-current=step]", "Erase");
});

test("who is erased has to be typed, and then goes with a receipt", async () => {
  await press("Erase 1 card");
  await window.see("[role=dialog] h2", "Erase 1 card for good?");
  await window.see("[role=dialog] p", "Rosa Vidal");
  await window.type("somebody@else.example");
  await window.keys("Enter");
  await window.see("[role=dialog] [role=alert]", "Nothing was deleted");
  await window.see("[role=dialog] [role=alert]", "That does not match this person");
  assert.ok(isHere());
  await window.run(() => document.querySelector("[role=dialog] input").select());
  await window.type(ROSA);
  await window.gone("[role=dialog] [role=alert]");
  await window.pictures("privacy-erasure-confirm");
  await window.keys("Enter");
  await window.gone("[role=dialog]");
  await window.see(".pvplaces li", "This computer");
  await window.see(".pvplaces li", "0 left");
  assert.ok(!isHere());
  // The window tells the address book by itself, and looks whether the record is gone.
  await until("the record is gone there", async () => !(await remote.state()).cards.some(({ card }) => card.includes(ROSA)));
  await window.see(".pvplaces li", "deleted; next check");
  await window.pictures("privacy-erasure-receipt");
  const [receipt] = receipts();
  assert.equal(receipt.facts.verification.rows_left, 0);
  assert.ok(!MARKERS.some((word) => JSON.stringify(receipt).includes(word)), "the receipt names nobody");
});

test("the receipt is saved with its signature, and printed", async () => {
  const paper = await printed(window);
  await press("Print");
  const said = await paper.text();
  assert.match(said, /Receipt of an erasure/);
  assert.ok(said.includes(receipts()[0].erasure));
  await press("Save signed");
  const target = join(window.folder, "receipt.json");
  await fill("File of the receipt", target);
  await window.keys("Enter");
  await window.see(".toast", "its signature beside it");
  assert.equal(JSON.parse(readFileSync(target, "utf8")).format, "cardfile-erasure/1");
  assert.ok(existsSync(`${target}.sig`));
});

test("the request is closed, and the register does not know any more who asked", async () => {
  await press("On to the answer");
  await press("Close as done");
  await window.see("main h2", "Erased person");
  const kept = lines("request", "list", "--json").map((line) => JSON.parse(line).request).find(({ state }) => state === "done");
  assert.deepEqual([kept.subject, kept.outcome], ["", receipts()[0].erasure]);
  assert.deepEqual(found(window.workspace, MARKERS), [], "not a word of hers is in the workspace");
});

test("whichever way they come, they are turned away, and that is seen", async () => {
  const again = JSON.parse(cardfile(window.workspace, "import", file("old.csv", ROW), "--json"));
  assert.deepEqual([again.suppressed, again.created], [1, 0]);
  const lead = JSON.parse(cardfile(window.workspace, "ingest", file("lead.json", JSON.stringify({ platform: "widget", phone: "+34612408199", at: "2026-11-20T14:01:00Z" })), "--json"));
  assert.equal(lead.created, 0);
  await remote.put([{ href: "rosa.vcf", card: record("rosa-there", "Rosa Vidal Quiroga", ROSA) }]);
  cardfile(window.workspace, "sync", "Customers");
  await window.keys("g", "c");
  await window.keys("n");
  await window.see(".dlg input");
  await window.type(`Rosa ${ROSA.toUpperCase()}`);
  await window.keys("Enter");
  await window.see(".dlg .note.bad");
  await window.keys("Escape");
  const there = join(window.folder, "restored");
  cardfile(window.workspace, "restore", backup, "--into", there);
  assert.equal(cardfile(there, "list", "--filter", `email:${ROSA}`), "");
  assert.ok(!isHere());
  await page("Erasures");
  await window.see(".note", "Turned away");
  await window.pictures("privacy-erasures");
});

test("who wants to be here again can", async () => {
  await fill("Email or phone of the person", ROSA);
  await press("Allow back the person of");
  await window.see("[role=dialog] h2", "May this person come back?");
  await press("Allow back");
  await window.see(".toast", "the person can come back");
  await window.see(".pvitem .bdg", "Lifted");
  const again = JSON.parse(cardfile(window.workspace, "import", file("new.csv", ROW), "--json"));
  assert.deepEqual([again.suppressed, again.created], [0, 1]);
  assert.ok(isHere());
});
