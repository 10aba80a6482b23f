import { i18n } from "@lingui/core";
import { Trans } from "@lingui/react/macro";
import { I18nProvider } from "@lingui/react";
import { renderToStaticMarkup } from "react-dom/server";
import { beforeAll, expect, it } from "vitest";
import { messages } from "./en.po";

beforeAll(() => i18n.loadAndActivate({ locale: "en", messages }));

it.each(["Ann <b>x</b>", "<0>all of it</0>", "a <0/> b", "1 < 2", String.raw`C:\x41\u0041`, String.raw`C:\x41 <0/>`])("a name of signs stays whole in a sentence: %s", (name) => {
  const path = name;
  const shown = renderToStaticMarkup(<I18nProvider i18n={i18n}><Trans>The log of <b>exports</b> in {path}</Trans></I18nProvider>);
  expect(shown.replaceAll("&lt;", "<").replaceAll("&gt;", ">")).toBe(`The log of <b>exports</b> in ${name}`);
});
