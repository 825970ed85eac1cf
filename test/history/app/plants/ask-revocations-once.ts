import type { Plant } from './plant.js';

const IS_NOT_STOPPED = /AND (COALESCE\([^]*?\) IS NULL)\s*(?=ORDER BY asked)/;

/** The revocations of tokens without a row are asked when the row is written, and then no more. */
export const askRevocationsOnce: Plant = {
  send: (statement, send) =>
    send({
      ...statement,
      text: statement.text.replace(
        IS_NOT_STOPPED,
        'AND (EXISTS (SELECT FROM request_token AS known WHERE known.id = asked."id") OR $1) ',
      ),
    }),
};
