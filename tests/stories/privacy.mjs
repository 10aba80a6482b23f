// What the privacy stories share: keys on forms, and a look into files.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { inflateRawSync } from "node:zlib";
import { project } from "./window.mjs";

/** Keys on the window: presses a button, fills a field, each found by Tab and the beginning of its name. */
export function hands(window) {
  return {
    press: async (name) => {
      await window.reach(name);
      await window.keys("Enter");
    },
    fill: async (name, text) => {
      await window.reach(name);
      await window.keys("Control+a");
      await window.type(text);
    },
    /** The list of a page of Privacy. */
    page: async (name) => {
      // In a field keys are letters.
      await window.run(() => document.activeElement?.blur());
      await window.keys("g", "p");
      await window.see(".pvnav h1", "Privacy");
      await window.reach(name);
      await window.keys("Enter");
      await window.see("main h2", name);
    },
    /** Writes a request down from the palette and opens its page. */
    request: async (right, subject, name) => {
      await window.keys("Control+k");
      await window.see(".pal");
      await window.type("privacy request");
      await window.see(".pi.on", "Write down a privacy request");
      await window.keys("Enter");
      await window.see("[role=dialog] h2", "New request");
      for (let step = 0; step < 6 && (await window.run(() => document.activeElement.value)) !== right; step++) await window.keys("ArrowDown");
      await window.reach("By what the person is found");
      await window.type(subject);
      await window.reach("How they are called");
      await window.type(name);
      await window.keys("Enter");
      await window.gone("[role=dialog]");
      await window.see("main h2", name);
    },
    /** Says that it is sure who asks. */
    identify: async (how) => {
      // Nothing is chosen beforehand.
      await window.see("form .btn.pri:disabled", "Confirm identity");
      await window.reach("Wrote from an address");
      await window.keys("Space");
      await window.reach("Details");
      await window.type(how);
      await window.keys("Enter");
      // The step itself goes on; nothing is told beside it.
      await window.see(".pvsteps [aria-current=step]", "Their cards");
    },
  };
}

/** What would be printed: the window's own print is asked, and says what the paper holds. */
export const printed = (window) =>
  window.run(() => { globalThis.print = () => { globalThis.paper = [...document.querySelectorAll(".paper")].at(-1)?.textContent ?? document.querySelector("main").textContent; }; }).then(() => ({
    text: () => window.run(() => globalThis.paper ?? ""),
  }));

/** The files of an archive, by name. */
export function unzipped(file) {
  const bytes = readFileSync(file);
  let end = bytes.length - 22;
  while (end >= 0 && bytes.readUInt32LE(end) !== 0x06054b50) end--;
  const files = {};
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    const [method, packed, name, extra, comment, start] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20), bytes.readUInt16LE(at + 28), bytes.readUInt16LE(at + 30), bytes.readUInt16LE(at + 32), bytes.readUInt32LE(at + 42)];
    const content = start + 30 + bytes.readUInt16LE(start + 26) + bytes.readUInt16LE(start + 28);
    const data = bytes.subarray(content, content + packed);
    files[bytes.toString("utf8", at + 46, at + 46 + name)] = method === 0 ? data : inflateRawSync(data);
    at += 46 + name + extra + comment;
  }
  return files;
}

/** Writes the files of an archive into a folder, and gives the folder that they share. */
export function unpacked(archive, into) {
  const names = Object.entries(unzipped(archive)).map(([name, bytes]) => {
    mkdirSync(dirname(join(into, name)), { recursive: true });
    writeFileSync(join(into, name), bytes);
    return name;
  });
  return join(into, names[0].split("/")[0]);
}

/** What a page asks of anybody but the file it is. */
export const asksOf = (html) => html.match(/<(?:script|link|img|iframe|object|embed|video|audio|source)\b|\ssrc=|@import|url\(|href="(?:[a-z]+:|\/\/)[^"]*/gi) ?? [];

/** What is in the way of people in a page (WCAG 2.2 AA). */
export async function barriers(page) {
  await page.inject(readFileSync(join(project, "ui/node_modules/axe-core/axe.min.js"), "utf8"));
  return page.runAsync(() =>
    globalThis.axe.run(document, { preload: false, runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }).then(({ violations }) =>
      violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ target }) => target.join(" ")).join(" | ")}`)));
}

/** Every file below a folder. */
export function below(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? below(path) : [path];
  });
}

/** Which of these words stand in the bytes of a folder, in UTF-8 or UTF-16. */
export function found(folder, words) {
  const all = below(folder).map((path) => readFileSync(path));
  return words.filter((word) => all.some((bytes) => bytes.includes(Buffer.from(word)) || bytes.includes(Buffer.from(word, "utf16le"))));
}
