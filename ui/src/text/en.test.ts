import { describe, expect, it } from "vitest";
import { ago, bytes, contacts, fieldLabel, formatAs } from "./en";

const now = new Date("2026-11-21T12:00:00Z");

describe("words and numbers", () => {
  it.each([[0, "0 contacts"], [1, "1 contact"], [1_048_576, "1,048,576 contacts"]])("%d people", (amount, text) => expect(contacts(amount)).toBe(text));

  it.each([[0, "0 bytes"], [1, "1 byte"], [6_200_000, "6.2 MB"], [4_300_000_000, "4.3 GB"]])("%d bytes", (size, text) => expect(bytes(size)).toBe(text));

  it.each([
    [null, ""],
    ["2026-11-21T11:30:00Z", "30 min"],
    ["2026-11-21T02:00:00Z", "10 h"],
    ["2026-11-18T12:00:00Z", "3 d"],
    ["2026-03-12T12:00:00Z", "12 Mar"],
    ["2024-03-12T12:00:00Z", "12 Mar 2024"],
    ["2027-01-02T12:00:00Z", "2 Jan 2027"],
  ])("%s is short in a column", (iso, text) => expect(ago(iso, now)).toBe(text));

  it("numbers and dates follow the chosen language, words do not", () => {
    formatAs("de");
    expect([contacts(1_048_576), bytes(6_200_000), ago("2026-03-12T12:00:00Z", now)]).toEqual(["1.048.576 contacts", "6,2 MB", "12. März"]);
    formatAs("");
    expect(contacts(1_048_576)).toBe("1,048,576 contacts");
  });

  it("a custom field is called by its label", () => expect(fieldLabel("custom.order_ref")).toBe("Order ref"));
});
