import { createTransport, type SentMessageInfo, type Transporter } from 'nodemailer';

/** Signs both header fields of one-click unsubscription: nodemailer's own list of what it signs lacks the second. */
export const signingTransport = (options: object, privateKey: string): Transporter<SentMessageInfo> =>
  createTransport({
    ...options,
    dkim: {
      domainName: 'example.com',
      keySelector: 'mail',
      privateKey,
      headerFieldNames:
        'from:to:subject:date:message-id:mime-version:content-type:list-unsubscribe:list-unsubscribe-post',
    },
  });
