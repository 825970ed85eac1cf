export interface SendOutcome {
  status: 'sent' | 'failed' | 'interrupted';
  reason?: string;
  /** The next mail would most likely fare no better. */
  serverUnusable?: boolean;
}

/** What nodemailer tells about an error. */
interface SmtpError extends Error {
  code?: string;
  /** The three digits of the server's answer. */
  responseCode?: number;
  syscall?: string;
  timeoutType?: string;
}

/** The server refused this one mail. */
const REFUSED = new Set(['EENVELOPE', 'EMESSAGE']);
/** It went wrong before the mail was spoken of. */
const BEFORE_THE_MAIL = new Set(['EDNS', 'ETLS', 'EAUTH', 'ENOAUTH', 'EOAUTH2', 'EPROXY', 'ECONFIG']);
/** Nodemailer could not even begin to send it, over several connections. */
const NEVER_BEGUN = /^Reached maximum number of retries/;
const TIMEOUTS_BEFORE_THE_MAIL = new Set(['CONNECT_TIMEOUT', 'GREETING_TIMEOUT', 'UPGRADE_TIMEOUT']);

/**
 * Whether a mail that could not be sent has certainly not arrived. A connection that is lost in the middle
 * says nothing: the server may have taken the mail, and only its answer was lost.
 */
export function outcomeOf(error: unknown): SendOutcome {
  const { code = '', message, responseCode, syscall, timeoutType = '' } = error as SmtpError;
  if (REFUSED.has(code)) return { status: 'failed', reason: message };
  const certain =
    responseCode !== undefined ||
    syscall === 'connect' ||
    BEFORE_THE_MAIL.has(code) ||
    TIMEOUTS_BEFORE_THE_MAIL.has(timeoutType) ||
    NEVER_BEGUN.test(message);
  return {
    status: certain ? 'failed' : 'interrupted',
    reason: message,
    serverUnusable: true,
  };
}
