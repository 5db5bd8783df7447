/** @jsxImportSource preact */
import { useState } from "preact/hooks";
import { actionsOf } from "./actions.ts";
import { elapsed, rand, timeOfDay } from "./format.ts";
import { CheckIcon, DocumentIcon, MailIcon, StopIcon } from "./icons.tsx";
import { type Chapter, journeyOf, type Opens, type Sighting, type Step } from "./journey.ts";
import { type Notice, NoticeLine, noticeOf } from "./notice.tsx";
import { StatusPill } from "./status-pill.tsx";

type Props = {
  sighting: Sighting;
  trouble: string | undefined;
  open: Opens | undefined;
  onOpen(opens: Opens): void;
  onChanged(): void;
  onRedrive(queue: string, messageIds: readonly string[]): Promise<string>;
};

/** A step that takes this long is being tried again. */
const SLOW_MS = 5_000;
/** What was first seen later than this was not watched: its time would say nothing. */
const WATCHED_MS = 600_000;

/** One order: who and what, what can be done with it, and its journey step by step. */
export function JourneyView({ sighting, trouble, open, onOpen, onChanged, onRedrive }: Props) {
  const [notice, setNotice] = useState<Notice>();
  const [busy, setBusy] = useState<string>();
  const { placed, order } = sighting;
  const chapters = journeyOf(sighting);

  const run = async (key: string, work: () => Promise<string>) => {
    setBusy(key);
    setNotice(undefined);
    try {
      setNotice({ kind: "good", text: await work() });
    } catch (error) {
      setNotice(noticeOf(error));
    }
    setBusy(undefined);
    onChanged();
  };

  return (
    <section class="card journey" aria-labelledby="journey-title">
      <header class="journey-head">
        <div>
          <p class="overline">{placed.buyer.tenantId ? "Customer order" : "Guest order"}</p>
          <h2 id="journey-title" tabIndex={-1}>
            {order?.orderNumber ?? "Being recorded"}
          </h2>
          <p class="journey-who">
            {placed.what} for {placed.buyer.name}
          </p>
        </div>
        <div class="journey-sum">
          <StatusPill status={order?.status ?? "ACCEPTED"} />
          <p class="amount">{rand(placed.total)}</p>
        </div>
      </header>
      <div class="actions">
        {actionsOf(sighting).map(({ key, label, by, main, run: work }) => (
          <button
            key={key}
            type="button"
            class={`button ${main ? "button-main" : ""}`}
            disabled={busy !== undefined}
            title={`as ${by}`}
            onClick={() => void run(key, work)}
          >
            {busy === key ? "Working …" : label}
          </button>
        ))}
      </div>
      <NoticeLine notice={notice} />
      {trouble && <p class="notice notice-bad">The service does not answer as it should: {trouble}. Looking again.</p>}
      <ol class="chapters">
        {chapters.map((chapter) => (
          <li key={chapter.key} class="chapter">
            <h3>
              {chapter.title} <span class="chapter-at">{[chapter.by, timeOfDay(chapter.startedAt)].filter(Boolean).join(", ")}</span>
            </h3>
            {chapter.note && <p class="chapter-note">“{chapter.note}”</p>}
            <ol class="steps">
              {chapter.steps.map((step) => (
                <StepRow
                  key={step.key}
                  {...{ step, chapter, open, onOpen }}
                  seenAt={placed.seen[step.key]}
                  redriving={busy === step.key}
                  onRedrive={(queue, messageIds) => void run(step.key, () => onRedrive(queue, messageIds))}
                />
              ))}
            </ol>
          </li>
        ))}
      </ol>
    </section>
  );
}

const stateWords = { done: "done", running: "under way", waiting: "to come", stopped: "stopped" } as const;

function StepRow(props: {
  step: Step;
  chapter: Chapter;
  seenAt: number | undefined;
  open: Opens | undefined;
  onOpen(opens: Opens): void;
  redriving: boolean;
  onRedrive(queue: string, messageIds: readonly string[]): void;
}) {
  const { step, chapter, open } = props;
  const took = (step.at ?? props.seenAt ?? Number.NaN) - chapter.startedAt;
  const slow = step.state === "running" && Date.now() - chapter.startedAt > SLOW_MS;
  return (
    <li class={`step step-${step.state}`}>
      <span class="step-sign">
        {step.state === "done" && <CheckIcon />}
        {step.state === "stopped" && <StopIcon />}
      </span>
      <span class="step-text">
        <span class="step-label">
          {step.label}
          <span class="visually-hidden">, {stateWords[step.state]}</span>
        </span>
        {step.detail && <span class="step-detail">{step.detail}</span>}
        {slow && <span class="step-detail">taking longer than usual: it is tried again, with growing pauses</span>}
        {step.state === "stopped" && <span class="step-detail step-reason">{step.reason}</span>}
      </span>
      {step.opens && (
        <button
          type="button"
          class="button button-small"
          aria-pressed={sameOpens(step.opens, open)}
          aria-label={`${wordOf(step.opens)}: ${step.label}`}
          onClick={() => props.onOpen(step.opens!)}
        >
          {step.opens.kind === "document" ? <DocumentIcon /> : <MailIcon />}
          {wordOf(step.opens)}
        </button>
      )}
      {step.letters && step.queue && (
        <button
          type="button"
          class="button button-small"
          aria-label={`Redrive: ${step.label}`}
          disabled={props.redriving}
          onClick={() => props.onRedrive(step.queue!, step.letters!)}
        >
          {props.redriving ? "Redriving …" : "Redrive"}
        </button>
      )}
      <span class="step-time">{step.state === "done" && took >= 0 && took < WATCHED_MS ? elapsed(took) : ""}</span>
    </li>
  );
}

const wordOf = (opens: Opens) => (opens.kind === "document" ? "PDF" : "Mail");

export function sameOpens(a: Opens | undefined, b: Opens | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** What the middle of the page shows before there is an order. */
export function EmptyJourney() {
  return (
    <section class="card journey journey-empty" aria-labelledby="journey-title">
      <h2 id="journey-title" tabIndex={-1}>
        Nothing on its way
      </h2>
      <p>
        Place an order and follow it: the checkout is answered in milliseconds, a queue hands it to the function that records and numbers
        it, the table’s own stream tells the others, and they make the PDF and send the mails.
      </p>
      <ol class="steps">
        {["Accepted", "Recorded and numbered", "Order document", "Confirmation to the customer", "Notice to support and sales"].map(
          (label) => (
            <li key={label} class="step step-waiting">
              <span class="step-sign" />
              <span class="step-text">
                <span class="step-label">{label}</span>
              </span>
            </li>
          ),
        )}
      </ol>
    </section>
  );
}
