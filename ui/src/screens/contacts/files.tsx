import { Download, ExternalLink, FilePlus2, FolderMinus, FolderPlus, Trash2 } from "lucide-react";
import { useCallback, useEffect, useState } from "react";
import { host, useAction, useCommand } from "../../api/cache";
import { takeDrops } from "../../api/drops";
import type { Commands, FileView, SpaceView } from "../../api/generated/commands";
import { sentence } from "../../api/host";
import { Dialog } from "../../components/dialog";
import { useToast } from "../../components/toast";
import { bytes, count, moment } from "../../text/en";
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
      const { onSuccess, onError } = say(files.length === 1 ? "File kept" : `${count(files.length, "file", "files")} kept`);
      // What became of it is said also when the card is closed by then.
      add.mutateAsync({ space, files }).then(onSuccess, onError);
    },
    // `say` is made anew each time and does the same.
    [add.mutateAsync],
  );
  useEffect(
    () => takeDrops("Drop the files to keep them on this card", (files) => {
      if (isBusy) return toast("The files before are still being kept");
      if (first) return void put(first, files);
      create.mutate({ contact, name: "Files" }, { onSuccess: ({ id }) => put(id, files), onError: (error) => toast(sentence(error)) });
    }),
    [contact, create.mutate, first, isBusy, put, toast],
  );
  const others = (all.data?.spaces ?? []).filter(([id]) => !spaces.some((space) => space.id === id));
  return (
    <>
      <form className="writer" onSubmit={(event) => { event.preventDefault(); if (name.trim()) create.mutate({ contact, name }, say("Space made", () => setName(""))); }}>
        <div className="row g8">
          <span className="inp sp"><input aria-label="Name of a new space" placeholder="Name of a new space, as in Contracts" value={name} onChange={(event) => setName(event.target.value)} /></span>
          <button type="submit" className="btn sm" disabled={!name.trim()}><FolderPlus /> Add space</button>
        </div>
        <div className="row g8">
          {others.length > 0 && (
            <select className="addfield" aria-label="Put a space of another card here" value="" onChange={(event) => event.target.value && place.mutate({ space: event.target.value, contact }, say("Space put on this card"))}>
              <option value="">Put a space of another card here</option>
              {others.map(([id, label]) => <option key={id} value={id}>{label}</option>)}
            </select>
          )}
          <span className="sp" />
          {isBusy && <span className="t12" role="status">Keeping files …</span>}
          {all.data && <span className="t12 mut nw">{bytes(all.data.taken)} of {bytes(all.data.quota)} taken</span>}
        </div>
      </form>
      {spaces.map((space) => <Space key={space.id} contact={contact} space={space} undoing={undoing} isBusy={isBusy} onAdd={(files) => put(space.id, files)} />)}
      {spaces.length === 0 && <p className="pad mut">No files yet. Drop some here, or make a space. They are kept encrypted in this workspace.</p>}
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
        {space.cards > 1 && <span className="bdg inf">on {space.cards} cards</span>}
        <span className="sp" />
        <button type="button" className="btn sm" disabled={isBusy} onClick={() => void host.chooseFiles().then(onAdd)}><FilePlus2 /> Add files</button>
        <Tool name={`Take ${space.name} off this card`} icon={<FolderMinus />} onClick={() => displace.mutate({ space: space.id, contact }, say(space.cards > 1 ? "Space taken off this card" : "Space deleted with its files"))} />
      </div>
      <ul className="plist2">
        {space.files.map((file) => (
          <li key={file.id} className="file">
            <div className="sp">
              <p className="ell"><bdi>{file.name}</bdi>{file.isProgram && <> <span className="bdg warn">may run</span></>}</p>
              <p className="t12 mut">{bytes(file.bytes)}, {file.author}, <bdi>{moment(new Date(file.createdAt))}</bdi></p>
            </div>
            <Tool name={`Open ${file.name}`} icon={<ExternalLink />} onClick={() => (file.isProgram ? setAsking(file) : show({ id: file.id, evenAProgram: false }))} />
            <Tool name={`Save ${file.name}`} icon={<Download />} onClick={() => void host.chooseTarget(file.name).then((target) => target && save.mutate({ id: file.id, target }, { onSuccess: () => toast(`${file.name} saved`), ...fail }))} />
            <Tool name={`Delete ${file.name}`} icon={<Trash2 />} onClick={() => remove.mutate({ id: file.id }, say("File deleted"))} />
          </li>
        ))}
      </ul>
      {space.files.length === 0 && <p className="pad mut">Empty.</p>}
      {asking && (
        <Dialog title="This file may run" onClose={() => setAsking(null)} onSubmit={() => { show({ id: asking.id, evenAProgram: true }); setAsking(null); }}
          buttons={<><button type="button" className="btn" onClick={() => setAsking(null)}>Do not open</button><button type="submit" className="btn dgr">Open it anyway</button></>}>
          <p>Opening <b><bdi>{asking.name}</bdi></b> may start a program. Open it only when you know who made it.</p>
        </Dialog>
      )}
    </section>
  );
}
