import "@fontsource-variable/inter";
import "./styles/tokens.css";
import "./styles/base.css";
import "./components/components.css";
import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode, useSyncExternalStore } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { host, queries } from "./api/cache";
import { ToastProvider } from "./components/toast";
import { language, speak } from "./text/language";

/** Another language draws the whole page anew: words stand in code that no state knows of. */
function Spoken() {
  const locale = useSyncExternalStore((changed) => i18n.on("change", changed), () => i18n.locale);
  return (
    <I18nProvider key={locale} i18n={i18n}>
      <ToastProvider onUnseen={tellDesktop}>
        <App />
      </ToastProvider>
    </I18nProvider>
  );
}

/** A job that ends while its person works elsewhere is told by the desktop. */
const tellDesktop = (text: string) => void host.call("desktop_tell", { text });

const root = document.getElementById("root");
if (root)
  void speak(language()).then(() =>
    createRoot(root).render(
      <StrictMode>
        <QueryClientProvider client={queries}>
          <Spoken />
        </QueryClientProvider>
      </StrictMode>,
    ),
  );
