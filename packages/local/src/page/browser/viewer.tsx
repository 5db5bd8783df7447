/** @jsxImportSource preact */
import { useState } from "preact/hooks";
import type { Opens, Sighting } from "./journey.ts";
import { documentTitles } from "./journey.ts";
import { MailView } from "./mail-view.tsx";
import { PdfView } from "./pdf-view.tsx";
import { fetchDocument } from "./service.ts";

/** The pane that shows a document or a mail of the selected order. */
export function Viewer({ sighting, opens }: { sighting: Sighting | undefined; opens: Opens | undefined }) {
  return (
    <section class="viewer" aria-labelledby="viewer-title">
      <h2 id="viewer-title" class="visually-hidden">
        Documents and mails
      </h2>
      {sighting && opens ? <Opened sighting={sighting} opens={opens} /> : <p class="viewer-empty">Documents and mails open here.</p>}
    </section>
  );
}

function Opened({ sighting, opens }: { sighting: Sighting; opens: Opens }) {
  const { orderId } = sighting.placed;
  if (opens.kind === "document") {
    const issued = sighting.order?.documents.find(({ type }) => type === opens.documentType);
    return (
      <PdfView
        key={`${orderId} ${opens.documentType}`}
        title={documentTitles[opens.documentType]}
        fileName={`${issued?.number ?? opens.documentType}.pdf`}
        load={async () => (await fetchDocument(orderId, opens.documentType)).bytes}
      />
    );
  }
  const found = sighting.mails.find(({ kind, orderVersion }) => kind === opens.mailKind && orderVersion === opens.orderVersion);
  return found?.mail ? <Mail key={`${orderId} ${found.kind} ${found.orderVersion}`} mail={found.mail} /> : null;
}

/** A mail, or the attachment somebody opened in it. */
function Mail({ mail }: { mail: NonNullable<Sighting["mails"][number]["mail"]> }) {
  const [attachment, setAttachment] = useState<(typeof mail.attachments)[number]>();
  if (!attachment) return <MailView mail={mail} onAttachment={setAttachment} />;
  return (
    <PdfView
      title="Attachment"
      fileName={attachment.filename}
      load={async () => Uint8Array.from(atob(attachment.contentBase64), (char) => char.charCodeAt(0))}
      onClose={() => setAttachment(undefined)}
    />
  );
}
