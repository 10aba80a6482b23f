// The lifecycle: a rule is tried on what is there, turned on, works by itself and
// is taken back; cards move on the board; the archive hides and gives back.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { cardfile, said, until, Window } from "./window.mjs";

let window;
const lines = (...args) => cardfile(window.workspace, ...args).split("\n").filter(Boolean);
const found = (filter) => lines("list", "--filter", filter).length;
const tell = (told) => { const file = join(window.folder, "told.json"); writeFileSync(file, JSON.stringify(told)); cardfile(window.workspace, "ingest", file); };
before(async () => {
  window = await Window.unprotected();
  await window.click("button", "Load sample data");
  await window.see("[role=row] bdi");
});
after(() => window?.close());

test("a rule says what it would do, does it when it is turned on, and one undo takes it back", async () => {
  await window.keys("g", "l");
  await window.see("h1", "Lifecycle");
  await window.see(".empty", "No rules yet");
  await window.reach("Templates");
  await window.keys("Enter");
  await window.see(".tpl button", "Qualified after 3 chats");
  await window.reach("Qualified after 3 chats");
  await window.keys("Enter");
  const expected = found("stage:none conversations:>3");
  assert.ok(expected > 5, String(expected));
  await window.see(".dry .t28", String(expected));
  await window.see(".sen", "becomes qualified, unless a person set the stage");
  assert.equal(found("stage:qualified"), 0, "nothing is written before");
  await window.reach("Turn on, change");
  await window.keys("Enter");
  await window.see(".toast", `${expected} contacts changed`);
  await window.see(".rls .bdg", "On");
  assert.equal(found("stage:qualified stage_by:rule"), expected);
  await window.see(".lane", "Qualified");
  await window.pictures("lifecycle");
  await window.run(() => document.activeElement.blur());
  await window.keys("Control+z");
  await window.see(".toast", "Undone: Rule ran: Qualified after 3 chats");
  assert.equal(found("stage:qualified"), 0);
  await window.see(".rls .bdg", "Off");
  await window.keys("Control+Shift+z");
  await window.see(".toast", "Done again");
  assert.equal(found("stage:qualified"), expected);
});

test("a rule works by itself when a conversation comes in, and says so", async () => {
  tell({ platform: "widget", source_id: "u-1", name: "Nora Vale", email: "nora@x.example", conversation_id: "c1", messages: [said("contact", "", "Hello", 1)], at: "2026-11-20T14:01:00Z" });
  for (const at of [2, 3, 4]) tell({ platform: "widget", source_id: "u-1", conversation_id: `c${at}`, messages: [said("contact", "", "Again", at)], at: `2026-11-20T14:0${at}:00Z` });
  await window.see(".toast", "Qualified after 3 chats: 1 contact changed");
  assert.equal(found("stage:qualified email:nora@x.example"), 1);
  assert.match(cardfile(window.workspace, "history"), /rule_run.*Qualified after 3 chats/);
});

test("what a rule does because of a change on a card is seen on that card", async () => {
  const { id, name } = JSON.parse(lines("list", "--filter", "stage:none conversations:0", "--limit", "1", "--json")[0]);
  await window.startAgain(`cardfile://contact/${id}`);
  await window.see(".card-page h2", name);
  const fact = (label) => window.run((wanted) => [...document.querySelectorAll(".card-page dt")].find((dt) => dt.textContent === wanted)?.nextElementSibling.textContent, label);
  assert.ok(!(await fact("Stage")).includes("qualified"));
  await window.run(() => [...document.querySelectorAll(".card-page dt")].find((dt) => dt.textContent === "Tags").nextElementSibling.querySelector("button").click());
  await window.see(".card-page dd input:focus");
  await window.keys("End");
  await window.type(", qualified");
  await window.keys("Enter");
  await until("the stage that the rule gave", async () => (await fact("Stage")).includes("qualified"));
});

test("a card is moved on the board by keyboard, and no rule moves it back", async () => {
  await window.keys("g", "c");
  await window.keys("g", "l");
  await window.see(".lane .lcard");
  const name = await window.run(() => { const lane = [...document.querySelectorAll(".lane")].find((one) => one.getAttribute("aria-label") === "Qualified"); const card = lane.querySelector(".lcard"); card.focus(); return card.querySelector("b").textContent; });
  await window.keys("Shift+ArrowRight");
  await window.see(".toast", `${name} is in Customer, set by hand`);
  await window.see(".lane[aria-label=Customer] .lcard", name);
  await window.see(".lane[aria-label=Customer] svg[aria-label='set by hand']");
  assert.equal(found("stage:customer stage_by:hand"), 1);
});

test("the stages are named and ordered by the business", async () => {
  await window.reach("Stages");
  await window.keys("Enter");
  await window.see(".pop textarea");
  await window.keys("Control+a");
  for (const [at, stage] of ["trial", "qualified", "customer"].entries()) {
    if (at > 0) await window.keys("Enter");
    await window.type(stage);
  }
  await window.reach("Save");
  await window.keys("Enter");
  await window.see(".lane[aria-label=Trial]");
  const lanes = await window.run(() => [...document.querySelectorAll(".lane")].map((lane) => lane.getAttribute("aria-label")));
  assert.deepEqual(lanes.slice(0, 4), ["No stage", "Trial", "Qualified", "Customer"]);
});

test("the archive hides, is found by a switch, and gives back", async () => {
  await window.keys("g", "c");
  await window.onList();
  await window.keys("Home", "Space", "ArrowDown", "Space");
  await window.see(".float", "2 selected");
  await window.click(".float button", "Archive");
  await window.see(".toast", "Archived 2 contacts");
  await window.see(".side button", "Archive");
  assert.equal(found("archived:any"), 2);
  await window.click(".side button", "Archive");
  await window.see("h1", "Archive");
  await window.see(".bar .num", "2 contacts");
  await window.pictures("archive");
  await window.onList();
  await window.keys("Space");
  await window.click(".float button", "Take out of the archive");
  await window.see(".toast", "1 contact back in the list");
  assert.equal(found("archived:any"), 1);
});

test("two cards that were selected are compared and merged from the list", async () => {
  await window.keys("g", "c");
  await window.onList();
  await window.keys("Home", "Space", "ArrowDown", "Space");
  await window.see(".float", "2 selected");
  await window.click(".float button", "Merge");
  await window.see("h1", "Merge two cards");
  await until("ready", () => window.run(() => document.querySelector(".act .btn.pri:not(:disabled)") !== null));
  await window.keys("Escape");
  await window.see("h1", "Contacts");
});

test("rows that are selected before they are there are all selected", async () => {
  await window.onList();
  await window.keys("Escape");
  await window.gone(".float");
  await window.withheld("view_rows", async () => {
    await window.click("[role=columnheader] button", "Name");
    await window.see("[role=grid][aria-busy=false]:not([aria-activedescendant])");
    await window.run(() => document.querySelector("[role=grid]").focus());
    await window.keys("Home", "Space", "ArrowDown", "Space");
  });
  await window.see(".float", "2 selected");
  await window.keys("Escape");
  await window.gone(".float");
});

test("the bin is emptied when a person says so, and undo brings it back", async () => {
  await window.onList();
  await window.keys("Home", "Space", "Delete");
  await window.see(".toast", "Moved 1 contact to the bin");
  await window.keys("g", "b");
  await window.click("button", "Empty now");
  await window.see("[role=dialog]", "Remove 1 contact?");
  await window.reach("Empty the bin");
  await window.keys("Enter");
  await window.gone("[role=dialog]");
  await window.see(".empty", "The bin is empty");
  await window.run(() => document.activeElement.blur());
  await window.keys("Control+z");
  await window.see(".op.binned");
});

test("an undo says who was left alone, and why", async () => {
  await window.keys("g", "c");
  await window.onList();
  await window.keys("Home", "Space", "ArrowDown", "Space");
  await window.see(".float", "2 selected");
  await window.run(() => [...document.querySelectorAll(".float button")].find((one) => one.textContent.trim() === "Stage").focus());
  await window.keys("Enter");
  await window.see(".pop input");
  await window.type("lead");
  await window.keys("Enter");
  await window.see(".toast", "Stage set for 2 contacts");
  const [id] = lines("list", "--filter", "stage:lead", "--json").map((line) => JSON.parse(line).id);
  cardfile(window.workspace, "bulk", "--filter", `stage:lead name:"${JSON.parse(lines("show", id, "--json").join("")).name}"`, "set", "stage", "partner");
  await window.keys("g", "h");
  await window.see(".op", "stage: partner");
  await window.run(() => [...document.querySelectorAll(".op")].find((one) => one.textContent.includes("stage: lead")).querySelector("button").click());
  await window.see(".kept", "1 contact kept because you edited it");
  await window.see(".kept li", "Stage");
  await window.pictures("history-kept");
});
