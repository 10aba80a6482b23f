// The picture of a workspace: figures that open what they count, by keyboard too,
// and the same as tables.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cardfile, until, Window } from "./window.mjs";

let window;
const listed = (filter) => cardfile(window.workspace, "list", "--json", "--filter", filter).split("\n").filter(Boolean).length;
before(async () => {
  window = await Window.unprotected();
  await window.click("button", "Load sample data");
  await window.see("[role=row] bdi");
  cardfile(window.workspace, "bulk", "--filter", "tag:customer", "set", "stage", "customer");
  cardfile(window.workspace, "bulk", "--filter", "tag:lead", "set", "stage", "lead");
  cardfile(window.workspace, "segment", "save", "Widget people", "--filter", "source:widget");
});
after(() => window?.close());

test("a source opens the contacts that it counts, by keyboard alone", async () => {
  await window.keys("g", "n");
  await window.see(".kpi", "500");
  await window.pictures("insights");
  await window.run(() => [...document.querySelectorAll("[aria-labelledby=sources-title] .bl button")].find((one) => one.textContent.includes("widget")).focus());
  await window.keys("Enter");
  await window.see(".ftok", "widget");
  await until("the count", async () => (await window.text(".bar .num.nw")) === `${listed("source:widget")} contacts`);
});

test("what is missing opens the contacts that lack it", async () => {
  await window.keys("g", "n");
  const without = listed("phone:none");
  await window.click(".bl.q .linkb", `${without} without`);
  await until("the count", async () => (await window.text(".bar .num.nw")) === `${without} contacts`);
});

test("within a view, as tables, the same figures", async () => {
  await window.keys("g", "n");
  await window.see("select[aria-label='Of whom'] option", "Widget people");
  await window.run(() => { const list = document.querySelector("select[aria-label='Of whom']"); list.value = [...list.options].find((one) => one.textContent === "Widget people").value; list.dispatchEvent(new Event("change", { bubbles: true })); });
  await window.see(".kpi b", String(listed("source:widget")));
  await window.click(".head button", "As table");
  await window.see(".itables [aria-label=Lifecycle] td", "Customer");
  const cells = await window.run(() => [...document.querySelectorAll(".itables [aria-label=Lifecycle] tbody tr")].map((row) => [row.cells[0].textContent, Number(row.cells[1].textContent.replace(/\D/g, ""))]));
  for (const [stage, amount] of cells) assert.equal(amount, listed(`source:widget stage:${stage.toLowerCase()}`), stage);
  await window.pictures("insights-table");
});
