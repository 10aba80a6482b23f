// The whole relationship on one card: every part is filled by keyboard alone,
// a visitor's conversation is claimed, and everything can be undone.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { cardfile, said, Window } from "./window.mjs";

const line = (value) => `${JSON.stringify(value)}\n`;
const CHATS = [
  { contact: "ana@x.example", platform: "widget", title: "Annual price and shipping", page_url: "/prices", external_id: "c1", unread: true, messages: [
    said("contact", "", "Hola, ¿el envío a Tenerife entra en el plan anual?", 2), said("agent", "Pricing bot", "Buenos días, Ana. El envío a península está incluido.", 3),
    said("contact", "", "Perfecto. Somos cuatro almacenes.", 6), said("staff", "Marta Ruiz", "Soy Marta. Te llamo el viernes.", 19)] },
  { platform: "widget", page_url: "/shipping", session_key: "8f2c", messages: [
    said("contact", "", "Good afternoon, this is Bo from Nordvik.", 41), said("agent", "Pricing bot", "Hello Bo, where shall I send it?", 42)] },
];

let window;
before(async () => {
  window = await Window.unprotected();
  const people = join(window.folder, "people.csv");
  writeFileSync(people, "Name,Email,Company\nAna Ruiz,ana@x.example,Solvento\nBo Lund,bo@x.example,Nordvik\n");
  cardfile(window.workspace, "import", people);
  const chats = join(window.folder, "chats.ndjson");
  writeFileSync(chats, CHATS.map(line).join(""));
  cardfile(window.workspace, "conversation", "import", chats);
  await window.see(".gr", "Ana Ruiz");
});
after(() => window?.close());

test("a note, a task and a memory are written without a pointer", async () => {
  await window.keys("/");
  await window.type("Ana");
  await window.see(".bar .num", "1 contact");
  await window.run(() => document.querySelector("[role=grid]").focus());
  await window.keys("ArrowDown", "ArrowUp", "Enter");
  await window.see(".panel [role=tab]", "Timeline");
  await window.tab("Notes");
  await window.reach("Write a note");
  await window.type("Buys for four warehouses. Price list first.");
  await window.keys("Control+Enter");
  await window.see("#part-panel .ptext", "Buys for four warehouses");
  await window.tab("Tasks");
  await window.reach("What is to be done");
  await window.type("Call back with the price list");
  await window.keys("Enter");
  await window.see("#part-panel li", "Call back with the price list");
  await window.tab("Memories");
  await window.reach("What is worth remembering");
  await window.type("Prefers calls before ten");
  await window.keys("Control+Enter");
  await window.see("#part-panel .ptext", "Prefers calls before ten");
  await window.tab("Timeline");
  await window.see(".tl li", "Note: Buys for four warehouses");
});

test("a conversation is read on the card, and searched with accents aside", async () => {
  await window.tab("Conversations");
  await window.see(".tmsg", "El envío a península");
  await window.reach("Search in this conversation");
  await window.type("peninsula");
  await window.see(".transbar [role=status]", "1 of 1");
  await window.see(".tmsg.hit", "península");
  await window.click("button[aria-label='Open as a page']");
  await window.see(".card-page .tmsg.hit");
  await window.pictures("relationship");
});

test("what was noted is taken back, one step at a time", async () => {
  await window.run(() => document.activeElement.blur());
  await window.keys("Control+z");
  await window.see(".toast", "Prefers calls before ten");
  await window.tab("Memories");
  await window.see("#part-panel", "Nothing is remembered");
  await window.keys("Control+Shift+z");
  await window.see("#part-panel .ptext", "Prefers calls before ten");
});

test("a visitor is claimed for a card, and undo gives the visitor back", async () => {
  await window.keys("g", "i");
  await window.see(".in", "Visitor");
  await window.see(".tmsg", "this is Bo from Nordvik");
  await window.pictures("inbox");
  await window.run(() => document.querySelector(".whois input").focus());
  await window.type("nordvik");
  await window.see(".pickb.on", "Bo Lund");
  await window.keys("Enter");
  await window.see(".toast", "Given to Bo Lund");
  await window.see(".empty", "Nobody waits");
  const id = JSON.parse(cardfile(window.workspace, "search", "Bo Lund", "--json")).rows[0].id;
  assert.equal(JSON.parse(cardfile(window.workspace, "show", id, "--json")).conversation_count, 1);
  await window.keys("Control+z");
  await window.see(".in", "Visitor");
});

test("a task that is due says so", async () => {
  const id = JSON.parse(cardfile(window.workspace, "search", "Ana Ruiz", "--json")).rows[0].id;
  cardfile(window.workspace, "task", "add", id, "Send the samples", "--at", "2026-01-05T09:00:00Z");
  await window.see(".toast", "Send the samples: Ana Ruiz");
});

test("a mailbox becomes cards, and nothing is made before it is confirmed", async () => {
  const mail = join(window.folder, "harbour-vale.mbox");
  const letter = (from, day, extra = "") => `From x\nFrom: ${from}\nDate: ${day} Nov 2026 10:00:00 +0000\n${extra}\nquokka in a body\n\n`;
  writeFileSync(mail, [
    letter("Elena Rossi <e.rossi@cantieri.example>", 3), letter("Elena Rossi <e.rossi@cantieri.example>", 12), letter("Ana <ana@x.example>", 21),
    letter("Fruit fair <news@fruit-fair.example>", 5, "List-Unsubscribe: <https://fruit-fair.example>\n"), letter("no-reply@parcelpost.example", 6), "From x\nSubject: who\n\n?\n",
  ].join(""));
  await window.drop(mail);
  await window.see("h1", "harbour-vale.mbox");
  await window.see(".mailtbl tr", "Elena Rossi new card");
  await window.see(".mailtbl tr", "left out, a list");
  await window.see(".mailtbl tr", "left out, nobody reads there");
  await window.see(".mailtbl tr", "is here, gets these times");
  await window.see(".card header", "6 messages, 4 addresses");
  await window.see(".card header", "1 message says no sender");
  await window.see(".status", "2 contacts");
  await window.pictures("mail");
  await window.keys("Control+Enter");
  await window.see(".toast", "Kept 2 contacts from mail");
  await window.see(".status", "3 contacts");
  const elena = JSON.parse(cardfile(window.workspace, "search", "rossi", "--json")).rows[0];
  const card = JSON.parse(cardfile(window.workspace, "show", elena.id, "--json"));
  assert.equal(card.source, "email");
  assert.deepEqual([card.first_seen, card.last_seen].map((at) => new Date(at).toISOString().slice(0, 10)), ["2026-11-03", "2026-11-12"]);
  await window.keys("Control+z");
  await window.see(".status", "2 contacts");
});
