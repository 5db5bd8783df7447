/** @jsxImportSource preact */
import { useRef, useState } from "preact/hooks";
import type { LocalMail } from "../../console/mails.ts";
import { DocumentIcon } from "./icons.tsx";

/** A mail as its reader gets it. Its frame runs no script; links open in a tab of their own. */
export function MailView({ mail, onAttachment }: { mail: LocalMail; onAttachment(attachment: LocalMail["attachments"][number]): void }) {
  const [asText, setAsText] = useState(false);
  return (
    <article class="paper">
      <header class="paper-head">
        <h3>{mail.subject}</h3>
        <dl class="mail-facts">
          <dt>From</dt>
          <dd>{mail.from}</dd>
          <dt>To</dt>
          <dd>{mail.to.join(", ")}</dd>
        </dl>
        <div class="paper-tools">
          {mail.attachments.map((attachment) => (
            <button key={attachment.filename} type="button" class="button button-small" onClick={() => onAttachment(attachment)}>
              <DocumentIcon />
              {attachment.filename}
            </button>
          ))}
          <button type="button" class="button button-small" aria-pressed={asText} onClick={() => setAsText(!asText)}>
            Plain text
          </button>
        </div>
      </header>
      {asText ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        <pre class="mail-text" tabIndex={0}>
          {mail.text}
        </pre>
      ) : (
        <MailFrame html={mail.html} subject={mail.subject} />
      )}
    </article>
  );
}

function MailFrame({ html, subject }: { html: string; subject: string }) {
  const frame = useRef<HTMLIFrameElement>(null);
  /** The frame is as high as its mail: one scroll bar is enough. */
  const fit = () => {
    const content = frame.current?.contentDocument?.documentElement;
    if (frame.current && content) frame.current.style.height = `${content.scrollHeight}px`;
  };
  return (
    <iframe
      ref={frame}
      class="mail-frame"
      title={`Mail: ${subject}`}
      // Same origin so that its height can be read; harmless, because no script runs in it.
      sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"
      srcdoc={html.replace(/<head>/i, '<head><base target="_blank">')}
      onLoad={fit}
    />
  );
}
