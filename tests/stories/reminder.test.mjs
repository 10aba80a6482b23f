// A reminder reaches the desktop: once when it is due, and at the next start
// when the window was closed at its time.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { cardfile, until, Window } from "./window.mjs";

const folder = mkdtempSync(join(tmpdir(), "cardfile-story-"));
const workspace = join(folder, "harbour-vale");
const shown = () => readFileSync(join(folder, "shown.txt"), "utf8").split("\n").filter(Boolean);
let window, ana;
before(async () => {
  cardfile(workspace, "init", "--unprotected");
  const people = join(folder, "people.csv");
  writeFileSync(people, "Name,Email\nAna Ruiz,ana@x.example\n");
  cardfile(workspace, "import", people);
  ana = JSON.parse(cardfile(workspace, "search", "Ana", "--json")).rows[0].id;
  window = await Window.open({ workspace, notifications: join(folder, "shown.txt") });
});
after(() => window?.close());

test("a task that becomes due is shown by the desktop and in the window", async () => {
  assert.deepEqual(shown(), []);
  cardfile(workspace, "task", "add", ana, "Call Ana", "--at", new Date(Date.now() + 1500).toISOString());
  await until("a notification", () => shown().includes("Call Ana\tAna Ruiz"));
  await window.see(".toast", "Call Ana: Ana Ruiz");
});

test("one that was missed is shown at the next start, and none twice", async () => {
  await window.close();
  // Not before it is gone: it would still remind, and nobody would see it.
  const isRunning = () => readdirSync("/proc").some((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(`cardfile-desktop\0--workspace\0${workspace}`);
    } catch {
      return false;
    }
  });
  await until("the window is closed", () => !isRunning());
  cardfile(workspace, "task", "add", ana, "Send the samples", "--at", new Date(Date.now() - 1000).toISOString());
  window = await Window.open({ workspace, notifications: join(folder, "shown.txt") });
  await until("a notification", () => shown().includes("Send the samples\tAna Ruiz"));
  assert.deepEqual(shown(), ["Call Ana\tAna Ruiz", "Send the samples\tAna Ruiz"]);
});

test("what is done while its person works elsewhere is told by the desktop, and only then", async () => {
  const before = shown().length;
  await window.keys("n");
  await window.type("Bo Lund bo@x.example");
  await window.keys("Enter");
  await window.see(".status", "2 contacts");
  assert.equal(shown().length, before);
  // Under automation a page always has the focus.
  await window.run(() => { Document.prototype.hasFocus = () => false; });
  await window.keys("n");
  await window.type("Cy Young cy@x.example");
  await window.keys("Enter");
  await window.see(".status", "3 contacts");
  await until("a notification", () => shown().slice(before).includes("Cardfile\tContact made"));
});
