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
import { followLostFocus } from "./components/lost-focus";
import { ToastProvider } from "./components/toast";
import { language, speak } from "./text/language";

/** Another language draws everything again where it stands: no component is memoised, and what keeps words depends on it. */
function Spoken() {
  useSyncExternalStore((changed) => i18n.on("change", changed), () => i18n.locale);
  return (
    <I18nProvider i18n={i18n}>
      <ToastProvider onUnseen={tellDesktop}>
        <App />
      </ToastProvider>
    </I18nProvider>
  );
}

/** A job that ends while its person works elsewhere is told by the desktop. */
const tellDesktop = (text: string) => void host.call("desktop_tell", { text }).catch(() => {});

followLostFocus();
const root = document.getElementById("root");
if (root)
  // What happens from the first page on is heard.
  void Promise.all([speak(language()), host.listening]).then(() =>
    createRoot(root).render(
      <StrictMode>
        <QueryClientProvider client={queries}>
          <Spoken />
        </QueryClientProvider>
      </StrictMode>,
    ),
  );
