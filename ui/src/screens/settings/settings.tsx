import { i18n } from "@lingui/core";
import { msg, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Archive, BookLock, Info, Keyboard, KeyRound, Rows3, SlidersHorizontal, Sun, Tag } from "lucide-react";
import { useState } from "react";
import type { SessionView } from "../../api/generated/commands";
import type { useTheme } from "../../theme";
import { About } from "./about";
import { Appearance } from "./appearance";
import { Backups } from "./backups";
import { Fields } from "./fields";
import { General } from "./general";
import { KeyboardKeys } from "./keyboard";
import { Permissions } from "./permissions";
import { Protection } from "./protection";
import { Tags } from "./tags";
import "./settings.css";

export interface SettingsProps {
  session: SessionView;
  theme: ReturnType<typeof useTheme>;
  onLock(): void;
  /** A recovery code was made: it is shown until somebody says that they saved it. */
  onCode(code: string): void;
}

const PAGES = [
  { id: "general", label: msg`General`, icon: SlidersHorizontal, page: General },
  { id: "appearance", label: msg`Appearance`, icon: Sun, page: Appearance },
  { id: "keyboard", label: msg`Keyboard`, icon: Keyboard, page: KeyboardKeys },
  { id: "fields", label: msg`Fields`, icon: Rows3, page: Fields },
  { id: "tags", label: msg`Tags`, icon: Tag, page: Tags },
  { id: "permissions", label: msg`Permissions`, icon: BookLock, page: Permissions },
  { id: "protection", label: msg`Protection and keys`, icon: KeyRound, page: Protection },
  { id: "backups", label: msg`Backup and restore`, icon: Archive, page: Backups },
  { id: "about", label: msg`Diagnostics and about`, icon: Info, page: About },
] as const;

/** Settings of the workspace, a page for each subject. */
export function Settings(props: SettingsProps) {
  const [at, setAt] = useState<(typeof PAGES)[number]["id"]>("general");
  const current = PAGES.find(({ id }) => id === at) ?? PAGES[0];
  const Page = current.page;
  return (
    <div className="split">
      <nav className="setnav" aria-label={t`Settings`}>
        <div className="head"><h1><Trans>Settings</Trans></h1></div>
        <div className="nav">
          {PAGES.map(({ id, label, icon: Icon }) => (
            <button key={id} type="button" className={at === id ? "on" : ""} aria-current={at === id ? "page" : undefined} onClick={() => setAt(id)}><Icon /> <span className="ell">{i18n._(label)}</span></button>
          ))}
        </div>
        <p className="mut t12"><Trans>Kept in this workspace, except theme and language</Trans></p>
      </nav>
      <main className="main">
        <div className="head"><h2 className="title">{i18n._(current.label)}</h2></div>
        <div className="scroll page"><Page {...props} /></div>
      </main>
    </div>
  );
}
