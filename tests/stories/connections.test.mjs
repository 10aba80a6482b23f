// A-06 and what follows: an address book is connected with open eyes. Nothing is written before a
// person approved it, nothing is overwritten after, a run is one step back, and much is asked about.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { FakeRemote } from "./remote.mjs";
import { cardfile, until, Window } from "./window.mjs";

const GIVEN = ["Ana", "Bruno", "Clara", "David", "Elena", "Felix", "Greta", "Henrik", "Ingrid", "Jonas", "Kaja", "Lena", "Marta", "Nils", "Olga", "Pedro", "Rosa", "Sven", "Tilda", "Uma"];
const FAMILY = ["Vidal", "Kovacs", "Lindqvist", "Moreau", "Okafor", "Petrov", "Quiroga", "Ruiz", "Sato", "Tamm", "Urban", "Weiss", "Yilmaz", "Zeller", "Aalto"];
/** 300 people, each with an external ID. Four of a hundred have another one there, by a capital or a blank, and no email. */
const PEOPLE = Array.from({ length: 300 }, (_, n) => {
  const ours = `KD ${String(n).padStart(5, "0")}`;
  const near = n % 50 === 7 ? ours.toLowerCase() : n % 50 === 31 ? ours.replace(" ", "") : null;
  return { n, given: GIVEN[n % 20], family: FAMILY[Math.floor(n / 20)], email: `p${n}@x.example`, company: `Company ${n % 12}`, ours, theirs: near ?? ours, near: near !== null };
});
const NEAR = PEOPLE.filter(({ near }) => near);
const card = ({ n, given, family, email, theirs, near }) =>
  ["BEGIN:VCARD", "VERSION:3.0", `UID:${theirs}`, `FN:${given} ${family}`, `N:${family};${given};;;`, ...(near ? [] : [`EMAIL:${email}`]), `TITLE:Title ${n}`, "END:VCARD", ""].join("\r\n");

let window, remote;
const lines = (...args) => cardfile(window.workspace, ...args).split("\n").filter(Boolean);
const shown = (n) => JSON.parse(lines("list", "--filter", `email:p${n}@x.example`, "--json")[0]);
const count = () => lines("list").length;
const titleThere = async (n) => /^TITLE:(.*)\r$/m.exec(await remote.card(`${n}.vcf`))?.[1];
/** Presses a button, by the beginning of its name. */
const press = async (name) => {
  await window.reach(name);
  await window.keys("Enter");
};
/** Rows of a list of terms, as they are shown. */
const terms = (selector) => window.run((within) => Object.fromEntries([...document.querySelectorAll(`${within} dl > div`)].map((row) => [row.querySelector("dt").textContent, row.querySelector("dd").textContent])), selector);

before(async () => {
  remote = await FakeRemote.start();
  await remote.put(PEOPLE.map((person) => ({ href: `${person.n}.vcf`, card: card(person) })));
  window = await Window.unprotected();
  const file = join(window.folder, "customers.csv");
  writeFileSync(file, `First Name,Last Name,Email,Company,external_id\n${PEOPLE.map(({ given, family, email, company, ours }) => `${given},${family},${email},${company},${ours}\n`).join("")}`);
  cardfile(window.workspace, "import", file);
  await window.see(".status", "300 contacts");
});
after(async () => {
  await window?.close();
  remote?.close();
});

test("an address book is connected by keyboard, and only looked at", async () => {
  await window.keys("Control+k");
  await window.see(".pal");
  await window.type("Connect a sys");
  await window.see(".pi.on", "Connect a system");
  await window.keys("Enter");
  await window.see("[role=dialog] h2", "Connect");
  await window.reach("Address of the server");
  await window.type(remote.url);
  await window.keys("Enter");
  await window.see(".conbook", "Customers");
  await window.reach("Name of the connection");
  await window.keys("Enter");
  await window.gone("[role=dialog]");
  await window.see("main h2", "Customers");
  await window.see("main .bdg", "Not on yet");
  await window.see(".conflow", "Sends nothing; receives");
  // What is there is looked at once, without being asked.
  await window.see("[aria-labelledby=preflight-title] .t28", "96");
  await window.see("[aria-labelledby=preflight-title]", "of 300 records are of people you already have");
  assert.equal((await remote.state()).writes, 0);
});

test("the field map says what may leave, and nothing does before it is saved", async () => {
  await press("Field map");
  await window.see("main[aria-label='Field map'] tbody tr");
  await window.see("main[aria-label='Field map'] footer", "not approved");
  await window.run(() => {
    const list = document.querySelector("select[aria-label='Direction of Nickname']");
    list.value = "off";
    list.dispatchEvent(new Event("change", { bubbles: true }));
  });
  await press("Approve all that wait");
  await window.see("[role=status]", "changes, not saved");
  await window.see("main[aria-label='Field map'] footer", "All that leave are approved");
  await window.pictures("field-map");
  assert.match(cardfile(window.workspace, "remote", "list"), /sends nothing/);
  await window.keys("Control+Enter");
  await window.see(".toast", "The field map of Customers is saved");
  assert.match(cardfile(window.workspace, "remote", "list"), /sends address.*name.*; receives/);
  await window.run(() => document.querySelector(".crumb").focus());
  await window.keys("Enter");
  await window.see("h1", "Connections");
});

test("the match shows what nearly matches, and it is not turned on without a reason", async () => {
  await press("Look now");
  await window.see("[aria-labelledby=preflight-title] .t28", "96");
  const bars = await window.run(() => [...document.querySelectorAll(".conbars li")].map((row) => row.querySelector(".w5, .w6").textContent));
  assert.deepEqual(bars, ["288", "0", "12", "300"]);
  await window.see("[aria-labelledby=near-title]", "12 records, not taken for a match");
  const near = await window.run(() => [...document.querySelectorAll("[aria-labelledby=near-title] tbody tr")].map((row) => [...row.cells].map((cell) => cell.textContent)));
  const expected = NEAR.map(({ theirs, ours, given, family }) => [theirs, ours, `${given} ${family}`, theirs.includes(" ") ? "Capitals differ" : "Blanks differ"]);
  assert.deepEqual(near.sort(), expected.sort());
  const review = await window.run(() => [...document.querySelectorAll(".conreview li")].map((row) => [row.querySelector("b").textContent, row.querySelector("[role=img]").getAttribute("aria-label")]));
  assert.deepEqual(review, [["Personalization", "met"], ["Actions", "met"], ["Segmentation", "met"], ["Synchronization", "not met"]]);
  await window.see(".conreview", "Not the same external ID on both sides: 12 of 300 differ a little");
  await window.pictures("connections");
  await press("Turn on anyway");
  await window.see("[role=dialog]", "The review says no");
  await window.keys("Enter");
  await window.see("[role=dialog] [type=submit]:disabled");
  assert.throws(() => cardfile(window.workspace, "remote", "enable", "Customers"), /the review says no/);
  assert.throws(() => cardfile(window.workspace, "sync", "Customers"), /was not reviewed yet/);
  const { writes } = await remote.state();
  assert.deepEqual([writes, count()], [0, 300], "nothing was written on either side");
  await window.type("The old system wrote its ids by hand");
  await window.keys("Enter");
  await window.see(".toast", "Customers is on");
  await window.see("[aria-labelledby=review-title] footer", "It is on: runs may write");
});

test("the first run is shown before it is made, and while it is", async () => {
  await press("Preview");
  await window.see("[aria-labelledby=preview-title]", "Nothing written");
  assert.deepEqual(await terms("[aria-labelledby=preview-title]"), {
    "New contacts here": "12", "Contacts that get values": "288", "Contacts to the bin": "0",
    "New records there": "12", "Records that get values": "288", "Records deleted there": "0",
    "Wait for you, on both sides as they are": "0",
  });
  assert.equal((await remote.state()).writes, 0);
  await window.pictures("preview");
  await remote.habits({ slow_ms: 30 });
  await press("Sync now, 600 changes");
  await window.see(".conrun", "Syncing with Customers");
  await window.see(".conrun", "requests so far");
  await window.see(".toast", "Synced with Customers");
  await window.gone(".conrun");
  await remote.habits({});
  await window.see(".status", "312 contacts");
  await window.see(".conruns", "Done");
  const { cards, writes } = await remote.state();
  assert.deepEqual([cards.length, writes], [312, 300]);
  assert.equal(shown(4).job_title, "Title 4");
  assert.match(await remote.card("4.vcf"), /ORG:Company 4/);
});

test("what both sides changed waits in the Inbox and is decided with keys", async () => {
  for (const n of [5, 6]) cardfile(window.workspace, "bulk", "--filter", `email:p${n}@x.example`, "set", "job_title", `Buyer ${n}`);
  await remote.retitle({ "5.vcf": "Purchasing 5", "6.vcf": "Purchasing 6" });
  await press("Sync now");
  await window.see(".note", "2 contacts wait for you");
  assert.deepEqual([shown(5).job_title, await titleThere(5)], ["Buyer 5", "Purchasing 5"], "both are kept");
  await press("Open the Inbox");
  await window.see("main[aria-label=Conflict] h3", "1 field changed here and in Customers");
  await window.see("main[aria-label=Conflict] h2", `${PEOPLE[5].given} ${PEOPLE[5].family}`);
  for (const said of ["Title 5", "Buyer 5", "Purchasing 5", "Edited in Customers"]) await window.see("[data-field=job_title]", said);
  await window.keys("3");
  await window.see("[data-field=job_title] [aria-checked=true]", "Purchasing 5");
  await window.see(".cfresult", "this card changes");
  await window.pictures("inbox-conflict");
  await window.keys("Enter");
  await window.see(".toast", "1 decision applied");
  await window.see("main[aria-label=Conflict] h2", `${PEOPLE[6].given} ${PEOPLE[6].family}`);
  await window.keys("2");
  await window.see(".cfresult", "Customers changes");
  await window.keys("Enter");
  await window.gone("main[aria-label=Conflict]");
  assert.equal(shown(5).job_title, "Purchasing 5");
  const run = JSON.parse(cardfile(window.workspace, "sync", "Customers", "--json"));
  assert.deepEqual([run.pushed, run.conflicts, await titleThere(6), shown(6).job_title], [1, 0, "Buyer 6", "Buyer 6"]);
});

test("a run is taken back in one step", async () => {
  await remote.retitle({ "20.vcf": "Changed 20", "21.vcf": "Changed 21", "22.vcf": "Changed 22" });
  await window.keys("g", "o");
  await window.see("main h2", "Customers");
  await press("Sync now");
  await window.see(".toast", "Synced with Customers: 3 in, 0 out");
  assert.equal(shown(21).job_title, "Changed 21");
  // The newest run stands first; before it is there, the first button takes another one back.
  await until("the run in its list", () => window.run(() => document.querySelector(".conruns tbody tr td:nth-child(2)").textContent === "3"));
  await press("Undo run");
  await window.see(".toast", "Undone: 3 restored");
  await window.see(".conruns", "Undone");
  await window.see(".conruns button", "Redo");
  assert.deepEqual([20, 21, 22].map((n) => shown(n).job_title), ["Title 20", "Title 21", "Title 22"]);
  assert.equal(await titleThere(21), "Changed 21", "it follows with the next run");
});

test("a hundred that are gone there are asked about, and stay until a person agrees", async () => {
  await remote.delete(PEOPLE.slice(100, 200).map(({ n }) => `${n}.vcf`));
  await press("Sync now");
  await window.see(".toast", "Customers asks before it goes on");
  await window.see("main .bdg", "Asks");
  await window.see(".note.warn", "100 of 312 contacts would go to the bin here");
  assert.equal(count(), 312);
  await press("Look and agree");
  await window.see("[role=dialog]", "100 of 312 contacts would go to the bin here");
  await window.pictures("connection-asks");
  await window.keys("Escape");
  await window.gone("[role=dialog]");
  assert.equal(count(), 312, "who closes the question agrees to nothing");
  await press("Look and agree");
  await press("Agree and sync");
  await window.see(".status", "212 contacts");
  await window.see("main .bdg", "Healthy");
  await until("the run that was taken back is gone there too", async () => (await titleThere(21)) === "Title 21");
  assert.equal((await remote.state()).cards.length, 212);
});

test("a record under another ID is asked about, and goes on once a person said whose it is", async () => {
  await remote.put([{ href: "10.vcf", card: (await remote.card("10.vcf")).replace(/UID:.*/, "UID:KD-new-10") }]);
  await press("Sync now");
  await window.see(".note", "1 contact waits for you");
  await press("Open the Inbox");
  await window.see("main[aria-label=Conflict] h3", "The record in Customers has another ID now");
  for (const id of [PEOPLE[10].ours, "KD-new-10", "p10@x.example"]) await window.see(".cfids", id);
  assert.equal(count(), 212, "it is no second card");
  await window.keys("1");
  await window.see(".cffates [aria-checked=true]", "The same person");
  await window.pictures("inbox-relink");
  await window.keys("Enter");
  await window.see(".toast", "1 decision applied");
  await window.gone("main[aria-label=Conflict]");
  const run = JSON.parse(cardfile(window.workspace, "sync", "Customers", "--json"));
  assert.deepEqual([run.created, run.deleted, run.relinks, count(), lines("conflicts", "list").length], [0, 0, 0, 212, 0]);
});

test("what cannot be taken is shown with its reason and as it is written, and tried again with keys", async () => {
  await remote.put([{ href: "400.vcf", card: card({ n: 400, given: "Nora", family: "Quinn", email: "nowhere", theirs: "KD-400", near: false }) }]);
  await window.keys("g", "o");
  await window.see("main h2", "Customers");
  await press("Sync now");
  await window.see("[aria-labelledby=aside-title]", "email has no @");
  await window.keys("g", "i");
  await window.see(".inlist .seg button", "Not taken");
  await window.see("main[aria-label='Not taken'] .cfraw", "email has no @");
  await window.see("main[aria-label='Not taken'] pre", "FN:Nora Quinn");
  await window.keys("1");
  await window.see(".cffates [aria-checked=true]", "Try again");
  await window.pictures("inbox-not-taken");
  await window.keys("Enter");
  await window.see(".toast", "It is tried again with the next run");
  await window.gone("main[aria-label='Not taken']");
  await remote.delete(["400.vcf"]);
});

test("a rule shows what it settles, does it in one step, and is taken away in Connections", async () => {
  for (const n of [11, 12]) cardfile(window.workspace, "bulk", "--filter", `email:p${n}@x.example`, "set", "job_title", `Captain ${n}`);
  await remote.retitle({ "11.vcf": "Pilot 11", "12.vcf": "Pilot 12" });
  await window.keys("g", "o");
  await window.see("main h2", "Customers");
  await press("Sync now");
  await window.see(".note", "2 contacts wait for you");
  await press("Open the Inbox");
  await window.see("[data-field=job_title]", "Pilot 11");
  await window.keys("3");
  await window.see(".cfalways", "Always take Customers for Job title");
  await window.see(".cfalways", "It would settle 2 values; 2 wait in all");
  // Two keys before the window draws itself: the question has the keyboard.
  await window.run(() => { for (const key of ["3", "a"]) document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true })); });
  await window.see("[role=dialog] tbody tr", "Captain 11");
  assert.ok(await window.run(() => document.activeElement.closest("[role=dialog]") !== null));
  await window.keys("Escape");
  await window.gone("[role=dialog]");
  await window.keys("a");
  for (const said of ["Captain 11", "Pilot 11", "Captain 12", "Pilot 12"]) await window.see("[role=dialog] tbody tr", said);
  await window.pictures("inbox-rule");
  assert.equal(shown(12).job_title, "Captain 12", "nothing is changed yet");
  await press("Save rule");
  await window.see(".toast", "The rule is kept, 2 values settled");
  await window.gone("main[aria-label=Conflict]");
  assert.deepEqual([11, 12].map((n) => shown(n).job_title), ["Pilot 11", "Pilot 12"]);
  await window.keys("g", "o");
  await window.see(".conrules", "Customers is taken");
  await press("Take away the rule");
  await window.see(".toast", "Conflicts about Job title wait for you again");
  await window.gone(".conrules");
});
