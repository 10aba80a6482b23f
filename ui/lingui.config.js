import { defineConfig } from "@lingui/cli";
import { formatter } from "@lingui/format-po";

/** Every sentence of the window stands in these catalogues, one a language. */
export default defineConfig({
  sourceLocale: "en",
  locales: ["en", "es"],
  catalogs: [{ path: "src/text/{locale}", include: ["src"], exclude: ["**/*.test.tsx", "src/text/trans.tsx"] }],
  format: formatter({ origins: false }),
  orderBy: "message",
  // What people type stands in sentences: ours takes it as it is.
  runtimeConfigModule: { Trans: ["/src/text/trans", "Trans"] },
});
