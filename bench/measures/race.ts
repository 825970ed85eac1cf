import { Connections } from '../load.js';
import { PARAMETER, REDEEM_PATH, TOKEN_SUBJECTS, UNDECORATED_PATH } from '../subjects/subject.js';
import type { Measure } from './measure.js';
import type { Races } from './results.js';

const REQUESTS = 64;
const PROCESSES = 2;

/** Many requests for one use at the same time, over several processes. */
export const race: Measure = async ({ workbench, scale, say }) => {
  const races: Races[] = [];
  for (const subject of TOKEN_SUBJECTS) {
    const servers = await Promise.all(
      Array.from({ length: PROCESSES }, () => workbench.startServer(subject)),
    );
    const origins = servers.map(({ origin }) => origin);
    const connections = await Connections.open(origins, REQUESTS, UNDECORATED_PATH);
    const accepted: number[] = [];
    for (const token of await servers[0].run('tokens', scale.races)) {
      const answers = await connections.race(`${REDEEM_PATH}?${PARAMETER}=${token}`);
      const odd = answers.find(({ status }) => status !== 200 && status !== 403);
      if (odd) throw new Error(`${subject} answered a race with ${odd.status}: ${odd.text}`);
      accepted.push(answers.filter(({ status }) => status === 200).length);
    }
    await connections.close();
    say(`race: ${subject} accepted ${accepted.join(', ')} of ${REQUESTS}`);
    races.push({ subject, accepted });
  }
  return { races };
};
