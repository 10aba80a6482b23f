// The words of the window: Spanish from Settings, and a language of the tests with accents
// and longer words, from left to right and from right to left, in which nothing may break.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { furnished, screensOf, walk } from "./screens.mjs";
import { cardfile, project, until, Window } from "./window.mjs";

test("Spanish is chosen in Settings, and the window and the engine speak it", async () => {
  const window = await Window.unprotected();
  try {
    const people = join(window.folder, "people.csv");
    cardfile(window.workspace, "generate", "--rows", "40", "--seed", "3", "--out", people);
    cardfile(window.workspace, "import", people);
    await window.see(".status", "40 contacts");
    await window.keys("g", "s");
    await window.click(".setnav button", "Appearance");
    await window.run(() => { const list = [...document.querySelectorAll("select")].find((one) => [...one.options].some(({ value }) => value === "es" && one.options.length === 2)); list.value = "es"; list.dispatchEvent(new Event("change", { bubbles: true })); });
    await window.see("nav", "Contactos");
    assert.equal(await window.run(() => document.documentElement.lang), "es");
    await window.keys("g", "c");
    await window.see(".status", "40 contactos");
    await window.keys("n");
    await window.type("Ana Ruiz ana@x.example");
    await window.keys("Enter");
    await window.see(".status", "41 contactos");
    await window.keys("Escape", "f");
    await window.see(".pop .cond");
    await window.run(() => document.querySelector("#filter-text").focus());
    await window.type("seen:sometime");
    await window.keys("Enter");
    await window.see(".said.bad", "Filtro, carácter 5: se esperaba un día");
    // It is kept on this computer.
    await window.run(() => { globalThis.before = true; location.reload(); });
    await until("the new page", () => window.run(() => !globalThis.before && document.querySelector("nav") !== null));
    await window.see("nav", "Contactos");
    await window.click("[role=row] .nm");
    await window.see(".panel .tl li", "Importado");
    await window.pictures("spanish");
  } finally {
    await window.close();
  }
});

for (const language of ["pseudo", "pseudo-rtl"]) {
  let window;
  before(async () => { window = await furnished(language); });
  after(() => window?.close());

  const reach = walk();
  for (const name of Object.keys(screensOf())) {
    test(`${name}: longer words break nothing (${language})`, async () => {
      await reach(window, name);
      const broken = await window.run(overflowing);
      if (broken.length > 0 || process.env.CARDFILE_LOOK) await window.screenshot(join(project, `tests/out/${language}-${name.replaceAll(/\W+/g, "-")}.png`));
      assert.deepEqual(broken, []);
      assert.deepEqual(await window.run(untranslated), []);
    });
  }
}

/** Texts that leave their place, or are cut though no mark says so; and buttons of two lines. */
function overflowing() {
  const found = [];
  if (document.documentElement.scrollWidth > innerWidth) found.push("the page is wider than the window");
  // What is hidden and placed below the window would let it move under a click or a focus.
  const frame = document.querySelector(".app");
  if (frame && frame.scrollHeight > frame.clientHeight) found.push(`the frame is ${frame.scrollHeight - frame.clientHeight} higher than the window`);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.textContent.trim();
    if (text === "" || node.parentElement.closest(".visually-hidden, svg, script, style, option")) continue;
    let block = node.parentElement;
    while (getComputedStyle(block).display.startsWith("inline") && !getComputedStyle(block).display.includes("-")) block = block.parentElement;
    const chain = [];
    for (let one = node.parentElement; one; one = one.parentElement) chain.push(getComputedStyle(one));
    // An ellipsis says that there is more; what scrolls can be read.
    if (chain.some((style) => style.textOverflow === "ellipsis" || /auto|scroll/.test(style.overflowX) || style.visibility === "hidden" || style.webkitLineClamp !== "none")) continue;
    range.selectNodeContents(node);
    const place = block.getBoundingClientRect();
    const lines = [...range.getClientRects()].filter((line) => line.width > 1);
    const by = Math.max(0, ...lines.map((line) => Math.max(line.right - place.right, place.left - line.left)));
    if (by > 2) found.push(`“${text.slice(0, 60)}” leaves ${block.tagName.toLowerCase()}.${[...block.classList].join(".")} by ${Math.round(by)}`);
    // From right to left the marks at the end of a word are a piece of their own on the same line.
    const tops = new Set(lines.map((line) => Math.round(line.top / 4)));
    if (tops.size > 1 && block.matches(".btn, .bdg, .ftok, [role=tab], th, .seg button, .nav button")) found.push(`“${text.slice(0, 60)}” has ${tops.size} lines`);
  }
  return [...new Set(found)].slice(0, 8);
}

/** Words of the window without an accent: they stand in no catalogue. */
function untranslated() {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    // Data: what people typed, names, values, keys, code, formats.
    if (!parent || parent.closest("bdi, code, pre, kbd, .kbd, .mono, [data-text], option, .ltr, script, style, .num, mark")) continue;
    const text = node.textContent.trim();
    if (/^[A-Z][a-z]+ [a-z]+ [a-z]+/.test(text) && !/[\u0301·]/.test(text)) found.push(text.slice(0, 80));
  }
  return [...new Set(found)];
}
