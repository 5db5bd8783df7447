/** @jsxImportSource preact */
import { useState } from "preact/hooks";
import { plural } from "./format.ts";
import { type Notice, NoticeLine, noticeOf } from "./notice.tsx";
import { type Letter, local } from "./service.ts";
import type { Room } from "./watch.ts";

type Props = {
  room: Room | undefined;
  onRedrive(queue: string, messageIds?: readonly string[]): Promise<string>;
  onChanged(): Promise<void>;
};

/** What happens behind the counter: queues with their dead letters, and the levers that break things. */
export function MachineRoom({ room, onRedrive, onChanged }: Props) {
  return (
    <div class="room">
      <QueueTable room={room} onRedrive={onRedrive} />
      <FaultPanel room={room} onChanged={onChanged} />
    </div>
  );
}

const queueWork: Record<string, string> = {
  OrderCreationQueue: "records and numbers orders",
  InvoiceQueue: "makes the PDFs",
  InternalNotificationQueue: "mails support and sales",
  CustomerNotificationQueue: "mails the customers",
  OrderChangesDLQ: "what the table’s stream could not pass on",
};

function QueueTable({ room, onRedrive }: Pick<Props, "room" | "onRedrive">) {
  const [notice, setNotice] = useState<Notice>();
  const rows = Object.entries(room?.queues ?? {});
  const redrive = async (queue: string, messageIds?: readonly string[]) => {
    setNotice(undefined);
    try {
      setNotice({ kind: "good", text: await onRedrive(queue, messageIds) });
    } catch (error) {
      setNotice(noticeOf(error));
    }
  };
  return (
    <section class="card" aria-labelledby="queues-title">
      <h2 id="queues-title">Queues</h2>
      {!room && <p class="quiet">The stack does not answer.</p>}
      <table class="queues">
        <thead>
          <tr>
            <th scope="col">Queue</th>
            <th scope="col">Waiting</th>
            <th scope="col">In flight</th>
            <th scope="col">Dead letters</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, { depth, inFlight, dlqDepth }]) => (
            <tr key={name}>
              <th scope="row">
                <span class="queue-name">{breakable(name)}</span>
                <span class="queue-work">{queueWork[name]}</span>
              </th>
              <td data-label="Waiting">
                <Count value={depth} />
              </td>
              <td data-label="In flight">
                <Count value={inFlight} />
              </td>
              <td data-label="Dead letters">
                <Count value={dlqDepth} bad />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.map(([name]) => {
        const letters = room?.letters[name] ?? [];
        return letters.length > 0 && <Letters key={name} {...{ name, letters }} onRedrive={redrive} />;
      })}
      <NoticeLine notice={notice} />
    </section>
  );
}

/** A long name may break between its words. */
const breakable = (name: string) =>
  name.split(/(?<=[a-z])(?=[A-Z])/).flatMap((word, index) => (index === 0 ? [word] : [<wbr key={word} />, word]));

const Count = ({ value, bad = false }: { value: number; bad?: boolean }) => (
  <span class={`count ${value === 0 ? "count-none" : ""} ${bad && value > 0 ? "count-bad" : ""}`}>{value}</span>
);

const SHOWN_LETTERS = 5;

type LettersProps = {
  name: string;
  letters: readonly Letter[];
  onRedrive(queue: string, messageIds?: readonly string[]): Promise<void>;
};

function Letters({ name, letters, onRedrive }: LettersProps) {
  const [busy, setBusy] = useState(false);
  const redrive = async (messageIds?: readonly string[]) => {
    setBusy(true);
    await onRedrive(name, messageIds);
    setBusy(false);
  };
  /** A change of the table's stream has no queue to go back to. */
  const redrivable = name !== "OrderChangesDLQ";
  return (
    <div class="letters">
      <div class="letters-head">
        <h3>
          {plural(letters.length, "dead letter")} of {name}
        </h3>
        {redrivable && (
          <button type="button" class="button button-small" disabled={busy} onClick={() => void redrive()}>
            {busy ? "Redriving …" : "Redrive all"}
          </button>
        )}
      </div>
      <ul>
        {letters.slice(0, SHOWN_LETTERS).map((letter) => (
          <li key={letter.messageId}>
            <code>{aboutOf(letter)}</code>
            <span>
              {letter.attributes.errorReason ?? "failed too often"}, {plural(letter.receives, "receive")}
            </span>
            {redrivable && (
              <button
                type="button"
                class="button button-small"
                aria-label={`Redrive ${aboutOf(letter)}`}
                disabled={busy}
                onClick={() => void redrive([letter.messageId])}
              >
                Redrive
              </button>
            )}
          </li>
        ))}
      </ul>
      {letters.length > SHOWN_LETTERS && <p class="quiet">and {letters.length - SHOWN_LETTERS} more</p>}
    </div>
  );
}

/** Type and order of an event in a letter. */
function aboutOf({ body }: Letter): string {
  try {
    const { type, orderId, order } = JSON.parse(body) as { type?: string; orderId?: string; order?: { id?: string } };
    return `${type ?? "message"} ${(orderId ?? order?.id ?? "").slice(-12)}`;
  } catch {
    return "not JSON";
  }
}

const targets = [
  { target: "sqs", name: "Queues", effect: "no order can be accepted (503), no event passed on" },
  { target: "dynamodb", name: "Table", effect: "nothing is recorded or read; this page’s own looks count too" },
  { target: "s3", name: "Documents", effect: "PDFs are made but cannot be kept; mails use their built-in templates" },
  { target: "ses", name: "Mail", effect: "mails are not taken and sent later, once" },
  { target: "catalogue", name: "Catalogue", effect: "orders cannot be priced (503)" },
] as const;

type Target = (typeof targets)[number]["target"];

const doses = [1, 3, 20, 1_000_000];
const MANY = 1_000_000;

function FaultPanel({ room, onChanged }: Pick<Props, "room" | "onChanged">) {
  const [notice, setNotice] = useState<Notice>();
  /** What was just asked for; the box shows it at once, the queues a moment later. */
  const [asked, setAsked] = useState<boolean>();
  const impatient = asked ?? Object.values(room?.patience ?? {}).some((receives) => receives === 1);
  const act = async (work: () => Promise<unknown>, done: Notice) => {
    try {
      await work();
      setNotice(done);
    } catch (error) {
      setNotice(noticeOf(error));
    }
    await onChanged();
  };
  const setImpatient = async (wish: boolean) => {
    setAsked(wish);
    await act(
      () => local.setPatience(wish ? 1 : undefined),
      wish
        ? { kind: "warning", text: "A message that fails once becomes a dead letter." }
        : { kind: "good", text: "Messages are tried as often as deployed." },
    );
    setAsked(undefined);
  };
  const breakCalls = (target: Target, name: string, dose: number) =>
    act(() => local.fail(target, dose), { kind: "warning", text: `${name}: ${leftText(dose)}.` });
  const heal = (target: Target, name: string) => act(() => local.fail(target, 0), { kind: "good", text: `${name}: healed.` });
  return (
    <section class="card" aria-labelledby="faults-title">
      <h2 id="faults-title">Break something</h2>
      <p class="quiet">Lets the functions’ next calls fail, then watch the order heal by itself.</p>
      <ul class="faults">
        {targets.map(({ target, name, effect }) => {
          const left = room?.faults[target] ?? 0;
          return (
            <li key={target} class={left > 0 ? "fault fault-on" : "fault"}>
              <span class="fault-text">
                <span class="fault-name">{name}</span>
                <span class="fault-effect">{left > 0 ? `broken: ${leftText(left)}` : effect}</span>
              </span>
              {left > 0 ? (
                <button type="button" class="button button-small" onClick={() => void heal(target, name)}>
                  Heal {name.toLowerCase()}
                </button>
              ) : (
                <DoseMenu name={name} onBreak={(dose) => void breakCalls(target, name, dose)} />
              )}
            </li>
          );
        })}
      </ul>
      <label class="switch">
        <input type="checkbox" checked={impatient} onChange={(event) => void setImpatient(event.currentTarget.checked)} />
        <span class="switch-text">
          <span class="fault-name">Give up after the first failure</span>
          <span class="fault-effect">else a message is tried for about a quarter of an hour before it becomes a dead letter</span>
        </span>
      </label>
      <NoticeLine notice={notice} />
    </section>
  );
}

const leftText = (left: number) => (left > MANY / 2 ? "every call fails until you heal it" : `the next ${plural(left, "call")} will fail`);

function DoseMenu({ name, onBreak }: { name: string; onBreak(dose: number): void }) {
  const [dose, setDose] = useState(3);
  return (
    <span class="dose">
      <select aria-label={`${name}: calls to fail`} value={dose} onChange={(event) => setDose(Number(event.currentTarget.value))}>
        {doses.map((each) => (
          <option key={each} value={each}>
            {each === MANY ? "every call" : plural(each, "call")}
          </option>
        ))}
      </select>
      <button type="button" class="button button-small" aria-label={`Break ${name.toLowerCase()}`} onClick={() => onBreak(dose)}>
        Break
      </button>
    </span>
  );
}
