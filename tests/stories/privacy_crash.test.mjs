// A-17 in the window: it is killed in the middle of an import, an export and an erasure; what was
// begun is then done or undone as a whole, and says so. A stolen copy without the key says nothing.
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { found, hands } from "./privacy.mjs";
import { protectedCardfile, said, until, Window } from "./window.mjs";

const PASSPHRASE = "correct horse battery";
const cardfile = protectedCardfile(PASSPHRASE);
const MARKERS = Array.from({ length: 20 }, (_, at) => `quokka-marker-${at}-${"abcdefghij"[at % 10]}`);
const ROSA = "rosa.vidal@x.example";
const ROWS = 40_000;

let window, workspace, folder;
const file = (name, content) => { const path = join(folder, name); writeFileSync(path, content); return path; };
const lines = (...args) => cardfile(workspace, ...args).split("\n").filter(Boolean);
/** How many contacts the status bar counts. */
const count = async () => Number((await window.text(".status > span:nth-child(2)")).replace(/\D/g, ""));

/** Opens the window on the workspace, through the passphrase. */
async function open() {
  const opened = Object.assign(await Window.open({ workspace }), { workspace });
  await opened.see("input[type=password]");
  await opened.run(() => document.querySelector("input[type=password]").focus());
  await opened.type(PASSPHRASE);
  await opened.keys("Enter");
  await opened.see(".status");
  return opened;
}
/** Kills the program as soon as a condition holds, and opens it again. */
async function cutOffWhen(what, condition) {
  await until(what, condition);
  window.kill();
  await window.close();
  window = await open();
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "cardfile-story-"));
  workspace = join(folder, "harbour-vale");
  cardfile(workspace, "init");
  cardfile(workspace, "import", file("people.csv", `name,email,description\nRosa Vidal,${ROSA},${MARKERS[0]}\nBo Lund,bo@x.example,${MARKERS[1]}\n`));
  for (const marker of MARKERS.slice(2, 10)) cardfile(workspace, "note", "add", "bo@x.example", marker);
  cardfile(workspace, "conversation", "import", file("chats.ndjson", `${JSON.stringify({ contact: "bo@x.example", platform: "widget", external_id: "c1", messages: MARKERS.slice(10).map((marker, at) => said("contact", "", marker, at)) })}\n`));
  cardfile(workspace, "generate", "--rows", String(ROWS), "--seed", "5", "--out", join(folder, "many.csv"));
  window = await open();
});
after(async () => {
  await window?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

test("an import that is cut off is there as a whole or not at all, and the window says so", async () => {
  await window.drop(join(folder, "many.csv"));
  await window.see(".card", "Adds up");
  await window.keys("Control+Enter");
  await cutOffWhen("some of them are written", () => lines("list", "--limit", "3").length > 2);
  const here = await count();
  const isWhole = here > 2;
  if (isWhole) assert.ok(here > ROWS / 2, `${here} are half an import`);
  else await window.see(".status", "was taken back");
  assert.equal(lines("list", "--filter", "email:bo@x.example").length, 1);
});

test("an export that is cut off leaves no half file under its name", async () => {
  if ((await count()) < ROWS / 2) cardfile(workspace, "import", join(folder, "many.csv"));
  const [target, contacts] = [join(folder, "out.ndjson"), ROWS + 2];
  await until("the people are here", async () => (await count()) === contacts);
  await window.keys("g", "e");
  await window.click("[aria-labelledby=format-title] button", "Everything");
  await window.see(".act .btn.pri:enabled", "Export");
  await window.run(() => document.querySelector("input[aria-label=File]").select());
  await window.type(target);
  await window.keys("Control+Enter");
  await cutOffWhen("the export is under way", async () => existsSync(join(folder, ".out.ndjson.part")) || existsSync(target));
  if (existsSync(target)) assert.equal(readFileSync(target, "utf8").split("\n").filter(Boolean).length, contacts);
});

test("an erasure that is cut off is done with a receipt or not done at all", async () => {
  const { press, request, identify } = hands(window);
  await request("erasure", ROSA, "Rosa Vidal");
  await identify("Wrote from her own address");
  await press("Go on");
  await window.see("[aria-labelledby=goes-title]", "1 card");
  await press("Approve");
  await window.see(".pvsteps [aria-current=step]", "Erase");
  await press("Erase 1 card");
  await window.type(ROSA);
  await window.keys("Enter");
  await cutOffWhen("the erasure is under way, or done", () => window.run(() => document.querySelector(".pvlive, .pvplaces") !== null));
  const isHere = lines("list", "--filter", `email:${ROSA}`).length > 0;
  const receipts = lines("erasure", "list", "--json").map((line) => JSON.parse(line));
  assert.equal(receipts.length, isHere ? 0 : 1, "who is gone has a receipt, who is here has none");
  if (isHere) return;
  await hands(window).page("Erasures");
  await window.see(".pvplaces li", "This computer");
  // What was left of it is finished by the window itself.
  await until("nothing is left here", () => JSON.parse(lines("erasure", "list", "--json")[0]).facts.verification?.rows_left === 0);
  await window.pictures("privacy-after-a-crash");
});

test("a stolen copy asks for the key and says nothing without it", async () => {
  const stolen = join(folder, "stolen");
  cpSync(workspace, stolen, { recursive: true, filter: (path) => !path.endsWith(".lock") });
  assert.deepEqual(found(stolen, [...MARKERS, "bo@x.example", "Bo Lund"]), []);
  // The look does find what lies there in clear.
  assert.deepEqual(found(folder, [MARKERS[1]]), [MARKERS[1]]);
  const thief = await Window.open({ workspace: stolen });
  try {
    await thief.see("h1", "is locked");
    await thief.run(() => document.querySelector("input[type=password]").focus());
    await thief.type("correct horse");
    await thief.keys("Enter");
    await thief.see("#unlock-note", "Wrong key");
  } finally {
    await thief.close();
  }
});
