import { type LinkName, MailingTemplate, type RenderedMailing } from '../mailings/mailing-template.js';

const mailAbout = (subject: string, link: string, name: LinkName): MailingTemplate =>
  new MailingTemplate(`# ${subject}

Hello {{name}},

the link in an earlier mail of ours had expired. Here is the new one that was asked for:

[${link}](link:${name})

It was not you who asked? Then somebody else has our earlier mail. You need not do anything.
`);

const MAILS: Record<LinkName, MailingTemplate> = {
  rsvp: mailAbout('Your new link to our invitation', "Yes, I'll come", 'rsvp'),
  preferences: mailAbout('Your new link to your preferences', 'Change your preferences', 'preferences'),
  unsubscribe: mailAbout('Your new link to unsubscribe', 'Unsubscribe', 'unsubscribe'),
};

/** The mail that brings a new link. It has no other. */
export function renderFreshLinkMail(link: LinkName, url: string, name: string): RenderedMailing {
  return MAILS[link].render({ name, links: { rsvp: url, preferences: url, unsubscribe: url } });
}
