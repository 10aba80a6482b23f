// an access request is written down, answered by keyboard alone and closed; the answer
// proves that it is whole, and holds nothing of anybody else.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { asksOf, barriers, below, hands, printed, unpacked, unzipped } from "./privacy.mjs";
import { FakeRemote } from "./remote.mjs";
import { cli, protectedCardfile, said, until, Window } from "./window.mjs";

const PASSPHRASE = "correct horse battery";
const cardfile = protectedCardfile(PASSPHRASE);
const ANA = "ana.garcia@solvento.example";
const [SECRET, BO, INTERNAL] = ["tok_live_quokka_77", "bo@lind.example", "Do not offer her more than ten"];

let window, workspace, folder, remote, press, fill, page, request, identify;
const file = (name, content) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const lines = (...args) => cardfile(workspace, ...args).split("\n").filter(Boolean);
const theRequest = () => lines("request", "list", "--json").map((line) => JSON.parse(line)).find((one) => one.request.subject === ANA);
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "cardfile-story-"));
  workspace = join(folder, "harbour-vale");
  remote = await FakeRemote.start();
  await remote.put([1, 2].map((n) => ({ href: `${n}.vcf`, card: `BEGIN:VCARD\r\nVERSION:3.0\r\nUID:r-${n}\r\nFN:Rosa ${n}\r\nEMAIL:r${n}@x.example\r\nEND:VCARD\r\n` })));
  cardfile(workspace, "init");
  cardfile(workspace, "import", file("people.csv", `name,email,phone,company,external_id:hubspot\nAna García Llorente,${ANA},+34 612 408 177,Solvento,a-1\nA. Garcia (Solvento),ana@old.example,,Solvento,a-2\nBo Lindström,${BO},+46 70 123 45 67,Lind,b-1\n`));
  cardfile(workspace, "note", "add", "ana@old.example", "Prefers to be called before ten");
  cardfile(workspace, "duplicate", "merge", ANA, "ana@old.example");
  cardfile(workspace, "note", "add", ANA, INTERNAL, "--internal");
  for (const text of ["Buys for four warehouses", "Speaks Spanish"]) cardfile(workspace, "note", "add", ANA, text);
  for (const text of ["Prefers calls before ten", "Has a dog", "Likes samples"]) cardfile(workspace, "memory", "add", ANA, text);
  const chats = Array.from({ length: 31 }, (_, at) => ({ contact: ANA, platform: "widget", external_id: `c${at}`, title: `Order ${at}`, messages: [said("contact", "", `Where is order ${at}?`, at), said("staff", "Marta Ruiz", `Ask Bo Lindström, ${BO}`, at + 1)] }));
  cardfile(workspace, "conversation", "import", file("chats.ndjson", chats.map((chat) => `${JSON.stringify(chat)}\n`).join("")));
  const space = cardfile(workspace, "space", "add", ANA, "Contracts").trim();
  cardfile(workspace, "space", "put", space, file("offer.pdf", "%PDF-1.4 an offer"), file("prices.txt", "Prices of 2026"));
  // After the passphrase comes the value.
  execFileSync(cli, ["--workspace", workspace, "secret", "add", ANA, "Shop API"], { input: `${PASSPHRASE}\n${SECRET}\n`, env: { ...process.env, CARDFILE_PASSPHRASE_FD: "0" } });
  cardfile(workspace, "export", join(folder, "everybody.csv"));
  cardfile(workspace, "remote", "add", "Customers", "--kind", "carddav", "--url", remote.url);
  cardfile(workspace, "remote", "map", "Customers", "--send", "name,company");
  cardfile(workspace, "remote", "enable", "Customers");
  cardfile(workspace, "sync", "Customers");
  // Once the register of processing was begun, an answer is built only when nothing is missing in it.
  cardfile(workspace, "processing", "controller", "--name", "Harbour & Vale", "--email", "privacy@harbour.example", "--authority", "AEPD, Madrid");
  cardfile(workspace, "processing", "recipient", "Customers", "Spain");
  cardfile(workspace, "purpose", "put", "contact", "--description", "To answer who writes to us", "--subjects", "customers", "--data", "name, email, messages", "--kept-for", "two years");
  window = await Window.open({ workspace });
  await window.see("input[type=password]");
  await window.run(() => document.querySelector("input[type=password]").focus());
  await window.type(PASSPHRASE);
  await window.keys("Enter");
  await window.see(".gr", "Ana García");
  ({ press, fill, page, request, identify } = hands(window));
});
after(async () => {
  await window?.close();
  remote?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

test("a request is written down on the day it comes, with the day of its answer", async () => {
  await request("access", ANA, "Ana García");
  await window.see("main .bdg", "days left");
  await window.see(".pvsteps [aria-current=step]", "Who asks");
  await until("the keyboard is at the step", () => window.run(() => document.activeElement.classList.contains("pvstep")));
  await window.see(".pvtrail", "Request written down");
  await window.see(".pvtrail", "Access, answer by");
  await window.see(".pvside dd", "-001");
  await window.pictures("privacy-request");
  const { light, request: kept } = theRequest();
  assert.deepEqual([light, kept.right, kept.state], ["green", "access", "received"]);
});

test("who asks is made sure, and her cards are found", async () => {
  await identify("Passport seen on 20 November");
  await window.see(".pvsteps [aria-current=step]", "Their cards");
  await window.see(".pvcards", "Ana García Llorente");
  assert.equal(await window.run(() => document.querySelectorAll(".pvcards input:checked").length), 1);
  await press("Go on");
  await window.see(".pvsteps [aria-current=step]", "Review and decide");
});

test("everything is shown, zeros too, and other people are left out by one key each", async () => {
  await window.see(".pvthird li", "Bo Lindström");
  await until("they are marked where they stand", () => window.run(() => [...document.querySelectorAll(".pvthird mark")].some(({ textContent }) => /Bo|bo@/.test(textContent))));
  const people = await window.run(() => document.querySelectorAll(".pvthird li").length);
  await window.run(() => document.querySelector(".pvthird input").focus());
  for (let at = 0; at < people; at++) await window.keys("1");
  await window.see("[aria-labelledby=third-title] [role=status]", `${people} of ${people} looked at`);
  await window.click("[aria-labelledby=coverage-title] footer button", "nothing held");
  const { tables } = JSON.parse(cardfile(workspace, "dsar", "review", "--subject", ANA, "--json"));
  await until("a row for each table", () => window.run((wanted) => document.querySelectorAll(".pvcover tbody tr").length === wanted, tables.length));
  const held = await window.run(() => Object.fromEntries([...document.querySelectorAll(".pvcover tbody tr")].map((row) => [row.cells[0].textContent, [row.cells[1].textContent, row.cells[2].textContent]])));
  assert.deepEqual([held.Conversations, held.Memories], [["31", "31"], ["3", "3"]]);
  assert.deepEqual(held.Notes, ["4", "3"], "the internal one stays");
  await window.see("[aria-labelledby=choices-title]", INTERNAL);
  await window.see("[aria-labelledby=choices-title]", "Customers");
  await window.pictures("privacy-review");
  // Whoever leaves in between goes on where they were.
  await window.run(() => document.activeElement?.blur());
  await window.keys("g", "c");
  await window.see(".gr", "Ana García");
  await window.keys("g", "p");
  await window.see(".pvsteps [aria-current=step]", "Review and decide");
  await window.see("[aria-labelledby=third-title] [role=status]", `${people} of ${people} looked at`);
  await page("Requests");
  await window.run(() => document.querySelector(".pvrow").focus());
  await window.keys("Enter");
  await window.see(".pvcards", "Ana García Llorente");
  await press("Go on");
  await window.see("[aria-labelledby=third-title] [role=status]", `${people} of ${people} looked at`);
  await press("Approve");
  // What is decided next is not covered by a note about what was.
  await window.see(".pvsteps [aria-current=step]", "Bundle");
});

const bundle = () => join(folder, "answer.zip");
test("the answer is built, signed, and is what was written", async () => {
  await window.see(".pvsteps [aria-current=step]", "Bundle");
  await until("a name for the file", () => window.run(() => document.querySelector("input[aria-label=File]").value !== ""));
  await fill("File", bundle());
  await window.keys("Control+Enter");
  await window.see("[aria-labelledby=built-title]", "SHA-256");
  await press("Check the file");
  await window.see(".note.ok", "files are as they were written");
  await window.pictures("privacy-bundle");
  const checked = JSON.parse(cardfile(workspace, "verify", bundle(), "--json"));
  assert.equal(checked.holds, true);
  const files = unzipped(bundle());
  const all = Buffer.concat(Object.values(files)).toString("utf8");
  assert.ok(all.includes("Where is order 7?") && all.includes(ANA), "it holds what is hers");
  for (const word of [SECRET, BO, INTERNAL]) assert.ok(!all.includes(word), word);
  assert.ok("START-HERE.html" in files || Object.keys(files).some((name) => name.endsWith("START-HERE.html")));
  const recipients = Object.entries(files).find(([name]) => name.endsWith("recipients.json"))[1].toString("utf8");
  assert.match(recipients, /Customers/);
});

test("whoever gets it reads it in a browser, without a network, and prints it", async () => {
  const root = unpacked(bundle(), join(folder, "answer"));
  const pages = below(root).filter((path) => path.endsWith(".html"));
  assert.ok(pages.length > 31, "the beginning, what has to be known, and a page of each conversation");
  for (const path of pages) assert.deepEqual(asksOf(readFileSync(path, "utf8")), [], path);
  assert.deepEqual(asksOf('<img src="https://x.example/a.png">').length, 2, "the look finds what is there");
  assert.match(readFileSync(join(root, "START-HERE.html"), "utf8"), /@page \{ size: A4;/);
  const browser = await Window.page(join(root, "START-HERE.html"));
  try {
    await browser.see("h1", "Your personal data");
    await browser.see("td", "a file we imported: people.csv");
    const said = await browser.text("main");
    assert.doesNotMatch(said, /\d{4}-\d\d-\d\dT\d\d:|\bcontact (?:create|combine|edit)\b/, "days and ways are said in words");
    assert.deepEqual(await barriers(browser), []);
    assert.deepEqual(await browser.run(() => performance.getEntriesByType("resource").map(({ name }) => name)), [], "nothing was asked for");
    assert.ok(await browser.run(() => [...document.links].every(({ protocol }) => protocol === "file:")));
    await browser.picture("privacy-start-here");
    await browser.click("a[href^='data/conversations/']");
    await browser.see(".talk li", "Where is order");
    assert.deepEqual(await barriers(browser), []);
  } finally {
    await browser.close();
  }
});

test("one changed byte is named by its file", async () => {
  const bytes = readFileSync(bundle());
  bytes[Math.floor(bytes.length / 2)] ^= 1;
  const changed = file("changed.zip", bytes);
  await page("Audit and proof");
  await fill("Bundle to check", changed);
  await window.keys("Enter");
  await window.see(".note.bad", "This is not what was written");
  assert.ok((await window.text(".note.bad li")).length > 0, "it says which");
  await fill("Bundle to check", bundle());
  await window.gone(".note.bad");
  assert.throws(() => cardfile(workspace, "verify", changed), ({ status }) => status === 3);
});

test("the person is told, and the register says which file was the answer", async () => {
  await page("Requests");
  await window.run(() => document.querySelector(".pvrow").focus());
  await window.keys("Enter");
  // What was built is not forgotten while the window stays in Privacy.
  await window.see("[aria-labelledby=built-title]", "SHA-256");
  const paper = await printed(window);
  await press("Completion");
  await window.see("[role=dialog] textarea");
  const letter = await window.run(() => document.querySelector("[role=dialog] textarea").value);
  assert.match(letter, /Harbour & Vale/);
  await press("Print");
  assert.equal((await paper.text()).trim(), letter.trim());
  assert.ok(!cardfile(workspace, "audit", "list").includes("letter_sent"), "it was only looked at");
  await press("Mark as sent");
  await window.gone("[role=dialog]");
  await press("On to the answer");
  await window.see("[aria-labelledby=answer-title]", "Letters sent: Completion");
  await press("Close as done");
  await window.see("main .bdg", "Closed");
  await window.pictures("privacy-answered");
  await window.click(".main .head button", "Requests");
  // It is not among the open ones any more: the keyboard is still in the register.
  await until("the keyboard is in the register", () => window.run(() => document.activeElement.matches(".pvrow, .bar button")));
  const { request: kept } = theRequest();
  assert.equal(kept.state, "done");
  assert.match(kept.outcome, /^[0-9a-f]{64}$/);
  assert.match(cardfile(workspace, "audit", "verify"), /all as they were written/);
  assert.ok(!cardfile(workspace, "audit", "list").includes(ANA), "the audit log names nobody");
});
