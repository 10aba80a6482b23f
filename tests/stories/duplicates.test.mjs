// A-05: fifty planted pairs are found, 49 merged, the namesakes kept apart, and
// pair 7 is unmerged again: both cards as they were, to the byte.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { cardfile, said, until, Window } from "./window.mjs";

const GIVEN = ["Ana", "Bruno", "Clara", "David", "Elena", "Felix", "Greta", "Henrik", "Ingrid", "Jonas"];
const FAMILY = ["Vidal", "Kovacs", "Lindqvist", "Moreau", "Okafor"];
/** Pair 0 to 48: the same person twice; pair 49: two namesakes at one company. */
const PAIRS = Array.from({ length: 50 }, (_, i) => {
  const [given, family] = [GIVEN[i % 10], FAMILY[Math.floor(i / 10)]];
  const mail = `${given}.${family}@x${i}.example`.toLowerCase();
  const phone = `6${String(10_000_000 + i * 1_234_567).slice(0, 8)}`;
  const person = { name: `${given} ${family}`, email: mail, phone: `+34 ${phone}`, company: `Company ${i}`, "external_id:hubspot": `a-${i}`, description: `first ${i}`, job_title: `Title ${i}` };
  if (i === 49) return [person, { ...person, email: `other@x${i}.example`, phone: "+34 699 000 111", "external_id:hubspot": "b-49" }];
  const kinds = [
    { email: "", phone: `0034-${phone.slice(0, 3)}-${phone.slice(3)}` },
    { name: `${family}, ${given}`, phone: "" },
    { email: mail.replace("@", "+shop@"), phone: "" },
  ];
  return [person, { ...person, "external_id:hubspot": `b-${i}`, company: "", description: `second ${i}`, job_title: `Other title ${i}`, ...kinds[i % 3] }];
});

let window;
const everything = (name) => {
  const file = join(window.folder, name);
  cardfile(window.workspace, "export", "--format", "everything", file);
  return readFileSync(file, "utf8").split("\n").filter(Boolean).sort();
};
/** The card that HubSpot knows by this external ID. */
const card = (lines, id) => lines.find((line) => JSON.parse(line).external_id?.some((link) => link.external_id === id));
const values = (line, field) => (JSON.parse(line)[field] ?? []).map(({ value }) => value);

before(async () => {
  window = await Window.unprotected();
  for (const side of [0, 1]) {
    const columns = Object.keys(PAIRS[0][0]);
    const cell = (text) => (/[",]/.test(text) ? `"${text}"` : text);
    const file = join(window.folder, `side-${side}.csv`);
    writeFileSync(file, [columns, ...PAIRS.map((pair) => columns.map((column) => pair[side][column]))].map((row) => `${row.map(cell).join(",")}\n`).join(""));
    // HubSpot knows the two of a pair as two: an import does not make them one.
    cardfile(window.workspace, "import", file);
  }
  const chats = join(window.folder, "chats.ndjson");
  writeFileSync(chats, ["a-7", "b-7"].map((contact, at) => `${JSON.stringify({ contact, platform: "widget", external_id: `c${at}`, messages: [said("contact", "", `hello ${at}`, at)] })}\n`).join(""));
  cardfile(window.workspace, "conversation", "import", chats);
  cardfile(window.workspace, "task", "add", "b-7", "Send the samples");
  await window.see(".status", "100 contacts");
});
after(() => window?.close());

test("fifty pairs are found and shown with their reasons", async () => {
  await window.keys("g", "i");
  await window.click(".empty button", "Find duplicates");
  await window.see(".inlist [role=status]", "50 decisions");
  assert.equal(await window.run(() => document.querySelectorAll("[aria-label=Duplicates] .in").length), 49);
  assert.equal(await window.run(() => document.querySelectorAll("[aria-label=Perhaps] .in").length), 1);
  await window.see(".card [aria-label=Reasons]", "Same");
  await window.pictures("duplicates");
});

let before49;
test("49 are merged by keyboard, the namesakes are two people, and nothing is lost", async () => {
  before49 = everything("before.ndjson");
  await window.run(() => document.querySelector("[aria-label=Duplicates] .in").focus());
  await window.keys("Enter");
  await window.see(".mergebody h2", "One person or two?");
  await window.see(".act .btn.pri:not(:disabled)", "Merge into");
  await window.pictures("merge");
  for (let left = 49; left > 0; left--) {
    await window.see(".act .btn.pri:not(:disabled)", "Merge into");
    await window.see(".head .num", `1 of ${left + 1}`);
    await window.run(() => document.querySelector("main[aria-label='Merge two cards']").focus());
    await window.keys("Enter");
    await window.see(".status", `${50 + left} contacts`);
  }
  await window.see(".status", "51 contacts");
  await window.see(".head .num", "1 of 1");
  await window.see(".act .btn.pri:not(:disabled)", "Merge into");
  await window.keys("x");
  await window.see(".toast", "Remembered: two people");
  await window.see(".empty", "No duplicates are left to decide");
  const now = everything("merged.ndjson");
  assert.equal(now.length, 51);
  for (let i = 0; i < 49; i++) {
    const [one, other] = [card(before49, `a-${i}`), card(before49, `b-${i}`)];
    const merged = card(now, `a-${i}`);
    assert.equal(merged, card(now, `b-${i}`), "external ids of both");
    for (const email of [...values(one, "email"), ...values(other, "email")]) assert.ok(values(merged, "email").includes(email), email);
    const { description, name } = JSON.parse(merged);
    assert.ok(description.includes(`first ${i}`) && description.includes(`second ${i}`), description);
    assert.ok([one, other].some((was) => JSON.parse(was).name === name), name);
  }
  const seven = JSON.parse(card(now, "a-7"));
  assert.equal(seven.conversation_count, 2);
});

test("pair 7 is unmerged from its card: both are as they were, to the byte", async () => {
  await window.keys("g", "c");
  await window.keys("/");
  await window.type("a-7");
  await until("one contact", async () => (await window.text(".bar .num")) === "1 contact");
  await window.keys("Enter", "Enter");
  await window.see(".tl", "Merged");
  await window.pictures("merged-card");
  await window.click(".tl .linkb", "Unmerge");
  await window.see(".toast", "Unmerged");
  await window.see(".status", "52 contacts");
  const now = everything("unmerged.ndjson");
  for (const id of ["a-7", "b-7"]) assert.equal(card(now, id), card(before49, id));
  // What lost its field is in the timeline: one event each way.
  const log = cardfile(window.workspace, "history", "--json").split("\n").filter(Boolean).map((line) => JSON.parse(line));
  assert.equal(log.filter(({ kind }) => kind === "undo").length, 1);
});

test("the namesakes are never proposed again, pair 7 is", async () => {
  await window.keys("g", "i");
  await window.click(".inlist button[aria-label='Find duplicates']");
  await window.see(".toast", "Found 1 pair");
  await window.see(".inlist [role=status]", "1 decision");
  assert.match(await window.text("[aria-label=Duplicates] .in"), /Henrik/);
  assert.equal(await window.run(() => document.querySelector("[aria-label=Perhaps]")), null);
});
