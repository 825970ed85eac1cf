import type { EntityManager } from 'typeorm';

const READ_COMMITTED = ['read committed', 'read uncommitted'];

/**
 * Whether a statement in this transaction sees what others have committed by then. At a higher isolation level it sees
 * the database as it was when the transaction began.
 */
export async function seesWhatIsCommitted(manager: EntityManager): Promise<boolean> {
  const [{ level }] = await manager.query<{ level: string }[]>(
    `SELECT current_setting('transaction_isolation') AS level`,
  );
  return READ_COMMITTED.includes(level);
}
