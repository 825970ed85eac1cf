/**
 * Lets the subjects take turns, so that a machine that becomes slower or faster does so for all. Who comes
 * first changes with every round.
 */
export async function alternate<Subject extends string, Result>(
  subjects: readonly Subject[],
  rounds: number,
  run: (subject: Subject, round: number) => Promise<Result>,
): Promise<Map<Subject, Result[]>> {
  const results = new Map<Subject, Result[]>(subjects.map((subject) => [subject, []]));
  for (let round = 0; round < rounds; round++) {
    const first = round % subjects.length;
    for (const subject of [...subjects.slice(first), ...subjects.slice(0, first)]) {
      results.get(subject)?.push(await run(subject, round));
    }
  }
  return results;
}

/** Part of a run that is enough to tell the speed, and for V8 to have compiled what is hot. */
const CALIBRATION_SHARE = 1;

/**
 * How much of something takes about that long. To find out is also the warm-up.
 *
 * @param run does that much, and says how many seconds it took
 */
export async function calibrate(
  seconds: number,
  atLeast: number,
  run: (amount: number) => Promise<number>,
): Promise<number> {
  for (let amount = atLeast; ; amount *= 4) {
    const taken = await run(amount);
    if (taken >= seconds * CALIBRATION_SHARE)
      return Math.max(atLeast, Math.round((amount / taken) * seconds));
  }
}
