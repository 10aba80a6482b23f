import { expect, it } from "vitest";
import { sentence } from "./host";

it("what went wrong begins with a capital, whoever says it", () => {
  const message = { template: "no such card is here: {id}", arguments: { id: "con_1" } };
  expect(sentence({ code: "not_found", message, hint: null })).toBe("No such card is here: con_1");
  expect(sentence(new Error("no answer"))).toBe("Error: no answer");
});
