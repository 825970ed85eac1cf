import { MailingTemplate, type RenderedMailing } from '../mailings/mailing-template.js';

/** How long the link can be used. */
export const SIGN_IN_MINUTES = 10;

const MAIL = new MailingTemplate(
  `# Your link to sign in

Hello {{name}},

here is the link to sign in that was asked for. It works once, and expires in ${SIGN_IN_MINUTES} minutes:

[Sign in](link:signIn)

It was not you who asked? Then ignore this mail: without the link nobody can sign in as you.
`,
  ['signIn'],
);

export function renderSignInMail(name: string, url: string): RenderedMailing {
  return MAIL.render({ name, links: { signIn: url } });
}
