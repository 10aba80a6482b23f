// axe-core on every screen, in light and dark, at 100 and 200 %, and from right to left.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { furnished, screensOf, walk } from "./screens.mjs";
import { project, Window } from "./window.mjs";

const axe = readFileSync(join(project, "ui/node_modules/axe-core/axe.min.js"), "utf8");
let window;
before(async () => { window = await furnished(); });
after(() => window?.close());

const reach = walk();
for (const name of Object.keys(screensOf())) {
  test(`${name} has no violation of WCAG 2.2 AA`, async () => {
    await reach(window, name);
    await check(window, name);
  });
}

test("a desktop of high contrast is followed, and nothing is lost in it", async () => {
  const own = await Window.unprotected({ contrast: true });
  try {
    assert.ok(await own.run(() => matchMedia("(prefers-contrast: more)").matches));
    await own.click("button", "Load sample data");
    await own.see("[role=row] bdi");
    await check(own, "contacts, high contrast");
    await own.theme("light");
    const edge = await own.run(() => getComputedStyle(document.documentElement).getPropertyValue("--border") === getComputedStyle(document.documentElement).getPropertyValue("--border-control"));
    assert.ok(edge, "lines are as strong as those of controls");
  } finally {
    await own.close();
  }
});

test("first run and unlock have no violation of WCAG 2.2 AA", async () => {
  const own = await Window.open();
  try {
    await own.see("h2", "Protect this workspace");
    await check(own, "first run");
  } finally {
    await own.close();
  }
});

async function check(target, name) {
  await target.inject(axe);
  for (const [theme, zoom, dir] of [["light", 1, "ltr"], ["light", 2, "ltr"], ["dark", 2, "ltr"], ["dark", 1, "rtl"], ["light", 1, "rtl"], ["dark", 1, "ltr"]]) {
      await target.theme(theme);
      await target.zoom(zoom);
      await target.run((to) => { document.documentElement.dir = to; }, dir);
      const found = await target.runAsync(() =>
        globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }).then((result) =>
          result.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.target.join(" ")} ${n.any.concat(n.all, n.none).map((c) => c.message).join("; ")}`).join(" | ")}`)));
      if (found.length > 0) await target.run(() => { document.documentElement.dir = "ltr"; });
      if (found.length > 0) await target.zoom(1);
      assert.deepEqual(found, [], `${name}, ${theme}, ${zoom * 100} %, ${dir}`);
  }
}

