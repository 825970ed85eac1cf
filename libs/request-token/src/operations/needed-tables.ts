import type { Type } from '@nestjs/common';
import type { MigrationInterface } from 'typeorm';
import { RequestToken } from '../entities/request-token.entity.js';
import { RequestTokenLog } from '../entities/request-token-log.entity.js';
import { RequestTokenRevocation } from '../entities/request-token-revocation.entity.js';
import { RequestTokenStatistic } from '../entities/request-token-statistic.entity.js';
import { AddOperations1795996800000 } from '../migrations/add-operations.migration.js';
import { CountRepeatedRefusals1795651200000 } from '../migrations/count-repeated-refusals.migration.js';
import { CreateRequestTokens1767225600000 } from '../migrations/create-request-tokens.migration.js';
import { CreateRevocations1795737600000 } from '../migrations/create-revocations.migration.js';

/** A table of this version, and what makes it. Columns are those of the entity. */
interface NeededTable {
  entity: Type<object>;
  /** The name of the migration that makes the table. */
  migration: string;
  /** The names of those that have added columns since, by property. */
  later: Map<string, string>;
}

type Migration = new () => MigrationInterface;

/** As TypeORM has it; that of the class may be gone in a bundle. */
const nameOf = (migration: Migration): string => new migration().name ?? migration.name;

const needed = <Entity extends object>(
  entity: Type<Entity>,
  migration: Migration,
  later: Partial<Record<keyof Entity & string, Migration>> = {},
): NeededTable => ({
  entity,
  migration: nameOf(migration),
  later: new Map(
    Object.entries<Migration | undefined>(later).flatMap(([property, each]) =>
      each ? [[property, nameOf(each)]] : [],
    ),
  ),
});

export const NEEDED_TABLES: NeededTable[] = [
  needed(RequestToken, CreateRequestTokens1767225600000, { deferredUntil: AddOperations1795996800000 }),
  needed(RequestTokenLog, CreateRequestTokens1767225600000, { repeats: CountRepeatedRefusals1795651200000 }),
  needed(RequestTokenRevocation, CreateRevocations1795737600000, {
    neededUntil: AddOperations1795996800000,
  }),
  needed(RequestTokenStatistic, AddOperations1795996800000),
];
