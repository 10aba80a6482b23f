import { transformAsync } from "@babel/core";
import { lingui } from "@lingui/vite-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** Turns the macros of sentences into calls, before anything else reads the file. */
const macros: Plugin = {
  name: "lingui-macros",
  enforce: "pre",
  async transform(code, id) {
    if (!/\.tsx?$/.test(id) || !code.includes("/macro")) return null;
    const made = await transformAsync(code, {
      filename: id,
      babelrc: false,
      configFile: false,
      sourceMaps: true,
      parserOpts: { plugins: ["typescript", "jsx"] },
      plugins: ["@lingui/babel-plugin-lingui-macro"],
    });
    return made?.code ? { code: made.code, map: made.map } : null;
  },
};

export default defineConfig({
  plugins: [macros, react(), lingui()],
  build: { target: "safari18", assetsInlineLimit: 0 },
});
