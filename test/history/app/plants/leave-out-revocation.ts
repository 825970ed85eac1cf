import { type Plant, takesUses } from './plant.js';

const IS_NOT_REVOKED = /(\w+\.)?"revoked_at" IS NULL/g;

/** Uses are taken without a look at `revoked_at`; whoever looks before still sees it. */
export const leaveOutRevocation: Plant = {
  send: (statement, send) =>
    send(
      takesUses(statement.text)
        ? { ...statement, text: statement.text.replace(IS_NOT_REVOKED, 'true') }
        : statement,
    ),
};
