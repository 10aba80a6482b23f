import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Plug, Search, TriangleAlert } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useAction } from "../../api/cache";
import type { KindView, PlaceView } from "../../api/generated/commands";
import { Dialog } from "../../components/dialog";
import { Failure } from "../../components/failure";
import { useToast } from "../../components/toast";
import { n } from "../../text/words";
import { named } from "../../text/worded";
import { ConnectForm, OWN } from "./connect-form";
import { hostOf, isOpen } from "./flow";

const EXAMPLE = "https://dav.example/";

interface Props {
  kinds: KindView[];
  onClose(): void;
  /** It is kept, under this id. Nothing was synced. */
  onConnected(id: string): void;
}

/** Where, who, with what; then which of the address books there, and under which name. */
export function Connect({ kinds, onClose, onConnected }: Props) {
  const [account, setAccount] = useState({ kind: kinds[0]?.kind ?? "", url: "", user: "", password: "" });
  const [places, setPlaces] = useState<PlaceView[] | null>(null);
  const [at, setAt] = useState(0);
  const [typed, setTyped] = useState<string | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const toast = useToast();
  const look = useAction("remote_places");
  const add = useAction("remote_add");
  const books = useRef<HTMLDivElement>(null);
  const place = places?.[at];
  const name = typed ?? (place ? place.name || hostOf(account.url) : "");
  const isBusy = look.isPending || add.isPending;
  // The keyboard goes on where the choice is.
  useEffect(() => books.current?.querySelector<HTMLInputElement>("input:checked")?.focus(), [places]);
  const fill = (change: Partial<typeof account>) => {
    setAccount({ ...account, ...change });
    setPlaces(null);
    setFailure(null);
  };
  const find = () => {
    if (!account.url.trim() || isBusy) return;
    setFailure(null);
    look.mutate(account, { onSuccess: ({ places }) => { setPlaces(places); setAt(0); }, onError: setFailure });
  };
  const connect = () => {
    if (!place || !name.trim() || isBusy) return;
    setFailure(null);
    add.mutate({ ...account, name: name.trim(), place: place.url }, { onSuccess: () => toast(t`${{ name: name.trim() }} is connected. Nothing was synced yet.`), onError: setFailure, ifShown: ({ id }) => onConnected(id) });
  };
  const line = (key: "url" | "user" | "password", label: string, type: "text" | "password", example = "") => (
    <label className="col"><span className="lab">{label}</span>
      <span className="inp"><input type={type} autoComplete={type === "password" ? "new-password" : "off"} spellCheck={false} aria-label={label} placeholder={example} readOnly={isBusy} value={account[key]} onChange={(event) => fill({ [key]: event.target.value })} /></span></label>
  );
  const choice = (
    <label className="col conkind"><span className="lab"><Trans>Kind</Trans></span>
      <select className="fsel" value={account.kind} onChange={(event) => fill({ kind: event.target.value })}>{kinds.map(({ kind, label }) => <option key={kind} value={kind}>{named(label)}</option>)}<option value={OWN}>{t`A manifest of your own`}</option></select></label>
  );
  const described = kinds.find(({ kind, setup }) => kind === account.kind && setup.form.length > 0);
  if (described || account.kind === OWN)
    return <ConnectForm key={account.kind} kind={account.kind} label={described?.label ?? ""} setup={described?.setup ?? null} choice={choice} onClose={onClose} onConnected={onConnected} />;
  return (
    <Dialog title={t`Connect`} width={480} onClose={onClose} onSubmit={places?.length ? connect : find}
      buttons={<>
        <button type="button" className="btn" onClick={onClose}><Trans>Cancel</Trans></button>
        {places?.length
          ? <button type="submit" className="btn pri" disabled={!name.trim() || isBusy}><Plug /> {add.isPending ? t`Connecting` : t`Connect`} <span className="kbd">Enter</span></button>
          : <button type="submit" className="btn pri" disabled={!account.url.trim() || isBusy}><Search /> {look.isPending ? t`Looking` : t`Look`} <span className="kbd">Enter</span></button>}
      </>}>
      {choice}
      {line("url", t`Address of the server`, "text", EXAMPLE)}
      {isOpen(account.url) && <p className="note warn t12"><TriangleAlert /><span><Trans>This address is not encrypted: a password sent there can be read on the way.</Trans></span></p>}
      <div className="contwo">{line("user", t`User`, "text")}{line("password", t`Password`, "password")}</div>
      {places === null && <p className="t12 mut"><Trans>Looking asks the server which address books there are, and nothing else. The password is kept encrypted in this workspace.</Trans></p>}
      {places?.length === 0 && <p className="note warn" role="alert"><TriangleAlert /><span><Trans>The server answers, and has no address book for this user. Nothing was kept.</Trans></span></p>}
      {places && places.length > 0 && (
        <>
          <div className="col">
            <span className="lab" id="books-title">{plural(places.length, { one: `${n(places.length)} address book was found`, other: `${n(places.length)} address books were found` })}</span>
            <div ref={books} className="conbooks" role="radiogroup" aria-labelledby="books-title">
              {places.map((one, number) => (
                <label key={one.url} className={`conbook ${number === at ? "on" : ""}`}>
                  <input type="radio" name="place" className="visually-hidden" checked={number === at} onChange={() => setAt(number)} />
                  <span className={`check rad ${number === at ? "on" : ""}`} aria-hidden />
                  <span className="col sp"><b className="w5 ell"><bdi>{one.name || one.url}</bdi></b><span className="t12 mut mono ell ltr">{one.url}</span></span>
                </label>
              ))}
            </div>
          </div>
          <label className="col"><span className="lab"><Trans>Name of the connection</Trans></span><span className="inp"><input aria-label={t`Name of the connection`} value={name} readOnly={isBusy} onChange={(event) => setTyped(event.target.value)} /></span></label>
          <p className="t12 mut"><Trans>Nothing is written on either side. What you have is compared first, and you approve what may leave.</Trans></p>
        </>
      )}
      {failure !== null && <Failure error={failure} />}
    </Dialog>
  );
}
