import { i18n } from "@lingui/core";
import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Download, ExternalLink, FilePlus2, FolderMinus, FolderPlus, Trash2 } from "lucide-react";
import { useCallback, useEffect, useState } from "react";
import { host, useAction, useCommand } from "../../api/cache";
import { takeDrops } from "../../api/drops";
import type { Commands, FileView, SpaceView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Dialog } from "../../components/dialog";
import { useToast } from "../../components/toast";
import { bytes, moment, n } from "../../text/words";
import { Tool, type Undoing, useSaying } from "../../components/tool";

interface Props { contact: string; spaces: SpaceView[]; undoing: Undoing }

/** Files of a card in their spaces. Dropped files go into the first one. */
export function Files({ contact, spaces, undoing }: Props) {
  const all = useCommand("space_list", {});
  const create = useAction("space_create");
  const place = useAction("space_place");
  const add = useAction("file_add");
  const say = useSaying(undoing);
  const toast = useToast();
  const [name, setName] = useState("");
  const first = spaces[0]?.id;
  const isBusy = add.isPending || create.isPending;
  const put = useCallback(
    (space: string, files: string[]) => {
      if (files.length === 0) return;
      add.mutate({ space, files }, say(files.length === 1 ? t`File kept` : plural(files.length, { one: `${n(files.length)} file kept`, other: `${n(files.length)} files kept` })));
    },
    // `say` is made anew each time and does the same.
    [add.mutate],
  );
  useEffect(
    () => takeDrops(t`Drop the files to keep them on this card`, (files) => {
      if (isBusy) return toast(t`The files before are still being kept`);
      if (first) return void put(first, files);
      create.mutate({ contact, name: t`Files` }, { onSuccess: ({ id }) => put(id, files), onError: (error) => toast(sentence(error)) });
    }),
    [contact, create.mutate, first, i18n.locale, isBusy, put, toast],
  );
  const [taken, quota] = [bytes(all.data?.taken ?? 0), bytes(all.data?.quota ?? 0)];
  const others = (all.data?.spaces ?? []).filter(([id]) => !spaces.some((space) => space.id === id));
  return (
    <>
      <form className="writer" onSubmit={(event) => { event.preventDefault(); if (name.trim()) create.mutate({ contact, name }, say(t`Space made`, () => setName(""))); }}>
        <div className="row g8">
          <span className="inp sp"><input aria-label={t`Name of a new space`} placeholder={t`Name of a new space, as in Contracts`} value={name} onChange={(event) => setName(event.target.value)} /></span>
          <button type="submit" className="btn sm" disabled={!name.trim()}><FolderPlus /> <Trans>Add space</Trans></button>
        </div>
        <div className="row g8">
          {others.length > 0 && (
            <select className="addfield" aria-label={t`Put a space of another card here`} value="" onChange={(event) => event.target.value && place.mutate({ space: event.target.value, contact }, say(t`Space put on this card`))}>
              <option value="">{t`Put a space of another card here`}</option>
              {others.map(([id, label]) => <option key={id} value={id}>{label}</option>)}
            </select>
          )}
          <span className="sp" />
          {isBusy && <span className="t12" role="status"><Trans>Keeping files …</Trans></span>}
          {all.data && <span className="t12 mut nw"><Trans>{taken} of {quota} taken</Trans></span>}
        </div>
      </form>
      {spaces.map((space) => <Space key={space.id} contact={contact} space={space} undoing={undoing} isBusy={isBusy} onAdd={(files) => put(space.id, files)} />)}
      {spaces.length === 0 && <p className="pad mut"><Trans>No files yet. Drop some here, or make a space. They are kept encrypted in this workspace.</Trans></p>}
    </>
  );
}

function Space({ contact, space, undoing, isBusy, onAdd }: { contact: string; space: SpaceView; undoing: Undoing; isBusy: boolean; onAdd(files: string[]): void }) {
  const displace = useAction("space_displace");
  const remove = useAction("part_remove");
  const open = useAction("file_open");
  const save = useAction("file_save");
  const say = useSaying(undoing);
  const toast = useToast();
  const [asking, setAsking] = useState<FileView | null>(null);
  const fail = { onError: (error: unknown) => toast(sentence(error)) };
  const show = (request: Commands["file_open"]["request"]) => open.mutate(request, fail);
  return (
    <section className="space" aria-label={space.name}>
      <div className="row g8 spacehead">
        <h3 className="ell"><bdi>{space.name}</bdi></h3>
        {space.cards > 1 && <span className="bdg inf">{plural(space.cards, { one: `on ${n(space.cards)} card`, other: `on ${n(space.cards)} cards` })}</span>}
        <span className="sp" />
        <button type="button" className="btn sm" disabled={isBusy} onClick={() => void host.chooseFiles().then(onAdd)}><FilePlus2 /> <Trans>Add files</Trans></button>
        <Tool name={t`Take ${space.name} off this card`} icon={<FolderMinus />} onClick={() => displace.mutate({ space: space.id, contact }, say(space.cards > 1 ? t`Space taken off this card` : t`Space deleted with its files`))} />
      </div>
      <ul className="plist2">
        {space.files.map((file) => {
          const { name } = file;
          return (
            <li key={file.id} className="file">
              <div className="sp">
                <p className="ell"><bdi>{name}</bdi>{file.isProgram && <> <span className="bdg warn"><Trans>may run</Trans></span></>}</p>
                <p className="t12 mut">{bytes(file.bytes)}, {file.author}, <bdi>{moment(new Date(file.createdAt))}</bdi></p>
              </div>
              <Tool name={t`Open ${name}`} icon={<ExternalLink />} onClick={() => (file.isProgram ? setAsking(file) : show({ id: file.id, evenAProgram: false }))} />
              <Tool name={t`Save ${name}`} icon={<Download />} onClick={() => void host.chooseTarget(name).then((target) => target && save.mutate({ id: file.id, target }, { onSuccess: () => toast(t`${name} saved`), ...fail }))} />
              <Tool name={t`Delete ${name}`} icon={<Trash2 />} onClick={() => remove.mutate({ id: file.id }, say(t`File deleted`))} />
            </li>
          );
        })}
      </ul>
      {space.files.length === 0 && <p className="pad mut"><Trans>Empty.</Trans></p>}
      {asking && (
        <Dialog title={t`This file may run`} onClose={() => setAsking(null)} onSubmit={() => { show({ id: asking.id, evenAProgram: true }); setAsking(null); }}
          buttons={<><button type="button" className="btn" onClick={() => setAsking(null)}><Trans>Do not open</Trans></button><button type="submit" className="btn dgr"><Trans>Open it anyway</Trans></button></>}>
          <p><Trans>Opening <b><bdi>{asking.name}</bdi></b> may start a program. Open it only when you know who made it.</Trans></p>
        </Dialog>
      )}
    </section>
  );
}
