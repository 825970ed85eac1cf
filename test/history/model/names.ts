import type { Call } from './history.js';

/** Of a call, for people: what was asked, and what was answered. */
export const nameOf = (call: Call): string => `${call.id} ${asked(call)} -> ${answered(call)}`;

function asked(call: Call): string {
  switch (call.kind) {
    case 'visit':
      return `${call.name}, told to ${call.told}`;
    case 'look':
      return 'GET confirm';
    case 'redeem':
      return `redeem, to ${call.told}`;
    case 'revoke':
      return `revoke by ${call.by}`;
    case 'change':
      return `change to ${JSON.stringify(call.to)}`;
    case 'inspect':
      return 'inspect';
  }
}

function answered({ answer }: Call): string {
  if (answer === undefined) return 'no answer';
  if (typeof answer !== 'object') return String(answer);
  if ('status' in answer) return [answer.status, answer.code].filter(Boolean).join(' ');
  return JSON.stringify(answer);
}
