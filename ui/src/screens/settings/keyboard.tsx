import { i18n } from "@lingui/core";
import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { RotateCcw } from "lucide-react";
import { useState } from "react";
import { useAction, useCommand } from "../../api/cache";
import { sentence } from "../../api/host";
import { bind, type Bindings, type Command, COMMANDS, type CommandId, keysOf, pressed, useBindings } from "../../commands";
import { Kbd } from "../../components/kbd";
import { useToast } from "../../components/toast";

/** Every command with its keys; a key that another one has is told before it is taken. */
export function KeyboardKeys() {
  const bindings = useBindings();
  const set = useAction("setting_set");
  const toast = useToast();
  const [asking, setAsking] = useState<CommandId | null>(null);
  const [typed, setTyped] = useState("");
  const kept = useCommand("setting_get", { key: "keys" });
  /** Keys hold at once, and those that could not be kept not any more. */
  const save = (value: Bindings) => {
    bind(value);
    set.mutate({ key: "keys", value }, { onError: (error) => { bind(kept.data?.value); toast(sentence(error)); } });
  };
  const taken = typed ? COMMANDS.find((one) => one.id !== asking && keysOf(one.id) === typed) : undefined;
  const loser = taken && i18n._(taken.title);
  const take = (id: CommandId) => {
    save({ ...bindings, [id]: typed, ...(taken && { [taken.id]: "" }) });
    setAsking(null);
    setTyped("");
  };
  return (
    <section className="card">
      <header><h3><Trans>Keyboard</Trans></h3><span className="mut"><Trans>A letter alone works when no field is typed in</Trans></span>
        <button type="button" className="btn sm gh end" disabled={Object.keys(bindings).length === 0} onClick={() => save({})}><RotateCcw /> <Trans>All as at first</Trans></button></header>
      <table className="tbl">
        <thead><tr><th><Trans>Command</Trans></th><th><Trans context="keyboard">Keys</Trans></th><th><span className="visually-hidden"><Trans>Change</Trans></span></th></tr></thead>
        <tbody>
          {COMMANDS.map((one: Command) => {
            const id = one.id as CommandId;
            const title = i18n._(one.title);
            return (
              <tr key={id}>
                <td>{title}</td>
                <td>
                  {asking === id ? (
                    <span className="row g6">
                      <span className="inp"><input autoFocus readOnly aria-label={t`New keys for ${title}`} value={typed} placeholder={t`Press the keys`}
                        onKeyDown={(event) => {
                          if (event.key === "Tab") return;
                          event.preventDefault();
                          event.stopPropagation();
                          if (event.key === "Escape") return setAsking(null);
                          if (event.key === "Enter" && typed) return take(id);
                          if (!["Control", "Shift", "Alt", "Meta", "Enter"].includes(event.key)) setTyped(pressed(event.nativeEvent));
                        }} /></span>
                      {loser && <span className="warn t12"><Trans>{loser} loses it</Trans></span>}
                      <button type="button" className="btn sm" disabled={!typed} onClick={() => take(id)}><Trans>Keep</Trans></button>
                    </span>
                  ) : (
                    <span className="row g4"><Kbd of={id} />{!keysOf(id) && <span className="fnt"><Trans context="keyboard">none</Trans></span>}</span>
                  )}
                </td>
                <td className="r"><button type="button" className="btn sm gh" aria-label={t`Change the keys of ${title}`} onClick={() => { setTyped(""); setAsking(asking === id ? null : id); }}>{asking === id ? t`Cancel` : t`Change`}</button></td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
