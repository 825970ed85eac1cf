import { askRevocationsOnce } from './ask-revocations-once.js';
import { countAfterHandler } from './count-after-handler.js';
import { leaveOutRevocation } from './leave-out-revocation.js';
import { type Plant, plant } from './plant.js';

/** By the name that the environment has for them. A further one is added here. */
const PLANTS: Record<string, Plant> = {
  'ask-revocations-once': askRevocationsOnce,
  'count-after-handler': countAfterHandler,
  'leave-out-revocation': leaveOutRevocation,
};

const { PLANT } = process.env;
const planted = PLANT ? PLANTS[PLANT] : undefined;
if (PLANT && !planted) throw new Error(`There is no plant ${PLANT}`);
if (planted) plant(planted);

export const plantedProviders = planted?.providers ?? [];
