// The real window under Xvfb, driven through WebKitWebDriver (W3C WebDriver).
// No sleeps: every wait has a condition and a limit.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const project = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const target = process.env.CARGO_TARGET_DIR ?? join(project, "target");
export const desktop = join(target, "release/cardfile-desktop");
export const cli = join(target, "release/cardfile");
/** Where pictures go; `make screenshots` sets the folder that the README shows. */
const pictures = process.env.CARDFILE_SCREENSHOTS ?? join(project, "tests/out");
const LIMIT_MS = 20_000;
/** Tab stops of the longest screen, and some. */
const STEPS = 150;
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

const started = [];
function start(command, args, env) {
  // A group of its own, so that what it starts ends with it.
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: "ignore", detached: true });
  child.on("error", (error) => console.error(`stories: ${command}: ${error.message}`));
  // It does not keep the stories alive; it ends with them.
  child.unref();
  started.push(child);
  return child;
}
function end(child) {
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {}
}
process.on("exit", () => started.forEach(end));

/** Polls a condition until it holds; the limit is an error that names it. */
export async function until(what, condition, limit = LIMIT_MS) {
  const end = Date.now() + limit;
  let last;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`waited ${limit} ms: ${what}${last ? ` (${last.message})` : ""}`);
    await new Promise((next) => setTimeout(next, 25));
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((ready) => server.once("listening", ready));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

let display;
/** A virtual display of its own, also when there is a real one. */
async function virtualDisplay() {
  if (display) return display;
  for (let number = 90; ; number++) {
    const socket = `/tmp/.X11-unix/X${number}`;
    if (existsSync(socket)) continue;
    start("Xvfb", [`:${number}`, "-screen", "0", "1440x900x24", "-nolisten", "tcp"]);
    await until("Xvfb", () => existsSync(socket));
    display = `:${number}`;
    return display;
  }
}

/** The command line on a workspace; gives what it printed. */
export function cardfile(workspace, ...args) {
  return execFileSync(cli, ["--workspace", workspace, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** The same on a workspace behind a passphrase. */
export function protectedCardfile(passphrase) {
  return (workspace, ...args) =>
    execFileSync(cli, ["--workspace", workspace, ...args], { encoding: "utf8", input: `${passphrase}\n`, stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, CARDFILE_PASSPHRASE_FD: "0" } });
}

/** A text of the language that the tests speak (`ui/src/text/pseudo.ts`) as it is in English. */
const plain = "(text) => text.replace(/[\\u0301·]/g, '')";

/** A message of a conversation file, on an afternoon. */
export const said = (role, author, text, minute) => ({ role, author, text, at: `2026-11-20T14:${String(minute).padStart(2, "0")}:00Z` });

export class Window {
  /** Opens the window; without a workspace on one of its own, unprotected. */
  static async unprotected(options = {}) {
    const folder = mkdtempSync(join(tmpdir(), "cardfile-story-"));
    const workspace = join(folder, "harbour-vale");
    cardfile(workspace, "init", "--unprotected");
    const window = await Window.open({ workspace, ...options });
    return Object.assign(window, { workspace, folder });
  }

  /** In a `language` other than English; on a desktop of high `contrast`; with `notifications`, in a desktop session of its own whose notifications go to that file. */
  static async open({ workspace, file, notifications, language, contrast } = {}) {
    const port = await freePort();
    const own = mkdtempSync(join(tmpdir(), "cardfile-window-"));
    const env = {
      DISPLAY: await virtualDisplay(),
      GDK_BACKEND: "x11",
      TAURI_AUTOMATION: "true",
      TAURI_WEBVIEW_AUTOMATION: "true",
      XDG_DATA_HOME: own,
      XDG_CACHE_HOME: own,
      XDG_CONFIG_HOME: own,
      LANG: "C.UTF-8",
      ...(contrast && { GTK_THEME: "HighContrast" }),
    };
    delete process.env.DBUS_SESSION_BUS_ADDRESS;
    const driver = notifications
      ? start("dbus-run-session", ["--", "sh", "-c", '"$0" "$1" & exec WebKitWebDriver "$2"', join(dirname(cli), "cardfile-notifications"), notifications, `--port=${port}`], env)
      : start("WebKitWebDriver", [`--port=${port}`], env);
    if (notifications) await until("the notification service", () => existsSync(notifications));
    const window = Object.assign(new Window(`http://127.0.0.1:${port}`, driver, own), { env });
    await until("WebKitWebDriver", () => fetch(`${window.base}/status`).then((r) => r.ok));
    const args = [...(workspace ? ["--workspace", workspace] : []), ...(file ? [file] : [])];
    const alwaysMatch = { "webkitgtk:browserOptions": { binary: desktop, args } };
    window.session = (await window.#send("POST", "/session", { capabilities: { alwaysMatch } })).sessionId;
    await window.#send("POST", `/session/${window.session}/timeouts`, { script: 60_000 });
    await window.see("h1");
    if (language) await window.speak(language);
    return window;
  }

  /** Opens a file in the plain browser of the same engine: whoever gets it has the file, and no network. */
  static async page(file) {
    const port = await freePort();
    const own = mkdtempSync(join(tmpdir(), "cardfile-page-"));
    const env = { DISPLAY: await virtualDisplay(), GDK_BACKEND: "x11", XDG_DATA_HOME: own, XDG_CACHE_HOME: own, XDG_CONFIG_HOME: own, LANG: "C.UTF-8" };
    const page = new Window(`http://127.0.0.1:${port}`, start("WebKitWebDriver", [`--port=${port}`], env), own);
    await until("WebKitWebDriver", () => fetch(`${page.base}/status`).then((r) => r.ok));
    // Nobody listens on the port of discarded packets: what the page would ask for stays unanswered.
    const nowhere = "127.0.0.1:9";
    const alwaysMatch = { proxy: { proxyType: "manual", httpProxy: nowhere, sslProxy: nowhere } };
    page.session = (await page.#send("POST", "/session", { capabilities: { alwaysMatch } })).sessionId;
    await page.#in("/timeouts", { script: 60_000 });
    await page.#in("/url", { url: pathToFileURL(file).href });
    return page;
  }

  constructor(base, driver, own) {
    Object.assign(this, { base, driver, own });
  }

  async #send(method, path, body) {
    const answer = await fetch(this.base + path, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`${value.error}: ${value.message}`);
    return value;
  }

  #in(path, body, method = "POST") {
    return this.#send(method, `/session/${this.session}${path}`, body);
  }

  /** Draws the page anew in a language. Names in selectors stay English: they are found in the tests' language too. */
  async speak(language) {
    await this.run((tag) => { localStorage.setItem("cardfile.language", tag); globalThis.before = true; location.reload(); }, language);
    await until("the page in its language", () => this.run(() => !globalThis.before && document.querySelector("h1") !== null));
    if (!language.startsWith("pseudo")) return;
    await this.inject(`
      const pseudo = (text) => text.replace(/\\p{L}+/gu, (word) => word.replace(/[aeiou]/gi, "$&\u0301") + "·".repeat(Math.ceil(word.length / 3)));
      const named = (selector) => selector.replace(/\\[aria-label=(["']?)([^"'\\]]+)\\1\\]/g, (whole, _, name) => ':is(' + whole + ',[aria-label="' + pseudo(name) + '"])');
      for (const on of [Document, Element]) for (const method of ["querySelector", "querySelectorAll"]) {
        const plain = on.prototype[method];
        on.prototype[method] = function (selector) { return plain.call(this, named(selector)); };
      }`);
  }

  /** Runs a function in the page and gives what it returns. */
  run(script, ...args) {
    return this.#in("/execute/sync", { script: `return (${script}).apply(null, arguments)`, args });
  }

  async runAsync(script, ...args) {
    const body = `const done = arguments[arguments.length - 1]; (${script}).apply(null, [...arguments].slice(0, -1)).then(done, (e) => done({ failed: String(e) }))`;
    const value = await this.#in("/execute/async", { script: body, args });
    if (value?.failed) throw new Error(value.failed);
    return value;
  }

  /** Waits for a selector, optionally with a text inside. */
  see(selector, text) {
    return until(`${selector}${text ? ` with “${text}”` : ""}`, () =>
      this.run(`(s, t) => [...document.querySelectorAll(s)].some((e) => !t || (${plain})(e.textContent).includes(t))`, selector, text ?? null),
    ).catch(async (error) => {
      // What was there instead.
      await this.screenshot(join(pictures, "failed.png")).catch(() => {});
      throw error;
    });
  }

  gone(selector) {
    return until(`no ${selector}`, () => this.run((s) => !document.querySelector(s), selector));
  }

  text(selector) {
    return this.run((s) => document.querySelector(s)?.textContent ?? null, selector);
  }

  /** The keyboard on the list, once it shows what was asked for: what a key means is the row that is seen. */
  async onList() {
    await this.see("[role=grid][aria-busy=false][aria-activedescendant]");
    await this.run(() => document.querySelector("[role=grid]").focus());
  }

  /** Clicks the first that matches, by a real pointer. */
  async click(selector, text) {
    await this.see(selector, text);
    const script = `return [...document.querySelectorAll(arguments[0])].find((e) => !arguments[1] || (${plain})(e.textContent).includes(arguments[1]))`;
    await until(`a click on ${selector}`, async () => {
      const found = await this.#in("/execute/sync", { script, args: [selector, text ?? null] });
      // The driver clicks on what cannot be pressed, and nothing comes of it.
      if (await this.run((element) => element.matches(":disabled"), found)) return false;
      try {
        await this.#in(`/element/${found[ELEMENT]}/click`, {});
        return true;
      } catch (error) {
        // A list that was drawn again in between has another one there.
        if (error.message.startsWith("stale element reference")) return false;
        throw error;
      }
    });
  }

  /** Presses keys where the focus is: `Control+z`, `Enter`, `n`. */
  async keys(...all) {
    const named = { Enter: "\uE007", Escape: "\uE00C", Control: "\uE009", Shift: "\uE008", Tab: "\uE004", Home: "\uE011", End: "\uE010",
      ArrowUp: "\uE013", ArrowDown: "\uE015", ArrowLeft: "\uE012", ArrowRight: "\uE014", PageDown: "\uE00F", PageUp: "\uE00E", Delete: "\uE017", Backspace: "\uE003", F10: "\uE03A", Space: " " };
    const actions = [];
    const tap = (key) => actions.push({ type: "keyDown", value: key }, { type: "keyUp", value: key });
    for (const one of all) {
      const parts = one.length > 1 && one.includes("+") ? one.split("+") : [one];
      if (parts.length > 1) {
        const held = parts.slice(0, -1).map((part) => named[part] ?? part);
        held.forEach((value) => actions.push({ type: "keyDown", value }));
        tap(named[parts.at(-1)] ?? parts.at(-1));
        held.reverse().forEach((value) => actions.push({ type: "keyUp", value }));
      } else if (named[one]) tap(named[one]);
      else [...one].forEach(tap);
    }
    await this.#in("/actions", { actions: [{ type: "key", id: "keyboard", actions }] });
  }

  /** In the filter panel: a new condition on a field, with a value. */
  async choose(select, button, field, value) {
    await this.click(".pop button", button);
    await this.run((selector, wanted) => {
      const all = document.querySelectorAll(selector);
      const last = all[all.length - 1];
      last.value = wanted;
      last.dispatchEvent(new Event("change", { bubbles: true }));
    }, select, field);
    await this.run(() => [...document.querySelectorAll('.cond input[aria-label="Value"]')].at(-1).focus());
    await this.type(value);
    await this.keys("Enter");
  }

  /** Types a text into the field that has the focus. */
  async type(text) {
    const field = await this.#in("/element/active", undefined, "GET");
    await this.#in(`/element/${field[ELEMENT]}/value`, { text });
  }

  /** A file dropped on the window: the event the webview sends, with the path. */
  async drop(...paths) {
    await this.runAsync((files) => globalThis.__TAURI_INTERNALS__.invoke("plugin:event|emit", { event: "tauri://drag-drop", payload: { paths: files, position: { x: 1, y: 1 } } }), paths);
  }

  /** Starts the program once more on the same workspace; gives how it ended. */
  async startAgain(argument) {
    const again = spawn(desktop, ["--workspace", this.workspace, argument], { env: { ...process.env, ...this.env }, stdio: "ignore" });
    return new Promise((ended) => again.once("exit", ended));
  }

  /** The webview's own zoom, as Ctrl + does. */
  async zoom(factor) {
    await this.runAsync((value) => globalThis.__TAURI_INTERNALS__.invoke("plugin:webview|set_webview_zoom", { label: "main", value }), factor);
  }

  /** Keeps a command of the page from the engine while something is done: its answer comes late. */
  async withheld(command, work) {
    await this.run((name) => {
      const { fetch } = globalThis;
      let release;
      const released = new Promise((resolve) => { release = resolve; });
      globalThis.fetch = async (address, request) => {
        if (String(request?.body).includes(`"${name}"`)) await released;
        return fetch(address, request);
      };
      globalThis.letGo = () => { globalThis.fetch = fetch; release(); };
    }, command);
    try {
      await work();
    } finally {
      await this.run(() => globalThis.letGo());
    }
  }

  /** Adds a script to the page, past its content policy, as a browser extension does. */
  inject(source) {
    return this.#in("/execute/sync", { script: source, args: [] });
  }

  async theme(name) {
    await this.run((t) => { document.documentElement.dataset.theme = t; }, name);
  }

  /** The screen in light and in dark, as `name-light.png` and `name-dark.png`. */
  async pictures(name) {
    for (const theme of ["dark", "light"]) {
      await this.theme(theme);
      await this.screenshot(join(pictures, `${name}-${theme}.png`));
    }
  }

  /** What has one look only, as `name-light.png`. */
  picture(name) {
    return this.screenshot(join(pictures, `${name}-light.png`));
  }

  /** A pointer and keys of the desktop itself, which the page knows nothing of. */
  desktop(...args) {
    return execFileSync("xdotool", args, { env: { ...process.env, DISPLAY: display }, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  }

  /** Answers the desktop's own dialog for files by typing a path into it. */
  async nativeFile(path) {
    const dialogs = () => {
      try {
        return this.desktop("search", "--onlyvisible", "--name", "^(Open File|Select|Choose)").split("\n").filter(Boolean);
      } catch {
        return [];
      }
    };
    const [dialog] = await until("the dialog for files", () => dialogs().length > 0 && dialogs());
    this.desktop("windowfocus", "--sync", dialog);
    this.desktop("key", "slash");
    const gone = (limit) => until("no dialog for files", () => dialogs().length === 0, limit);
    for (let attempt = 0; attempt < 4; attempt++) {
      // The field for the path opens in its own time; a key may come before it.
      this.desktop("key", "ctrl+a");
      this.desktop("type", "--delay", "10", path);
      this.desktop("key", "Return");
      if (await gone(2_000).catch(() => false)) return;
    }
    await gone();
  }

  /** Shows a tab of the card: by Tab to the tabs, then by the arrow keys. */
  async tab(name) {
    const isThere = () => this.run(() => document.activeElement.role === "tab");
    for (let step = 0; step < STEPS && !(await isThere()); step++) await this.keys("Tab");
    for (let step = 0; step < 12; step++) {
      if (await this.run((wanted) => document.querySelector("[role=tab][aria-selected=true]").textContent.startsWith(wanted), name)) return;
      await this.keys("ArrowRight");
    }
    throw new Error(`no tab ${name}`);
  }

  /** Presses Tab until the name of what has the focus begins so. */
  async reach(name, steps = STEPS) {
    for (let step = 0; step < steps; step++) {
      await this.keys("Tab");
      if (await this.run((wanted) => (document.activeElement.getAttribute("aria-label") ?? document.activeElement.labels?.[0]?.textContent ?? document.activeElement.textContent).trim().startsWith(wanted), name)) return;
    }
    throw new Error(`nothing named ${name} in ${steps} steps, at ${await this.run(() => document.activeElement.outerHTML.slice(0, 120))}`);
  }

  /** Ends the program as a power cut would: without a word to it. The window has to know its `workspace`. */
  kill() {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
        if (command[0] === desktop && command.includes(this.workspace)) process.kill(Number(pid), "SIGKILL");
      } catch {}
    }
  }

  /** The whole display, with what the desktop draws around the page. */
  async screenshotOfDesktop(name) {
    mkdirSync(pictures, { recursive: true });
    execFileSync("import", ["-window", "root", join(pictures, `${name}.png`)], { env: { ...process.env, DISPLAY: display } });
  }

  async screenshot(path) {
    mkdirSync(dirname(path), { recursive: true });
    // What is in the page is on the screen one frame later.
    await this.runAsync(() => document.fonts.ready.then(() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(() => painted(true))))));
    writeFileSync(path, Buffer.from(await this.#in("/screenshot", undefined, "GET"), "base64"));
  }

  async close() {
    await this.#in("", undefined, "DELETE").catch(() => {});
    end(this.driver);
    // A desktop portal may still hold a mount in it; the system clears the rest.
    for (const left of [this.own, this.folder]) {
      try {
        if (left) rmSync(left, { recursive: true, force: true });
      } catch {}
    }
  }
}
