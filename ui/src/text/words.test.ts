import { i18n } from "@lingui/core";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { messages } from "./en.po";
import { messages as spanish } from "./es.po";
import { lengthened, pseudo } from "./pseudo";
import { worded } from "./worded";
import { ago, bytes, byWhom, contacts, country, decimal, fieldLabel, formatAs, isLately, reversed, subjectOf } from "./words";

const now = new Date("2026-11-21T12:00:00Z");

const speak = (locale: "en" | "es") => i18n.loadAndActivate({ locale, messages: locale === "en" ? messages : spanish });
beforeAll(() => speak("en"));

describe("words and numbers", () => {
  it.each([[0, "0 contacts"], [1, "1 contact"], [1_048_576, "1,048,576 contacts"]])("%d people", (amount, text) => expect(contacts(amount)).toBe(text));

  it.each([[0, "0 bytes"], [1, "1 byte"], [6_200_000, "6.2 MB"], [4_300_000_000, "4.3 GB"]])("%d bytes", (size, text) => expect(bytes(size)).toBe(text));

  it.each([
    [null, ""],
    ["2026-11-21T11:59:40Z", "< 1 min"],
    ["2026-11-21T11:30:00Z", "30 min"],
    ["2026-11-21T02:00:00Z", "10 h"],
    ["2026-11-18T12:00:00Z", "3 d"],
    ["2026-03-12T12:00:00Z", "12 Mar"],
    ["2024-03-12T12:00:00Z", "12 Mar 2024"],
    ["2027-01-02T12:00:00Z", "2 Jan 2027"],
  ])("%s is short in a column", (iso, text) => expect(ago(iso, now)).toBe(text));

  it.each([
    [{ removed: 0, restored: 3, kept: [] }, false, "Undone: 3 restored"],
    [{ removed: 1200, restored: 0, kept: [1, 2] }, true, "Done again: 1,200 removed, 2 kept because you edited them"],
    [{ removed: 0, restored: 0, kept: [] }, false, "Undone"],
  ])("an undo says what it did", (report, again, text) => expect(reversed(report, again)).toBe(text));

  it.each([
    ["you", "window", "you, in the window"],
    ["cardfile", "sync", "Cardfile, by sync"],
    ["Shop bot", "agent", "Shop bot, as an agent"],
    ["you", "cli", "you, on the command line"],
    ["Ana", "weather", "Ana"],
  ])("%s does something through %s", (actor, origin, text) => expect(byWhom(actor, origin)).toBe(text));

  it("only a short while is said as one", () =>
    expect([null, "2026-11-21T11:30:00Z", "2026-11-15T12:00:00Z", "2026-11-14T12:00:00Z", "2027-01-02T12:00:00Z"].map((iso) => isLately(iso, now))).toEqual([false, true, true, false, false]));

  it("numbers and dates follow the chosen language, words do not", () => {
    formatAs("de");
    expect([contacts(1_048_576), bytes(6_200_000), decimal(4), ago("2026-03-12T12:00:00Z", now)]).toEqual(["1.048.576 contacts", "6,2 MB", "4,0", "12. März"]);
    formatAs("");
    expect([contacts(1_048_576), decimal(4)]).toEqual(["1,048,576 contacts", "4.0"]);
  });

  it("a country is called by its name, and what is no country as it was typed", () => {
    expect(["ES", "X1", ""].map(country)).toEqual(["Spain", "X1", ""]);
  });

  it("a custom field is called by its label", () => expect(fieldLabel("custom.order_ref")).toBe("Order ref"));
});

describe("another language", () => {
  afterEach(() => { speak("en"); formatAs(""); });

  it("says amounts and fields its own way", () => {
    speak("es");
    formatAs("");
    expect([contacts(1), contacts(12_345), fieldLabel("company")]).toEqual(["1 contacto", "12.345 contactos", "Empresa"]);
  });

  it("says the word of a part that was changed, and leaves names", () => {
    speak("es");
    expect([subjectOf("part_change", "note: Call: now"), subjectOf("rule_run", "note: Call"), subjectOf("part_change", "constructor: x")]).toEqual(["nota: Call: now", "note: Call", "constructor: x"]);
  });

  it("says what the log says of cells and of two cards, and leaves what may be names", () => {
    speak("es");
    expect([subjectOf("cell_edit", "3 rows: company, custom.order_ref"), subjectOf("cell_edit", "1 row: company"), subjectOf("contact_combine", "Ana and Bo"), subjectOf("contact_distinguish", "Black and White and Bo"), subjectOf("tag_change", "ready to buy")])
      .toEqual(["3 filas: empresa, Order ref", "1 fila: empresa", "Ana y Bo", "Black and White and Bo", "ready to buy"]);
  });

  it.each([["Isabel", "e"], ["Íñigo", "e"], ["Hilario", "e"], ["Yves", "e"], ["Hierro", "y"], ["Yolanda", "y"], ["Bo", "y"]])("joins Ana and %s with %s", (name, word) => {
    expect(subjectOf("contact_combine", `Ana and ${name}`)).toBe(`Ana and ${name}`);
    speak("es");
    expect(subjectOf("contact_combine", `Ana and ${name}`)).toBe(`Ana ${word} ${name}`);
  });

  it("says sentences of the engine, parts within parts", () => {
    const said = { template: "{what} was not found", arguments: { what: { template: "the note", arguments: {} } } };
    expect(worded(said)).toBe("the note was not found");
    speak("es");
    expect(worded(said)).toBe("No se encontró: la nota");
  });

  it("leaves words of other programs as they are", () => {
    speak("es");
    expect(worded({ template: "{words}", arguments: { words: "No such file or directory (os error 2)" } })).toBe("No such file or directory (os error 2)");
  });
});

describe("the language of the tests", () => {
  it("is longer, with accents, and keeps what stands in a sentence", () => {
    i18n.loadAndActivate({ locale: "en", messages: lengthened(messages) });
    expect(contacts(3)).toBe(pseudo("3 contacts"));
    expect(worded({ template: "{what} was not found", arguments: { what: { template: "the note", arguments: {} } } })).toContain(pseudo("found"));
    speak("en");
  });
});
