import { i18n } from "@lingui/core";
import { beforeAll, expect, it } from "vitest";
import { messages } from "./en.po";
import { fieldsWorded } from "./worded";

beforeAll(() => i18n.loadAndActivate({ locale: "en", messages }));

it("fields stand in a sentence by their words, and names as they are", () => {
  const said = { template: "takes {fields} from {name}", arguments: { fields: "email, job_title, custom.shoe_size", name: "email" } };
  expect(fieldsWorded(said)).toBe("takes email, job title, shoe size from email");
});

it.each([["email, phone.first", "sends email"], ["email.first", "sends first email"], ["custom.first", "sends first"]])("of %s", (sent, text) => expect(fieldsWorded({ template: "sends {sent}", arguments: { sent } })).toBe(text));

it("an amount under such a name is no field", () => expect(fieldsWorded({ template: "{fields} fields", arguments: { fields: 3 } })).toBe("3 fields"));
