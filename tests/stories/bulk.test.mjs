// Bulk work in the window: all that match but for one are tagged, and one undo
// takes it back.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cardfile, until, Window } from "./window.mjs";

let window;
const found = (filter) => cardfile(window.workspace, "list", "--filter", filter, "--json").split("\n").filter(Boolean).length;
before(async () => {
  window = await Window.unprotected();
  await window.click("button", "Load sample data");
  await window.see("[role=row] bdi");
});
after(() => window?.close());

test("all that match but for one get a tag by keyboard, and undo takes it back", async () => {
  await window.keys("/");
  await window.type("a");
  await until("fewer than all", () => window.run(() => /^\d+ contacts$/.test(document.querySelector(".bar .num").textContent) && !document.querySelector(".bar .num").textContent.startsWith("500 ")));
  await window.keys("Enter");
  await window.keys("Space");
  await window.see(".float", "1 selected");
  const total = await window.run(() => Number(document.querySelector(".float .btn").textContent.replace(/\D/g, "")));
  assert.ok(total > 10, String(total));
  await window.click(".float button", "Select all");
  await window.see(".float", `${total} selected`);
  await window.run(() => document.querySelector("[role=grid]").focus());
  await window.keys("ArrowDown", "Space");
  await window.see(".float", `${total - 1} selected`);
  await window.pictures("bulk");
  await window.run(() => [...document.querySelectorAll(".float button")].find((one) => one.textContent.trim() === "Tag").focus());
  await window.keys("Enter");
  await window.see(".pop input");
  await window.type("spring fair");
  await window.keys("Enter");
  await window.see(".toast", `Tagged ${total - 1} contacts`);
  await window.gone(".float");
  assert.equal(found('tag:"spring fair"'), total - 1);
  await window.run(() => document.querySelector("[role=grid]").focus());
  await window.keys("Control+z");
  await window.see(".toast", "Undone");
  assert.equal(found('tag:"spring fair"'), 0);
});
