// A view is made of rows and a group, saved by keyboard, counted beside its name,
// changed, reviewed, deleted and brought back.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cardfile, until, Window } from "./window.mjs";

let window;
const listed = (...args) => cardfile(window.workspace, "list", "--json", ...args).split("\n").filter(Boolean).length;
const inSidebar = () => window.run(() => Number([...document.querySelectorAll(".views button")].find((one) => one.textContent.includes("Reachable"))?.querySelector(".n")?.textContent.replace(/\D/g, "") ?? -1));
before(async () => {
  window = await Window.unprotected();
  await window.click("button", "Load sample data");
  await window.see("[role=row] bdi");
});
after(() => window?.close());

test("a filter with a group is made by rows and says how many each lets through", async () => {
  await window.keys("f");
  await window.see(".filterpop");
  await window.choose('.filterpop select[aria-label="Field"]', "Condition", "email", "a");
  await window.see(".said", "Email contains");
  await window.click(".pop button", "Group");
  await window.see(".fgroup.sub");
  await window.run(() => { const all = document.querySelectorAll('.fgroup.sub select[aria-label="Field"]'); const last = all[all.length - 1]; last.value = "tag"; last.dispatchEvent(new Event("change", { bubbles: true })); });
  await window.run(() => document.querySelector('.fgroup.sub input[aria-label="Value"]').focus());
  await window.type("vip");
  await window.keys("Enter");
  await window.click(".fgroup.sub button", "Condition here");
  await window.run(() => { const all = document.querySelectorAll('.fgroup.sub select[aria-label="Field"]'); const last = all[all.length - 1]; last.value = "source"; last.dispatchEvent(new Event("change", { bubbles: true })); });
  await window.run(() => [...document.querySelectorAll('.fgroup.sub input[aria-label="Value"]')].at(-1).focus());
  await window.type("widget");
  await window.keys("Enter");
  await until("the group is in the text", () => window.run(() => document.querySelector("#filter-text").value === "email:~a (tag:vip or source:widget)"));
  await window.see(".said", "or");
  await window.see(".figure.w5");
  const wanted = listed("--filter", "email:~a (tag:vip or source:widget)");
  await until(`${wanted} are left`, () => window.run((left) => [...document.querySelectorAll(".filterpop > .fgroup > .cond .figure, .fnestn .figure")].at(-1).textContent.replace(/\D/g, "") === String(left), wanted));
  await window.pictures("filter-groups");
  await window.keys("Escape");
});

test("it is saved by Ctrl S with a purpose, and counted in the sidebar", async () => {
  await window.run(() => document.querySelector("[role=grid]").focus());
  await window.keys("Control+s");
  await window.see("[role=dialog] h2", "Save as view");
  await window.type("Reachable");
  await window.keys("Tab");
  await window.type("Spring offer");
  await window.keys("Enter");
  await window.see("h1", "Reachable");
  const count = listed("--segment", "reachable");
  assert.ok(count > 3, String(count));
  await until("the count", async () => (await inSidebar()) === count);
  await window.pictures("segment");
});

test("a changed view says so and is saved again; the count follows the contacts", async () => {
  await window.run(() => document.querySelector(".sortb").click());
  await window.see(".head .dotn");
  await window.click(".head button", "Save view");
  await window.see(".toast", "View Reachable saved");
  await window.gone(".head .dotn");
  const before = await inSidebar();
  cardfile(window.workspace, "bulk", "--filter", "email:~a tag:vip", "bin");
  await until("fewer", async () => (await inSidebar()) < before);
  assert.equal(await inSidebar(), listed("--segment", "Reachable"));
});

test("it is reviewed, deleted, and undo brings it back", async () => {
  await window.click(".head button", "About this view");
  await window.see("[role=dialog]", "never looked at");
  await window.click("[role=dialog] button", "Still right");
  await window.see(".toast", "Looked at today");
  await window.click(".head button", "About this view");
  await window.click("[role=dialog] button", "Delete view");
  await window.see("h1", "Contacts");
  await until("it is gone", async () => (await inSidebar()) === -1);
  await window.see("[role=grid]");
  await window.run(() => document.querySelector("[role=grid]").focus());
  await window.keys("Control+z");
  await until("it is back", async () => (await inSidebar()) > 0);
});
