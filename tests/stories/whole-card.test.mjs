// Every part of a card, filled by keyboard alone; who a person is; what agents
// may look up for them.
import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { project, protectedCardfile, said, Window } from "./window.mjs";

const PASSPHRASE = "correct horse battery";
const cardfile = protectedCardfile(PASSPHRASE);

let window, workspace, folder;
const file = (name, content) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "cardfile-story-"));
  workspace = join(folder, "harbour-vale");
  cardfile(workspace, "init");
  cardfile(workspace, "import", file("people.csv", "Name,Email,Phone,Company,Job title,Tier,Tags,Description\nAna García Llorente,ana@x.example,+34 612 408 177,\"Solvento, S.L.\",Purchasing lead,VIP,wholesale,\nBo Lund,bo@x.example,,Nordvik,,,,\"Calls on Mondays\nPays late\"\n"));
  cardfile(workspace, "ingest", file("told.ndjson", [
    { platform: "widget", source_id: "cus_81F3K2", email: "ana@x.example", conversation_id: "c1", title: "Annual price and shipping", page_url: "https://x.example/prices", messages: [said("contact", "", "Hola, ¿el envío a Tenerife entra en el plan anual o va aparte?", 2), said("agent", "Pricing bot", "Buenos días, Ana. El envío a península está incluido. Para Canarias se añade el DUA, 18 € por pedido.", 3), said("contact", "", "Perfecto. Somos cuatro almacenes. ¿Podéis mandarme primero la lista de precios?", 6)], at: "2026-11-20T14:06:00Z" },
    { platform: "widget", source_id: "cus_81F3K2", action: "open_ticket", at: "2026-11-20T14:08:00Z" },
    { platform: "widget", session_key: "8f2c", conversation_id: "c2", messages: [said("contact", "", "Good afternoon, do you ship to Lanzarote?", 41)] },
  ].map((one) => JSON.stringify(one)).join("\n")));
  window = await Window.open({ workspace });
  await window.see("input[type=password]");
  await window.run(() => document.querySelector("input[type=password]").focus());
  await window.type(PASSPHRASE);
  await window.keys("Enter");
  await window.see(".gr", "Ana García");
});
after(() => window?.close());

const write = async (name, text, ...keys) => {
  await window.reach(name);
  await window.type(text);
  await window.keys(...keys);
};
/** Takes the choice of a list that begins so, by the arrow keys. */
const choose = async (label, begin) => {
  await window.reach(label);
  const says = () => window.run(() => document.activeElement.selectedOptions[0].textContent);
  for (let step = 0; step < 12; step++) {
    const before = await says();
    if (before.startsWith(begin)) return;
    await window.keys("ArrowDown");
    if ((await says()) === before) break;
  }
  assert.ok((await says()).startsWith(begin), `${label} says ${await says()}, not ${begin}`);
};

/** Finds Ana and shows her card as a page, by keys. */
const openAna = async () => {
  await window.keys("/");
  await window.keys("Control+a");
  await window.type("Ana");
  await window.see(".num", "1 contact");
  await window.keys("Enter");
  await window.keys("ArrowDown", "ArrowUp", "Enter");
  await window.see(".panel [role=tab]", "Timeline");
  await window.reach("Open as a page");
  await window.keys("Enter");
  await window.see(".card-page .summary");
};

test("a description of several lines keeps them when it is edited", async () => {
  await window.click("[role=row] .nm", "Bo Lund");
  await window.click(".panel .fedit", "Calls on Mondays");
  await window.see(".panel textarea");
  await window.keys("Control+End");
  await window.type(", then at once");
  await window.keys("Enter");
  await window.see(".toast", "Description changed");
  await window.see(".panel .fedit", "then at once");
  const lines = await window.run(() => [...document.querySelectorAll(".panel .fedit .fact")].map(({ textContent }) => textContent));
  assert.deepEqual(lines, ["Calls on Mondays\nPays late, then at once"]);
  await window.keys("Escape");
});

test("every part of a card is filled without a pointer", async () => {
  await openAna();
  await window.tab("Notes");
  await write("Write a note", "Buys for four warehouses. Price list first, then samples.", "Control+Enter");
  await window.see("#part-panel .ptext", "four warehouses");
  await window.tab("Tasks");
  await write("What is to be done", "Call back with the price list", "Enter");
  await window.see("#part-panel li", "Call back");
  await window.tab("Memories");
  await write("What is worth remembering", "Prefers calls before ten", "Control+Enter");
  await window.see("#part-panel .ptext", "before ten");
  await window.tab("Files");
  await write("Name of a new space", "Contracts", "Enter");
  await window.see(".space h3", "Contracts");
  await window.tab("Ratings");
  await write("Why, in the contact's words", "Claro y rápido", "Enter");
  await window.see("#part-panel .ptext", "Claro y rápido");
  await window.tab("Secrets");
  await write("What the secret opens", "Shop API");
  await write("Value of the secret", "tok_live_quokka", "Enter");
  await window.see("#part-panel li", "Shop API");
  await window.reach("Add a payment account");
  await window.keys("Enter");
  await window.see("[aria-label='Payment accounts'] input");
  await window.type("cus_81F3K2");
  await window.keys("Enter");
  await window.see(".pay", "cus_81F3K2");
  await window.tab("Files");
  await window.reach("Add files");
  await window.keys("Enter");
  await window.nativeFile(file("contract.pdf", "%PDF-1.4 a contract"));
  await window.see(".space li", "contract.pdf");
  await window.reach("Choose a picture");
  await window.keys("Enter");
  await window.nativeFile(join(project, "src-tauri/icons/128x128.png"));
  await window.see(".summary img.av, .card-page img.av");
  await window.keys("g", "s");
  await window.reach("Permissions");
  await window.keys("Enter");
  await window.see("[aria-label='Platform']");
  await window.reach("Platform");
  await window.type("Web");
  await write("Name", "Shipping");
  await write("Its id there", "kb-1");
  await write("Documents: id and name", "d1 Prices");
  await window.reach("Add knowledge base");
  await window.keys("Enter");
  await window.see(".plist2 li", "Shipping");
  await window.keys("Escape");
  await window.keys("g", "c");
  await openAna();
  await window.tab("Access");
  await write("On the platform", "Web");
  await choose("Knowledge base", "Ship");
  await window.reach("Add rule");
  await window.keys("Enter");
  await window.see("#part-panel .ptext", "agents on Web may look up all of Shipping");
});

test("files that are dropped on a card are kept there, and what may run is asked about", async () => {
  await window.tab("Files");
  await window.drop(file("offer.pdf", "%PDF-1.4 an offer"), file("setup.exe", "MZ"));
  await window.see(".toast", "2 files kept");
  await window.see(".space li", "offer.pdf");
  await window.click("button[aria-label='Open setup.exe']");
  await window.see("[role=dialog]", "This file may run");
  await window.keys("Escape");
  await window.gone("[role=dialog]");
  await window.pictures("files");
});

test("a secret is shown after the passphrase, and only then", async () => {
  await window.tab("Secrets");
  await window.click("button[aria-label='Show Shop API']");
  await window.see("[aria-label='Passphrase or recovery code']");
  await window.type("wrong");
  await window.keys("Enter");
  await window.see(".toast", "Wrong key");
  await window.run(() => document.querySelector("[aria-label='Passphrase or recovery code']").focus());
  await window.type(PASSPHRASE);
  await window.keys("Enter");
  await window.see(".shown code", "tok_live_quokka");
  await window.keys("Tab");
  await window.click(".shown button", "Hide");
  await window.gone(".shown");
  await window.pictures("secrets");
});

test("a value comes back from the timeline", async () => {
  await window.click(".fl button.fedit", "Purchasing lead");
  await window.keys("Control+a");
  await window.type("Head of purchasing");
  await window.keys("Enter");
  await window.see(".toast", "Job title changed");
  await window.tab("Timeline");
  await window.click("button[aria-label='Restore Job title to Purchasing lead']");
  await window.see(".toast", "Job title restored");
  await window.see(".fl", "Purchasing lead");
});

test("an identity is verified with a reason, and an external ID is changed with open eyes", async () => {
  await window.click(".whobtn", "Identified");
  await window.see("[aria-label='How you made sure']");
  await window.type("Passport seen on 20 November");
  await window.keys("Enter");
  await window.see(".whobtn", "Verified");
  await window.click(".fl button.fedit", "cus_81F3K2");
  await window.see("[role=dialog]", "Change an external ID");
  await window.run(() => document.querySelector("[role=dialog] input").select());
  await window.type("cus_81f3k2");
  await window.see(".says li", "verified no more");
  await window.pictures("external-id");
  await window.keys("Escape");
  await window.gone("[role=dialog]");
  await window.see(".fl", "cus_81F3K2");
});

test("every part stands on the card", async () => {
  await window.tab("Conversations");
  await window.see(".tmsg", "El envío a península");
  for (const part of ["Notes1", "Tasks1", "Memories1", "Files3", "Ratings1", "Secrets1"]) await window.see("[role=tab]", part);
  await window.see(".bdg", "Verified");
  await window.pictures("card");
});

test("a visitor with a card is linked to who it is, and one undo brings the visitor back", async () => {
  cardfile(workspace, "identity", "visitors", "web");
  cardfile(workspace, "ingest", file("visitor.json", JSON.stringify({ platform: "web", session_key: "77aa", conversation_id: "c9", messages: [said("contact", "", "It is me, Bo.", 50)], at: "2026-11-20T14:50:00Z" })));
  await window.keys("g", "c");
  await window.click(".views button", "Visitors");
  await window.see("h1", "Visitors");
  await window.see(".ftok, .filt, [role=status]", "anonymous");
  await window.see("[role=row] .nm");
  await window.click("[role=row] .nm");
  await window.see(".panel .bdg", "Visitor");
  await window.click("button", "Link to …");
  await window.see("[role=dialog]", "Link");
  await window.type("bo@x.example");
  await window.see(".joins", "Bo Lund");
  await window.see(".ifclaim", "1 conversation");
  await window.pictures("link-to");
  await window.keys("Enter");
  await window.see(".toast", "Linked to Bo Lund");
  await window.see(".panel h2", "Bo Lund");
  await window.keys("Control+z");
  await window.see(".toast", "Undone: Linked");
  await window.see(".side button", "Visitors");
});

test("a message is found across all conversations", async () => {
  await window.keys("g", "i");
  await window.see(".insearch input");
  await window.run(() => document.querySelector(".insearch input").focus());
  await window.type("peninsula");
  await window.see(".hits mark", "península");
  await window.pictures("search-texts");
  await window.click(".hits button", "Ana García");
  await window.see(".card-page h2", "Ana García");
});

test("300 guests are prepared, a base of another platform is warned of, and the first contact is recognized (A-09)", async () => {
  const guests = Array.from({ length: 300 }, (_, at) => `Guest ${at + 1},V-${at + 1},VIP`).join("\n");
  const line = file("guests.csv", `Name,external_id:line,Tier\n${guests}\n`);
  cardfile(workspace, "import", line);
  await window.keys("g", "s");
  await window.click(".setnav button", "Permissions");
  const add = async (platform, name, id) => {
    await window.run(() => document.querySelector("[aria-label='Platform']").focus());
    await window.type(platform);
    await write("Name", name);
    await write("Its id there", id);
    await write("Documents: id and name", "d1 Prices 2026");
    await window.run(() => document.querySelector("[aria-label='Platform']").focus());
    await window.keys("Enter");
    await window.see(".plist2 li", name);
  };
  await add("LINE", "Price list", "kb-77");
  await add("WhatsApp", "Manuals", "kb-78");
  const rule = async (name) => {
    await window.run(() => document.querySelector("[aria-label='Its name']").focus());
    await window.type("VIP");
    await write("On the platform", "LINE");
    await choose("Knowledge base", name);
  };
  await rule("Price");
  await window.click("button", "Add rule");
  await window.see(".ptext", "With the tier VIP, agents on LINE may look up all of Price list.");
  await rule("Manuals");
  await window.see(".writer .note.warn", "Manuals belongs to WhatsApp, not to LINE");
  await window.click("button", "Add rule");
  await window.see(".note.warn", "Manuals belongs to WhatsApp, not to LINE");
  await window.see(".bdg", "Not sent");
  await window.pictures("permissions");
  const told = JSON.parse(cardfile(workspace, "ingest", "--json", file("first.json", JSON.stringify({ platform: "line", source_id: "V-17", conversation_id: "l1", messages: [said("contact", "", "Konnichiwa", 55)] }))));
  assert.deepEqual([told.created, told.matched], [0, 1], JSON.stringify(told));
  await window.keys("g", "c");
  await window.keys("/");
  await window.type("Guest 17");
  await window.see("[role=row] .nm", "Guest 17");
  await window.click("[role=row] .nm", "Guest 17");
  await window.see(".tl li", "recognized on line by external ID V-17");
  await window.see(".fl", "VIP");
  await window.tab("Access");
  await window.see("#part-panel .ptext", "may look up all of Price list");
  await window.click("summary", "Query metadata sent to LINE");
  const json = await window.run(() => JSON.parse(document.querySelector("#part-panel pre").textContent));
  assert.deepEqual(json.knowledge_bases.map((base) => base.knowledge_base_id), ["kb-77"], "the foreign one is not sent");
});
