import { i18n } from "@lingui/core";
import { t } from "@lingui/core/macro";
import { beforeAll, describe, expect, it } from "vitest";
import { messages } from "./es.po";
import { worded } from "./worded";

beforeAll(() => i18n.loadAndActivate({ locale: "es", messages }));

describe.each([String.raw`C:\x41`, String.raw`\u0041`, String.raw`\\x41\x5c`, "C:\\", "Ana"])("what a person typed stays as it is: %s", (name) => {
  it("in a sentence of the engine, and in a part of one", () => {
    const what = { template: "the client {name}", arguments: { name } };
    expect(worded({ template: "{what} was not found", arguments: { what } })).toBe(`No se encontró: el cliente ${name}`);
  });

  it("in a sentence that no catalogue has", () => expect(worded({ template: "{words}", arguments: { words: name } })).toBe(name));

  it("in a sentence of the window", () => expect(t`Undone: ${{ what: name }}`).toBe(`Deshecho: ${name}`));
});

it("what follows a sign in a sentence is no part of it", () => expect(t`${{ left: "C:\\" }}, ${{ right: "x41" }}`).toBe("C:\\, x41"));
